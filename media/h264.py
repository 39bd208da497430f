"""H.264 as an mp4 holds it: units, parameter sets, and slices rewritten for the parameter sets of another stream.

What x264 makes for the edges of a cut comes to speak the language of the source: the slice headers are written anew
for the source's own parameter sets, the coded blocks behind them stay as they are. So the file has one sequence and
one picture parameter set throughout, as any camera's has, and no player meets a change that it might not expect.
Names and clauses are those of ITU-T H.264 (08/2021).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from media.bits import BitReader, BitWriter, escaped, unescaped

SLICE, IDR_SLICE, SEI, SEQUENCE_SET, PICTURE_SET, DELIMITER, FILLER = 1, 5, 6, 7, 8, 9, 12
PICTURES = frozenset({SLICE, IDR_SLICE})

BASELINE, MAIN, HIGH = 66, 77, 100
OPENING_BYTES = 40  # more of a slice than its identities and its place take
_INTRA = 2  # of slice_type modulo 5


class NotPlain(ValueError):
    """A parameter set or a slice uses what is not dealt with here."""


@dataclass(frozen=True, slots=True)
class SequenceSet:
    """What a slice header needs of a sequence parameter set."""

    id: int
    frame_num_bits: int
    order_type: int  # pic_order_cnt_type
    order_bits: int
    references: int  # max_num_ref_frames
    macroblocks: tuple[int, int]
    cropping: tuple[int, int, int, int]  # left, right, top, bottom


@dataclass(frozen=True, slots=True)
class PictureSet:
    """A picture parameter set, as far as it bears on a slice of P or I macroblocks."""

    id: int
    sequence_id: int
    cabac: bool
    order_present: bool  # bottom_field_pic_order_in_frame_present_flag
    references: int  # num_ref_idx_l0_default_active
    weighted: bool
    init_qp: int
    chroma_offset: int
    deblocking_control: bool
    constrained_intra: bool
    transform_8x8: bool


@dataclass(frozen=True, slots=True)
class Language:
    """The parameter sets that a slice is written for."""

    sequence: SequenceSet
    picture: PictureSet

    def understands(self, other: Language) -> bool:
        """Say whether blocks coded under `other` mean the same under these sets, once their slice headers fit."""
        return (
            _meaning(self) == _meaning(other)
            and not other.picture.weighted
            and other.sequence.references <= self.sequence.references
        )


def _meaning(of: Language) -> tuple[object, ...]:
    picture = of.picture
    coding = (picture.cabac, picture.chroma_offset, picture.constrained_intra, picture.transform_8x8)
    return (of.sequence.macroblocks, of.sequence.cropping, *coding)


def units(packet: bytes) -> Iterator[bytes]:
    """Iterate a packet's units, each behind its length in four bytes (ISO 14496-15). Raises NotPlain."""
    at = 0
    while at < len(packet):
        end = at + 4 + int.from_bytes(packet[at : at + 4], "big")
        if end > len(packet) or end == at + 4:
            raise NotPlain
        yield packet[at + 4 : end]
        at = end


def packed(units: Iterable[bytes]) -> bytes:
    """Return units as a packet."""
    return b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)


def unit_type(unit: bytes) -> int:
    """Return nal_unit_type."""
    return unit[0] & 31


def parameter_sets(configuration: bytes) -> list[bytes]:
    """Return the sequence and picture parameter sets of an avcC (ISO 14496-15, 5.3.3). Raises NotPlain.

    Lengths of other than four bytes are not plain.
    """
    if len(configuration) < 7 or configuration[0] != 1 or configuration[4] & 3 != 3:
        raise NotPlain
    found: list[bytes] = []
    at = 5
    for mask in (31, 255):
        count, at = configuration[at : at + 1], at + 1
        for _ in range(count[0] & mask if count else 0):
            size = int.from_bytes(configuration[at : at + 2], "big")
            found.append(configuration[at + 2 : at + 2 + size])
            at += 2 + size
    if at > len(configuration) or not all(found):
        raise NotPlain
    return found


