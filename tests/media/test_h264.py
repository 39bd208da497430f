"""H.264 read and rewritten: what x264 encoded under some parameter sets decodes to the same pictures under others."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from av.packet import Packet
from hypothesis import given
from hypothesis import strategies as some

from media.bits import BitReader, BitWriter, escaped, unescaped
from media.encode import VideoSink, add_h264, mp4_options
from media.h264 import (
    PICTURES,
    Language,
    NotPlain,
    idr_id,
    language,
    packed,
    parameter_sets,
    picture_set,
    picture_set_id,
    rewritten,
    sequence_set,
    unit_type,
    units,
)
from media.open import open_footage, open_output
from tests.media.footage import RATE, SIZE, numbered, planes
from tests.media.working import DECODERS, parameters, payloads, same, shown, shown_by_binary

numbers = some.integers(0, 2**20)


@given(some.lists(some.tuples(numbers, some.sampled_from(["bits", "ue", "se", "-se"]))))
def test_what_is_written_is_read_again(items: list[tuple[int, str]]):
    write = BitWriter()
    for number, kind in items:
        if kind == "bits":
            write.bits(number, 21)
        elif kind == "ue":
            write.ue(number)
        else:
            write.se(-number if kind == "-se" else number)
    write.flag(True)  # what closes every payload
    read = BitReader(write.payload())
    for number, kind in items:
        assert read.more()
        found = read.bits(21) if kind == "bits" else read.ue() if kind == "ue" else read.se()
        assert found == (-number if kind == "-se" else number)
    assert not read.more()
    assert read.rest() == (1, 1)


@given(some.lists(some.sampled_from([0, 1, 2, 3, 4, 255]), max_size=40).map(bytes))
def test_no_payload_looks_like_a_start_code(payload: bytes):
    found = escaped(payload)
    assert all(code not in found for code in (b"\0\0\0", b"\0\0\1", b"\0\0\2"))
    if not payload.endswith(b"\0"):  # each ends with a 1
        assert unescaped(found) == payload


def test_reading_past_the_end_is_told():
    for read in (BitReader(b""), BitReader(b"\0\0\0")):
        with pytest.raises(EOFError):
            read.ue()
    with pytest.raises(EOFError):
        BitReader(b"\xff").bits(9)


@given(some.binary(max_size=40))
def test_damaged_sets_are_told_and_nothing_else(body: bytes):
    for read in (sequence_set, picture_set):
        try:
            read(b"\x67" + body)
        except NotPlain:
            continue


@given(some.binary(max_size=40), some.integers(0, 60))
def test_damaged_configurations_are_told_and_nothing_else(body: bytes, length: int):
    for configuration in (body, (b"\x01\x64\x00\x1e\xff" + body)[:length]):
        try:
            assert all(parameter_sets(configuration))
        except NotPlain:
            continue


def test_damaged_packets_are_told():
    assert list(units(packed([b"\x65abc", b"\x41"]))) == [b"\x65abc", b"\x41"]
    for damaged in (b"\0\0\0\x05ab", b"\0\0\0\0", b"\0\0"):
        with pytest.raises(NotPlain):
            list(units(damaged))


def foreign(path: Path, x264: str, *options: str) -> Path:
    """Write 30 pictures as somebody else would."""
    return numbered(path, "-c:v", "libx264", "-threads", "1", *options, "-x264-params", x264, frames=30)


def language_of(path: Path) -> Language:
    return language(parameter_sets(parameters(path) or b""))


def test_sets_are_read(tmp_path: Path):
    x264 = "keyint=12:ref=4:bframes=3:chroma-qp-offset=5:constrained-intra=1:qp=31:sps-id=3:weightp=2:psy=0"
    found = language_of(foreign(tmp_path / "a.mp4", x264, "-preset", "medium"))
    sequence, picture = found.sequence, found.picture
    assert (sequence.id, sequence.order_type, sequence.references) == (3, 0, 4)
    assert (sequence.macroblocks, sequence.cropping) == ((6, 4), (0, 0, 0, 0))
    assert (picture.id, picture.sequence_id, picture.references) == (3, 3, 4)
    assert (picture.init_qp, picture.chroma_offset) == (31, 5)
    assert (picture.cabac, picture.transform_8x8, picture.weighted, picture.constrained_intra) == (True,) * 4
    assert (picture.deblocking_control, picture.order_present) == (True, False)


def test_the_picture_set_of_a_slice_is_told(tmp_path: Path):
    path = foreign(tmp_path / "a.mp4", "keyint=3:min-keyint=1:scenecut=0:bframes=0:sps-id=5")
    spoken = language_of(path)
    slices = [[unit for unit in units(body) if unit_type(unit) in PICTURES] for body in payloads(path)]
    assert {picture_set_id(unit) for each in slices for unit in each} == {5}
    ids = [idr_id(each[0], spoken.sequence) for each in slices[::3]]
    assert all(one != other for one, other in pairwise(ids))  # as 7.4.3 asks


NOT_PLAIN = {
    "interlaced": ("", "-flags", "+ilme+ildct"),
    "10 bit": ("", "-pix_fmt", "yuv420p10le"),
    "4:4:4": ("", "-pix_fmt", "yuv444p"),
    "4:2:2": ("", "-pix_fmt", "yuv422p"),
    "with scaling lists": ("cqm=jvt",),
    "lossless": ("qp=0",),
}


@pytest.mark.parametrize("options", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_what_is_not_plain_is_told(options: tuple[str, ...], tmp_path: Path):
    path = foreign(tmp_path / "a.mp4", options[0] or "keyint=12", *options[1:])
    with pytest.raises(NotPlain):
        language_of(path)


def test_the_sets_have_to_be_there_and_belong_together(tmp_path: Path):
    sets = parameter_sets(parameters(foreign(tmp_path / "a.mp4", "sps-id=0")) or b"")
    others = parameter_sets(parameters(foreign(tmp_path / "b.mp4", "sps-id=1")) or b"")
    for wrong in ([], sets[:1], sets[1:], [sets[0], others[1]], [*sets, *others]):
        with pytest.raises(NotPlain):
            language(wrong)
    with pytest.raises(NotPlain):
        language(sets, picture_id=1)


def ours(path: Path, x264: str) -> Path:
    """Write 20 pictures as the edge of a cut is encoded."""
    options = {"preset": "medium", "crf": "18", "x264-params": f"keyint=infinite:scenecut=0:bframes=0:weightp=0:{x264}"}
    with open_output(path, options=mp4_options(RATE)) as container:
        sink = VideoSink(container, add_h264(container, SIZE, RATE, 1 / RATE, options))
        for number in range(20):
            sink.write(planes(number))
        sink.finish()
    return path


def spoken_as(source: Path, like: Path, path: Path) -> Path:
    """Write the slices of `source` for the parameter sets of `like`, which the file then has."""
    written, wanted = language_of(source), language_of(like)
    with open_footage(like) as container, open_output(path, options=mp4_options(RATE)) as output:
        stream = output.add_stream_from_template(container.streams.video[0])
        for number, body in enumerate(payloads(source)):
            slices = [unit for unit in units(body) if unit_type(unit) in PICTURES]
            packet = Packet(packed(rewritten(unit, written, wanted, number, 9) for unit in slices))
            packet.stream, packet.time_base, packet.is_keyframe = stream, 1 / RATE, number == 0
            packet.pts = packet.dts = number
            output.mux(packet)
    return path


APART = "chroma-qp-offset=6:constrained-intra=1"
LANGUAGES = {
    "x264's own": ("keyint=12", "ref=3"),
    "three B-frames, a pyramid, weights": ("bframes=3:b-pyramid=normal:weightp=2:ref=4", "ref=3"),
    "no B-frames": ("bframes=0", "ref=3"),
    "CAVLC": ("cabac=0:bframes=0", "cabac=0:ref=3"),
    "CAVLC with B-frames and weights": ("cabac=0:bframes=2:weightp=2", "cabac=0:ref=3"),
    "no 8×8 transform": ("8x8dct=0", "8x8dct=0:ref=3"),
    "one reference": ("ref=1:bframes=0", "ref=1"),
    "other identities": ("sps-id=7:qp=40", "ref=2"),
    "chroma apart from luma": (
        "chroma-qp-offset=6:constrained-intra=1",
        "chroma-qp-offset=6:constrained-intra=1:ref=3",
    ),
}


@pytest.mark.parametrize(("theirs", "mine"), LANGUAGES.values(), ids=LANGUAGES)
@pytest.mark.parametrize("decoder", DECODERS)
def test_the_same_pictures_come_out_in_another_language(theirs: str, mine: str, decoder: str, tmp_path: Path):
    like = foreign(tmp_path / "like.mp4", theirs, "-preset", "medium")
    source = ours(tmp_path / "source.mp4", mine)
    assert language_of(like).understands(language_of(source))
    path = spoken_as(source, like, tmp_path / "spoken.mp4")
    assert parameters(path) == parameters(like) != parameters(source)
    assert same(shown_by_binary(path, decoder), shown(source))
    assert same(shown(path), shown(source))


MISUNDERSTOOD = {
    "the other entropy coder": ("cabac=0:8x8dct=1", "cabac=1"),
    "an 8×8 transform": ("8x8dct=0", "8x8dct=1"),
    "more references": ("ref=1:bframes=0", "ref=3"),
    "other chroma": ("chroma-qp-offset=3", "chroma-qp-offset=0"),
    "intra blocks from others": ("constrained-intra=1", "constrained-intra=0"),
}


@pytest.mark.parametrize(("theirs", "mine"), MISUNDERSTOOD.values(), ids=MISUNDERSTOOD)
def test_what_would_mean_something_else_is_not_understood(theirs: str, mine: str, tmp_path: Path):
    like = language_of(foreign(tmp_path / "like.mp4", theirs, "-preset", "medium"))
    assert not like.understands(language_of(ours(tmp_path / "source.mp4", mine)))


def test_another_size_is_not_understood(tmp_path: Path):
    like = numbered(tmp_path / "like.mp4", "-c:v", "libx264", "-vf", "crop=94:62", frames=3)
    assert language_of(like).sequence.macroblocks == (6, 4)  # the same coded picture, cropped otherwise
    assert not language_of(like).understands(language_of(ours(tmp_path / "source.mp4", "ref=3")))
    assert np.array_equal(shown(like)[0].shape, (93, 94))
    assert Fraction(25) == RATE
