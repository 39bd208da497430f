import csv
import io
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reel.annotation import MOST_NAME, MOST_NOTES, MOST_TAG, Clip, span_at
from reel.errors import TsvDamaged
from reel.timing import Span
from reel.tsv import COLUMNS, MOST_BYTES, MOST_LINE, MOST_ROWS, TsvRow, read_tsv, read_tsv_bytes, row_of, write_tsv
from tests.golden import write as golden

VECTORS = golden.read("tsv")
HEADER = "\t".join(COLUMNS)
GOOD = "0:03\t4\tGoal\tThe winner\t6\tLeft foot"

milliseconds = st.builds(Fraction, st.integers(0, 86_400_000), st.just(1000))
durations = st.builds(Fraction, st.integers(1_000, 60_000), st.just(1000))
one_line = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])).map(str.strip)
tags = one_line.map(lambda text: text.replace(",", "").strip()[:MOST_TAG].strip()).filter(bool)
rows = st.builds(
    TsvRow,
    milliseconds,
    durations,
    st.integers(1, 5),
    st.lists(tags, max_size=4, unique=True).map(tuple),
    one_line.map(lambda text: text[:MOST_NAME].strip()),
    one_line.map(lambda text: text[:MOST_NOTES].strip()),
)


def as_row(case: golden.Case) -> TsvRow:
    start_s, duration_s = Fraction(*case["start_s"]), Fraction(*case["duration_s"])
    return TsvRow(start_s, duration_s, case["rating"], tuple(case["tags"]), case["name"], case["notes"])


def faults_in(text: str) -> list[tuple[int, str | None, str]]:
    with pytest.raises(TsvDamaged) as raised:
        read_tsv(text)
    lines = raised.value.details["lines"]
    assert isinstance(lines, list)
    return [(line["line"], line["column"], line["message"]) for line in lines]  # type: ignore[index, call-overload]


@pytest.mark.parametrize("case", VECTORS["read_tsv"], ids=lambda case: case["name"])
def test_read_tsv_meets_its_vectors(case: golden.Case):
    assert read_tsv(case["inputs"]["text"]) == tuple(as_row(row) for row in case["expected"])


@pytest.mark.parametrize("case", VECTORS["write_tsv"], ids=lambda case: case["name"])
def test_write_tsv_meets_its_vectors(case: golden.Case):
    assert write_tsv(as_row(row) for row in case["inputs"]["rows"]) == case["expected"]


@given(st.lists(rows, max_size=5))
def test_what_is_written_is_read_again(listed: list[TsvRow]):
    assert read_tsv(write_tsv(listed)) == tuple(listed)


