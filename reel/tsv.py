"""Clip lists as tab-separated text: the form in which clips come in and go out.

    start_time  rating  tags  clip_name  clip_duration  notes

Written: UTF-8, one line feed a row, start_time as M:SS.mmm, clip_duration in seconds, tags joined by commas. Read: the
columns in any order, found by their names; a byte order mark, any line ends, blank lines; UTF-16 with its mark, which
is what a spreadsheet calls Unicode text. Times and durations are M:SS, H:MM:SS or seconds, each with a fraction or
without. A rating is 1 to 5, its symbol or its name. A cell in double quotes is read as in CSV, within its line. Only
start_time and clip_duration are required; the end of a row may be left out where nothing required stands there.

There are no escapes: tabs and line breaks inside a name, a tag or notes are spaces, when read and when written.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeVar
from unicodedata import category

from reel.annotation import (
    DEFAULT_RATING,
    LONGEST_S,
    MOST_NAME,
    MOST_NOTES,
    MOST_TAG,
    MOST_TAGS,
    RATINGS,
    SHORTEST_S,
    Clip,
)
from reel.errors import BadField, Json, TsvDamaged
from reel.timing import Span, half_up, seconds

COLUMNS: Final = ("start_time", "rating", "tags", "clip_name", "clip_duration", "notes")
REQUIRED: Final = ("start_time", "clip_duration")

MOST_BYTES: Final = 4 * 2**20  # 2,000 rows of the longest notes in four-byte script
MOST_ROWS: Final = 2_000
MOST_LINE: Final = 10_000  # characters
LATEST_S: Final = 24 * 3600

_TIME: Final = re.compile(
    r"(?:(?:(?P<hours>[0-9]{1,2}):)?(?P<minutes>[0-9]{1,4}):(?=[0-9]{2}(?:\.|$)))?"
    r"(?P<seconds>[0-9]{1,9}(?:\.[0-9]{1,9})?)"
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TsvRow:
    """One clip of a list: seconds from the source's first shown frame, and what is said about it."""

    start_s: Fraction
    duration_s: Fraction
    rating: int = DEFAULT_RATING
    tags: tuple[str, ...] = ()
    name: str = ""
    notes: str = ""


def read_tsv_bytes(data: bytes) -> tuple[TsvRow, ...]:
    """Read a clip list from the bytes of a file. Raises TsvDamaged as read_tsv does, also for what is no text."""
    if len(data) > MOST_BYTES:
        raise _damaged([_Fault(1, None, f"the file is larger than {MOST_BYTES // 2**20} MB: this is no clip list")])
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return read_tsv(data.decode(encoding))
    except UnicodeDecodeError as error:
        line = 1 + len(re.findall(rb"\r\n|\n|\r", data[: error.start]))
        raise _damaged([_Fault(line, None, "the file is not text in UTF-8")]) from None


def read_tsv(text: str) -> tuple[TsvRow, ...]:
    """Read a clip list, in its own order.

    Raises TsvDamaged with every fault in `details.lines`, a list of {line, column, message}; `column` is null where the
    line as a whole is at fault. Rows below a header that cannot be relied on are not looked at.
    """
    every_line = enumerate(re.split(r"\r\n|\n|\r", text.removeprefix("\ufeff")), start=1)
    lines = [(number, line) for number, line in every_line if line.strip()]
    if not lines:
        raise _damaged([_Fault(1, None, "the file is empty")])
    columns = _columns(*lines[0])
    faults: list[_Fault] = []
    rows = [_row(number, line, columns, faults) for number, line in lines[1 : MOST_ROWS + 1]]
    if len(lines) > MOST_ROWS + 1:
        faults.append(_Fault(lines[MOST_ROWS + 1][0], None, f"there are more than {MOST_ROWS:,} clips"))
    if faults:
        raise _damaged(faults)
    return tuple(rows)


def read_time(text: str, field: str) -> Fraction:
    """Read one time, as a list has them, into seconds. Raises BadField."""
    try:
        return _start(text.strip() or " ")
    except _BadCell as bad:
        raise BadField(field, str(bad)) from None