def language(sets: Iterable[bytes], picture_id: int | None = None) -> Language:
    """Return the only sequence set of `sets` with the picture set `picture_id` (any, where there is one only).

    Raises NotPlain: for two sequence sets, a set that is missing, and what the readers below do not take.
    """
    sets = list(sets)
    sequences = [unit for unit in sets if unit_type(unit) == SEQUENCE_SET]
    pictures = [picture_set(unit) for unit in sets if unit_type(unit) == PICTURE_SET]
    named = [picture for picture in pictures if picture_id in (None, picture.id)]
    if len(sequences) != 1 or len(named) != 1:
        raise NotPlain
    sequence = sequence_set(sequences[0])
    if named[0].sequence_id != sequence.id:
        raise NotPlain
    return Language(sequence, named[0])


def sequence_set(unit: bytes) -> SequenceSet:
    """Read a sequence parameter set (7.3.2.1.1). Raises NotPlain unless it is 8 bit, 4:2:0, progressive, flat."""
    try:
        return _sequence_set(BitReader(unescaped(unit[1:])))
    except EOFError as cut:
        raise NotPlain from cut


def picture_set(unit: bytes) -> PictureSet:
    """Read a picture parameter set (7.3.2.2). Raises NotPlain for slice groups, redundancy and scaling lists."""
    try:
        return _picture_set(BitReader(unescaped(unit[1:])))
    except EOFError as cut:
        raise NotPlain from cut


def _sequence_set(read: BitReader) -> SequenceSet:
    profile = read.bits(8)
    read.bits(16)  # constraints, level
    number = read.ue()
    if profile not in (BASELINE, MAIN, HIGH):
        raise NotPlain
    if profile == HIGH and (read.ue(), read.ue(), read.ue(), read.bits(2)) != (1, 0, 0, 0):
        raise NotPlain  # chroma, depths; lossless bypass, scaling lists
    frame_num_bits = read.ue() + 4
    order_type = read.ue()
    if order_type == 1:
        raise NotPlain
    order_bits = read.ue() + 4 if order_type == 0 else 0
    references = read.ue()
    read.flag()  # gaps in frame_num: what is copied keeps them
    macroblocks = (read.ue() + 1, read.ue() + 1)
    if not read.flag():  # frame_mbs_only_flag: fields, or pictures of both
        raise NotPlain
    read.flag()  # direct_8x8_inference_flag
    cropping = (read.ue(), read.ue(), read.ue(), read.ue()) if read.flag() else (0, 0, 0, 0)
    return SequenceSet(number, frame_num_bits, order_type, order_bits, references, macroblocks, cropping)


def _picture_set(read: BitReader) -> PictureSet:
    number, sequence_id = read.ue(), read.ue()
    cabac, order_present = read.flag(), read.flag()
    if read.ue():
        raise NotPlain  # slice groups
    references, _ = read.ue() + 1, read.ue()
    weighted, _ = read.flag(), read.bits(2)
    init_qp, _ = 26 + read.se(), read.se()
    chroma_offset = read.se()
    deblocking_control, constrained_intra = read.flag(), read.flag()
    if read.flag():
        raise NotPlain  # redundant pictures
    transform_8x8 = False
    if read.more():
        transform_8x8 = read.flag()
        if read.flag() or read.se() != chroma_offset:
            raise NotPlain  # scaling lists; the two chroma planes apart
    return PictureSet(
        id=number,
        sequence_id=sequence_id,
        cabac=cabac,
        order_present=order_present,
        references=references,
        weighted=weighted,
        init_qp=init_qp,
        chroma_offset=chroma_offset,
        deblocking_control=deblocking_control,
        constrained_intra=constrained_intra,
        transform_8x8=transform_8x8,
    )


def picture_set_id(slice_unit: bytes) -> int:
    """Return which picture set a slice is written for. Raises NotPlain."""
    return _opening(slice_unit)[2]


def idr_id(slice_unit: bytes, sequence: SequenceSet) -> int:
    """Return the idr_pic_id of a slice of a sync frame. Raises NotPlain."""
    return _opening(slice_unit, sequence.frame_num_bits)[4]