@given(st.lists(rows, max_size=5), st.permutations(COLUMNS), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_a_spreadsheet_may_write_it_its_own_way(listed: list[TsvRow], order: list[str], encoding: str):
    lines = csv.DictReader(io.StringIO(write_tsv(listed)), delimiter="\t")
    text = io.StringIO()
    writer = csv.DictWriter(text, order, delimiter="\t", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(lines)
    assert read_tsv_bytes(text.getvalue().encode(encoding)) == tuple(listed)


# Every kind of damage: what stands after the header, the line and the column that are blamed, a word of the message.
DAMAGED_ROWS = {
    "a time that is none": ("soon\t4\t\t\t6\t", 2, "start_time", "is not a time"),
    "a time with an exponent": ("1e3\t4\t\t\t6\t", 2, "start_time", "is not a time"),
    "a time with a decimal comma": ("0:03,5\t4\t\t\t6\t", 2, "start_time", "is not a time"),
    "a time that is not a number": ("NaN\t4\t\t\t6\t", 2, "start_time", "is not a time"),
    "an infinite time": ("inf\t4\t\t\t6\t", 2, "start_time", "is not a time"),
    "a time in other digits": ("٠:٠٣\t4\t\t\t6\t", 2, "start_time", "is not a time"),
    "a time with one digit of seconds": ("1:5\t4\t\t\t6\t", 2, "start_time", "is not a time"),
    "a negative time": ("-0:03\t4\t\t\t6\t", 2, "start_time", "is negative"),
    "a time with 60 seconds": ("1:60\t4\t\t\t6\t", 2, "start_time", "59 seconds"),
    "a time with 60 minutes beside hours": ("1:60:00\t4\t\t\t6\t", 2, "start_time", "59 minutes"),
    "a time beyond any game": ("86401\t4\t\t\t6\t", 2, "start_time", "24 hours"),
    "no time": ("\t4\t\t\t6\t", 2, "start_time", "is missing"),
    "rating 0": ("0:03\t0\t\t\t6\t", 2, "rating", "1 to 5"),
    "rating 6": ("0:03\t6\t\t\t6\t", 2, "rating", "1 to 5"),
    "a rating with a fraction": ("0:03\t4.0\t\t\t6\t", 2, "rating", "1 to 5"),
    "a rating in words of one's own": ("0:03\tgreat\t\t\t6\t", 2, "rating", "1 to 5"),
    "a duration of 0": ("0:03\t4\t\t\t0\t", 2, "clip_duration", "1 to 60"),
    "a duration below a second": ("0:03\t4\t\t\t0.999\t", 2, "clip_duration", "1 to 60"),
    "a duration above a minute": ("0:03\t4\t\t\t60.001\t", 2, "clip_duration", "1 to 60"),
    "a negative duration": ("0:03\t4\t\t\t-6\t", 2, "clip_duration", "is negative"),
    "a duration in words": ("0:03\t4\t\t\tlong\t", 2, "clip_duration", "is not a time"),
    "no duration": ("0:03\t4\t\t\t\t", 2, "clip_duration", "is missing"),
    "a row that ends before the duration": ("0:03\t4\tGoal", 2, "clip_duration", "is missing"),
    "too many cells": (f"{GOOD}\tmore", 2, None, "7 cells"),
    "notes that are too long": (f"0:03\t4\t\t\t6\t{'x' * 281}", 2, "notes", "280 are allowed"),
    "a name that is too long": (f"0:03\t4\t\t{'x' * 81}\t6\t", 2, "clip_name", "80 are allowed"),
    "a tag that is too long": (f"0:03\t4\t{'x' * 41}\t\t6\t", 2, "tags", "40 are allowed"),
    "too many tags": (f"0:03\t4\t{','.join(map(str, range(21)))}\t\t6\t", 2, "tags", "20 are allowed"),
    "a NUL": ("0:03\t4\t\ta\0b\t6\t", 2, None, "control characters"),
    "a control character": ("0:03\t4\t\ta\x1bb\t6\t", 2, None, "control characters"),
    "half a surrogate pair": ("0:03\t4\t\t\ud800\t6\t", 2, None, "control characters"),
    "an open quote": ('0:03\t4\t\t"The winner\t6\t', 2, None, "has to end with"),
    "text behind a quote": ('0:03\t4\t\t"The" winner\t6\t', 2, None, "has to end with"),
    "a huge line": ("x" * (MOST_LINE + 1), 2, None, "longer than 10,000"),
    "too many rows": ("\n".join([GOOD] * (MOST_ROWS + 1)), MOST_ROWS + 2, None, "more than 2,000"),
    "semicolons below a good header": ("0:03;4;Goal;The winner;6;", 2, "start_time", "is not a time"),
}

DAMAGED_FILES = {
    "an empty file": ("", 1, None, "is empty"),
    "blank lines": ("\ufeff\r\n \n\t\n", 1, None, "is empty"),
    "no header": (GOOD, 1, None, "header is missing"),
    "a file of semicolons": (f"{HEADER}\n{GOOD}".replace("\t", ";"), 1, None, "separated by ;"),
    "a file of commas": (f"{HEADER}\n{GOOD}".replace("\t", ","), 1, None, "separated by ,"),
    "a header in spaces": (f"{HEADER}\n{GOOD}".replace("\t", " "), 1, None, "header is missing"),
    "an unknown column": (f"{HEADER}\tplayer\n", 1, None, '"player" is not a known column'),
    "a column twice": (f"{HEADER}\tnotes\n", 1, "notes", "twice"),
    "no column for times": ("clip_duration\tnotes\n6\t\n", 1, "start_time", "is missing"),
    "no column for durations": ("start_time\tnotes\n0:03\t\n", 1, "clip_duration", "is missing"),
    "a mangled header": ('"start_time\tclip_duration\n', 1, None, "has to end with"),
    "a file that is one long line": ("start_time" * MOST_LINE, 1, None, "longer than"),
}


@pytest.mark.parametrize(("text", "line", "column", "message"), DAMAGED_FILES.values(), ids=DAMAGED_FILES)
def test_a_damaged_file_is_refused_with_its_fault(text: str, line: int, column: str | None, message: str):
    ((found_line, found_column, found_message),) = faults_in(text)
    assert (found_line, found_column) == (line, column)
    assert message in found_message


@pytest.mark.parametrize(("text", "line", "column", "message"), DAMAGED_ROWS.values(), ids=DAMAGED_ROWS)
def test_a_damaged_row_is_refused_with_its_fault(text: str, line: int, column: str | None, message: str):
    ((found_line, found_column, found_message),) = [
        fault for fault in faults_in(f"{HEADER}\n{text}\n") if fault[1] == column
    ]
    assert (found_line, found_column) == (line, column)
    assert message in found_message


DAMAGED_BYTES = {
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 1, "not text in UTF-8"),
    "a video": (b"\0\0\0\x18ftypisom\0\0\2\0", 1, "control characters"),
    "latin-1": (f"{HEADER}\r\n0:03\t4\t\tMüller\t6\t".encode("latin-1"), 2, "not text in UTF-8"),
    "half a UTF-16 file": (HEADER.encode("utf-16")[:-1], 1, "not text"),
    "a huge file": (b"x" * (MOST_BYTES + 1), 1, "larger than 4 MB"),
    "nothing": (b"", 1, "is empty"),
}


@pytest.mark.parametrize(("data", "line", "message"), DAMAGED_BYTES.values(), ids=DAMAGED_BYTES)
def test_bytes_that_are_no_clip_list_are_refused(data: bytes, line: int, message: str):
    with pytest.raises(TsvDamaged, match=f"line {line}: .*{message}"):
        read_tsv_bytes(data)


def test_every_fault_is_reported_and_the_message_tells_the_first():
    text = f"{HEADER}\n{GOOD}\nsoon\t9\t\t\t0\t\n\n{GOOD}\n-1\t4\t\t\t6\t\n"
    assert [fault[:2] for fault in faults_in(text)] == [
        (3, "start_time"),
        (3, "clip_duration"),
        (3, "rating"),
        (6, "start_time"),
    ]
    with pytest.raises(TsvDamaged) as raised:
        read_tsv(text)
    assert raised.value.message == (
        'The clip list has 4 faults: line 3, start_time: "soon" is not a time; times are like 1:23, 1:23.500, 1:02:03 '
        'or 83.5; line 3, clip_duration: a clip lasts 1 to 60 seconds, this one "0"; line 3, rating: "9" is not a '
        "rating; ratings are 1 to 5; and 1 more."
    )


@given(st.text().flatmap(lambda text: st.sampled_from([text, f"{HEADER}\n{text}"])))
def test_any_text_is_read_or_refused(text: str):
    with suppress(TsvDamaged):
        read_tsv(text)


@given(st.binary())
def test_any_bytes_are_read_or_refused(data: bytes):
    with suppress(TsvDamaged):
        read_tsv_bytes(data)


def test_as_many_rows_as_allowed():
    assert len(read_tsv("\n".join([HEADER, *[GOOD] * MOST_ROWS]))) == MOST_ROWS


@given(rows, st.sampled_from([Fraction(1, 90_000), Fraction(1, 12_800), Fraction(1, 1000), Fraction(1001, 30_000)]))
def test_a_clip_comes_back_from_its_row(row: TsvRow, time_base: Fraction):
    source = Span(500, 500 + int(90_000 / time_base))
    assume(row.start_s < 86_400)
    span = span_at(row.start_s, row.duration_s, source, time_base)
    clip = Clip("c", "s", time_base, span, row.rating, row.tags, row.name, row.notes)
    (again,) = read_tsv(write_tsv([row_of(clip, source)]))
    back = span_at(again.start_s, again.duration_s, source, time_base)
    rounding = int(Fraction(1, 1000) / time_base) + 1
    assert abs(back.in_pts - span.in_pts) <= rounding
    assert abs(back.out_pts - span.out_pts) <= rounding
    assert replace(again, start_s=row.start_s, duration_s=row.duration_s) == row


def test_the_whole_of_a_source_below_a_second_comes_back():
    source = Span(0, 400)
    clip = Clip("c", "s", Fraction(1, 1000), source)
    (row,) = read_tsv(write_tsv([row_of(clip, source)]))
    assert span_at(row.start_s, row.duration_s, source, clip.time_base) == source