def write_tsv(rows: Iterable[TsvRow]) -> str:
    """Write a clip list: times to the nearest millisecond, white space as the top of this file says."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        tags, name, notes = (_one_line(text) for text in (",".join(row.tags), row.name, row.notes))
        writer.writerow((_time_text(row.start_s), row.rating, tags, name, _seconds_text(row.duration_s), notes))
    return text.getvalue()


def row_of(clip: Clip, source: Span) -> TsvRow:
    """Return the row for a clip of `source`.

    Its duration is within what a list can say: a tick too short or too long is not told, and the whole of a source
    below 1 s is written as 1 s, which `annotation.span_at` understands.
    """
    return TsvRow(
        start_s=seconds(clip.span.in_pts - source.in_pts, clip.time_base),
        duration_s=min(max(seconds(clip.span.duration_pts, clip.time_base), SHORTEST_S), LONGEST_S),
        rating=clip.rating,
        tags=clip.tags,
        name=clip.name,
        notes=clip.notes,
    )


@dataclass(frozen=True, slots=True)
class _Fault:
    line: int
    column: str | None
    message: str

    def __str__(self) -> str:
        return f"line {self.line}{f', {self.column}' if self.column else ''}: {self.message}"


class _BadCell(Exception):
    """What is wrong with a cell or a line; it never leaves this file."""


def _damaged(faults: Sequence[_Fault]) -> TsvDamaged:
    told = [str(fault) for fault in faults[:3]]
    if len(faults) > len(told):
        told.append(f"and {len(faults) - len(told)} more")
    lines: list[Json] = [{"line": fault.line, "column": fault.column, "message": fault.message} for fault in faults]
    count = "a fault" if len(faults) == 1 else f"{len(faults)} faults"
    return TsvDamaged(f"The clip list has {count}: {'; '.join(told)}.", lines=lines)


# Reading a line


def _columns(number: int, line: str) -> list[str]:
    """Return the columns that the header names."""
    try:
        names = [cell.casefold() for cell in _cells(line, MOST_LINE)]
    except _BadCell as error:
        raise _damaged([_Fault(number, None, str(error))]) from None
    if not set(names) & set(COLUMNS):
        mark = next((mark for mark in ";,|" if f"start_time{mark}" in line.casefold()), None)
        told = f"the columns are separated by {mark} and not by tabs" if mark else "the header is missing"
        raise _damaged([_Fault(number, None, f"{told}; the first line names the columns: {' '.join(COLUMNS)}")])
    faults = [
        *(_Fault(number, None, f"{_quoted(name)} is not a known column") for name in names if name not in COLUMNS),
        *(_Fault(number, name, "this column is there twice") for name in COLUMNS if names.count(name) > 1),
        *(_Fault(number, name, "this column is missing") for name in REQUIRED if name not in names),
    ]
    if faults:
        raise _damaged(faults)
    return names


def _row(number: int, line: str, columns: Sequence[str], faults: list[_Fault]) -> TsvRow:
    """Read one row; what is wrong goes to `faults`, with a placeholder in its place."""
    try:
        cells = _cells(line, len(columns))
    except _BadCell as error:
        faults.append(_Fault(number, None, str(error)))
        return TsvRow(Fraction(0), SHORTEST_S)
    row = _Row(number, dict(zip(columns, cells, strict=False)), faults)
    return TsvRow(
        start_s=row.read("start_time", _start, Fraction(0)),
        duration_s=row.read("clip_duration", _duration, SHORTEST_S),
        rating=row.read("rating", _rating, DEFAULT_RATING),
        tags=row.read("tags", _tags, ()),
        name=row.read("clip_name", _name, ""),
        notes=row.read("notes", _notes, ""),
    )


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    cells: Mapping[str, str]
    faults: list[_Fault]

    def read(self, column: str, read: Callable[[str], T], default: T) -> T:
        """Read one cell; `default` is for an empty one that may be, and for a faulty one."""
        cell = self.cells.get(column, "")
        if not cell and column in REQUIRED:
            self.faults.append(_Fault(self.number, column, "this is missing"))
        try:
            return read(cell) if cell else default
        except _BadCell as error:
            self.faults.append(_Fault(self.number, column, str(error)))
            return default


def _cells(line: str, most: int) -> list[str]:
    if len(line) > MOST_LINE:
        raise _BadCell(f"the line is longer than {MOST_LINE:,} characters")
    if any(character != "\t" and category(character) in {"Cc", "Cs"} for character in line):
        raise _BadCell("there are control characters: this is not text")
    try:
        (cells,) = csv.reader([line], delimiter="\t", strict=True)
    except csv.Error:
        raise _BadCell('a cell that begins with " has to end with " on the same line') from None
    if len(cells) > most:
        raise _BadCell(f"there are {len(cells)} cells; there are {most} columns")
    return [_one_line(cell) for cell in cells]


# Reading a cell


def _start(cell: str) -> Fraction:
    start_s = _time(cell)
    if start_s > LATEST_S:
        raise _BadCell(f"{_quoted(cell)} is later than 24 hours")
    return start_s


def _duration(cell: str) -> Fraction:
    duration_s = _time(cell)
    if not SHORTEST_S <= duration_s <= LONGEST_S:
        raise _BadCell(f"a clip lasts {SHORTEST_S} to {LONGEST_S} seconds, this one {_quoted(cell)}")
    return duration_s


def _time(cell: str) -> Fraction:
    if cell[0] in "-−" and _TIME.fullmatch(cell[1:]):
        raise _BadCell(f"{_quoted(cell)} is negative")
    match = _TIME.fullmatch(cell)
    if not match:
        raise _BadCell(f"{_quoted(cell)} is not a time; times are like 1:23, 1:23.500, 1:02:03 or 83.5")
    hours, minutes, second = match["hours"], match["minutes"], Fraction(match["seconds"])
    if minutes and second >= 60:
        raise _BadCell(f"{_quoted(cell)} has more than 59 seconds in a minute")
    if hours and int(minutes) >= 60:
        raise _BadCell(f"{_quoted(cell)} has more than 59 minutes in an hour")
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + second


def _rating(cell: str) -> int:
    for rating in RATINGS.values():
        if cell.casefold() in (str(rating.value), rating.symbol, rating.name.casefold()):
            return rating.value
    raise _BadCell(f"{_quoted(cell)} is not a rating; ratings are 1 to 5")


def _tags(cell: str) -> tuple[str, ...]:
    tags = tuple(dict.fromkeys(tag.strip() for tag in cell.split(",") if tag.strip()))
    if len(tags) > MOST_TAGS:
        raise _BadCell(f"there are {len(tags)} tags; {MOST_TAGS} are allowed")
    return tuple(_at_most(MOST_TAG, tag) for tag in tags)


def _name(cell: str) -> str:
    return _at_most(MOST_NAME, cell)


def _notes(cell: str) -> str:
    return _at_most(MOST_NOTES, cell)


def _at_most(most: int, text: str) -> str:
    if len(text) > most:
        raise _BadCell(f"{_quoted(text)} has {len(text)} characters; {most} are allowed")
    return text


def _quoted(text: str) -> str:
    return f'"{text}"' if len(text) <= 40 else f'"{text[:39]}…"'


# Writing


def _time_text(at_s: Fraction) -> str:
    minutes, milliseconds = divmod(half_up(at_s * 1000), 60_000)
    return f"{minutes}:{milliseconds // 1000:02}.{milliseconds % 1000:03}"


def _seconds_text(duration_s: Fraction) -> str:
    milliseconds = half_up(duration_s * 1000)
    return f"{milliseconds // 1000}.{milliseconds % 1000:03}".rstrip("0").rstrip(".")


def _one_line(text: str) -> str:
    return "".join(" " if category(character) in {"Cc", "Zl", "Zp"} else character for character in text).strip()