def _opening(slice_unit: bytes, frame_num_bits: int = 0) -> tuple[int, int, int, int, int]:
    """Return first_mb_in_slice, slice_type, pic_parameter_set_id, frame_num and the number after it (7.3.3)."""
    read = BitReader(unescaped(slice_unit[1:OPENING_BYTES]))
    try:
        return read.ue(), read.ue(), read.ue(), read.bits(frame_num_bits), read.ue()
    except EOFError as cut:
        raise NotPlain from cut


def rewritten(unit: bytes, written: Language, wanted: Language, number: int, idr_id: int) -> bytes:
    """Return a slice written for the sets `written` as one for the sets `wanted`, which understand it (7.3.3).

    It belongs to picture `number` after the sync frame `idr_id`; all of them are I or P, shown in coding order, and
    each may be referred to. Raises NotPlain for what x264 does not write under these conditions.
    """
    payload = unescaped(unit[1:])
    read, write = BitReader(payload), BitWriter()
    write.ue(read.ue())  # first_mb_in_slice
    kind = read.ue()
    write.ue(kind)
    read.ue()
    write.ue(wanted.picture.id)
    read.bits(written.sequence.frame_num_bits)
    _modulo(write, number, wanted.sequence.frame_num_bits)
    if unit_type(unit) == IDR_SLICE:
        read.ue()
        write.ue(idr_id)
    _order(read, write, written, wanted, number)
    if kind % 5 != _INTRA:
        _references(read, write, written, wanted)
    _marking(read, write, unit)
    if wanted.picture.cabac and kind % 5 != _INTRA:
        write.ue(read.ue())  # cabac_init_idc
    write.se(written.picture.init_qp + read.se() - wanted.picture.init_qp)
    _deblocking(read, write, written, wanted)
    if wanted.picture.cabac:  # the blocks begin at the next whole byte
        return unit[:1] + escaped(write.payload(padding=1) + payload[-(-read.at // 8) :])
    write.bits(*read.rest())
    return unit[:1] + escaped(write.payload())


def _modulo(write: BitWriter, value: int, count: int) -> None:
    write.bits(value % (1 << count), count)


def _order(read: BitReader, write: BitWriter, written: Language, wanted: Language, number: int) -> None:
    """Write the place in the order of display; two counts a picture, as for every frame of two fields."""
    if written.sequence.order_type == 0:
        read.bits(written.sequence.order_bits)
        if written.picture.order_present:
            read.se()
    if wanted.sequence.order_type == 0:
        _modulo(write, 2 * number, wanted.sequence.order_bits)
        if wanted.picture.order_present:
            write.se(0)


def _references(read: BitReader, write: BitWriter, written: Language, wanted: Language) -> None:
    count = read.ue() + 1 if read.flag() else written.picture.references
    write.flag(True)
    write.ue(count - 1)
    reordered = read.flag()
    write.flag(reordered)
    while reordered:
        operation = read.ue()
        write.ue(operation)
        if operation == 3:
            break
        write.ue(read.ue())
    if wanted.picture.weighted:  # a table that gives every reference the weight 1
        write.ue(0)
        write.ue(0)
        write.bits(0, 2 * count)


def _marking(read: BitReader, write: BitWriter, unit: bytes) -> None:
    """Copy dec_ref_pic_marking: nothing but the sliding window."""
    if not unit[0] >> 5 & 3 or read.bits(2 if unit_type(unit) == IDR_SLICE else 1):
        raise NotPlain
    write.bits(0, 2 if unit_type(unit) == IDR_SLICE else 1)


def _deblocking(read: BitReader, write: BitWriter, written: Language, wanted: Language) -> None:
    said = (0, 0, 0)
    if written.picture.deblocking_control:
        off = read.ue()
        said = (off, 0, 0) if off == 1 else (off, read.se(), read.se())
    if wanted.picture.deblocking_control:
        write.ue(said[0])
        if said[0] != 1:
            write.se(said[1])
            write.se(said[2])
    elif said != (0, 0, 0):
        raise NotPlain
