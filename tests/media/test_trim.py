"""A source cut down to some spans: every picture in them at its own time, the same to the pixel, with its sound."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from media.decode import frame_times, frames
from media.open import open_footage
from media.packets import packets, rewind
from media.probe import Source, audio_stream, probe, video_stream
from media.seams import checksums
from media.sound import RATE, decoded_sound
from media.trim import trim
from reel.errors import BadSource, Cancelled
from reel.timing import Span
from tests.media.footage import FORMS, TONE, formed, numbered, numbers_of, remuxed
from tests.media.odd import FORMS as ODD
from tests.media.odd import Studio
from tests.media.working import payloads

REFUSED = {"edit list of two parts", "another size from the middle on"}
WRITTEN = {".ts": ".mp4", ".mts": ".mp4"}
COMPRESSED = [form for form in FORMS if form != "webm"]  # which takes no tone in AAC


def told_nobody(done: int, total: int) -> None:
    pass


def cut(path: Path, spans: list[Span], source: Source | None = None) -> Path:
    """Trim footage to a file beside it."""
    output = path.with_name(f"trimmed{WRITTEN.get(path.suffix, path.suffix)}")
    trim(output, path, source or probe(path), spans, told_nobody)
    return output


def of_frames(path: Path, *places: tuple[int, int]) -> list[Span]:
    """Return the spans from one frame to another, by their numbers."""
    source = probe(path)
    times = frame_times(path, source, source.span)
    return [Span(times[first], times[last]) for first, last in places]


def stored_times(path: Path) -> list[int]:
    """Return the pts of every picture, as they are stored."""
    with open_footage(path) as container:
        stream = video_stream(container)
        rewind(container, stream)
        return [packet.pts for packet in packets(container, stream) if packet.size and packet.pts is not None]


@pytest.mark.parametrize("form", FORMS)
def test_every_picture_of_the_spans_keeps_its_time_and_its_pixels(form: str, tmp_path: Path) -> None:
    path = formed(form, tmp_path, frames=100, sound=TONE if form in COMPRESSED else ())
    before, spans = probe(path), of_frames(path, (15, 20), (70, 80))
    output = cut(path, spans)
    after = probe(output)
    assert (after.time_base, after.coded, after.rate) == (before.time_base, before.coded, before.rate)
    for span, shown in zip(spans, ([*range(15, 20)], [*range(70, 80)]), strict=True):
        assert frame_times(output, after, span) == frame_times(path, before, span)
        assert numbers_of(frames(output, after, span)) == shown
        assert checksums(frames(output, after, span)) == checksums(frames(path, before, span))


@pytest.mark.parametrize("form", ["mp4", "mov", "mkv", "mpegts", "open GOPs", "prores"])
def test_only_the_groups_that_cover_the_spans_are_kept(form: str, tmp_path: Path) -> None:
    path = formed(form, tmp_path, frames=100, sound=TONE)
    spans = of_frames(path, (30, 32), (70, 80))
    output = cut(path, spans)
    before, after = stored_times(path), stored_times(output)
    assert set(after) < set(before)
    assert len(after) < 50
    assert output.stat().st_size < path.stat().st_size * 2 / 3
    gop = 12 * min(b - a for a, b in zip(sorted(before), sorted(before)[1:], strict=False))
    assert all(any(span.in_pts - gop < pts < span.out_pts + gop for span in spans) for pts in after)


@pytest.mark.parametrize("form", ["mp4", "mkv", "open GOPs"])
def test_packets_are_copied_bit_for_bit(form: str, tmp_path: Path) -> None:
    path = formed(form, tmp_path, frames=100)
    output = cut(path, of_frames(path, (15, 20), (70, 80)))
    assert set(payloads(output)) < set(payloads(path))


@pytest.mark.parametrize(
    "form",
    [
        *("mpegts of a camcorder", "mpegts whose clock runs over", "mp4 that starts late", "59.94", "HLG held upright"),
        *("PQ", "mirrored and turned", "wide pixels", "5.1", "opus", "edit list that skips the start"),
        *("pictures that start after the sound", "several streams of each kind", "59.94 fields", "Dolby Vision 8.4"),
    ],
)
def test_whatever_the_footage_is_like(form: str, tmp_path: Path) -> None:
    odd = ODD[form](Studio(tmp_path))
    before = probe(odd.path)
    times = frame_times(odd.path, before, before.span)
    spans = [Span(times[len(times) * 2 // 3], times[len(times) * 5 // 6])]
    output = cut(odd.path, spans, before)
    after = probe(output)
    looks = [(each.displayed, each.orientation, each.colour, each.sample_aspect) for each in (before, after)]
    assert looks[0] == looks[1]
    assert frame_times(output, after, spans[0]) == frame_times(odd.path, before, spans[0])
    if not before.interlaced:  # a field at the edge is made with the frames beside it
        assert checksums(frames(output, after, spans[0])) == checksums(frames(odd.path, before, spans[0]))


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.ts"])
def test_the_sound_stays_with_its_pictures(name: str, tmp_path: Path) -> None:
    sweep = ("-f", "lavfi", "-i", "aevalsrc=0.5*sin(2*PI*t*(200+100*t)):d=12:s=44100")  # no moment sounds like another
    path = numbered(tmp_path / name, frames=300, sound=sweep)
    before, spans = probe(path), of_frames(path, (65, 100), (205, 250))
    output = cut(path, spans)
    for span in spans:
        begin_s, count = span.in_pts * before.time_base, int(span.duration_pts * before.time_base * RATE)
        heard, meant = (decoded_sound(each, begin_s, count)[:, 0] for each in (output, path))
        assert abs(late_by(heard, meant)) <= RATE // 1000
    gap_s = spans[0].out_pts * before.time_base + 2
    assert float(np.abs(decoded_sound(output, gap_s, RATE // 2)).max()) == 0.0


def late_by(heard: np.ndarray, meant: np.ndarray) -> int:
    """Return by how many samples a sound is late; it has to be the same otherwise."""
    most = RATE // 200
    inner = meant[most:-most]
    apart = {k: np.abs(heard[most + k : len(heard) - most + k] - inner).mean() for k in range(-most, most)}
    late = min(apart, key=lambda k: apart[k])
    assert apart[late] < 0.03 < 0.2 < np.abs(inner).mean()
    return late


def test_a_variable_rate_stays_what_it_is(tmp_path: Path) -> None:
    path, _ = Studio(tmp_path).film(
        "vfr.mov", rate=Fraction(30), drops_frames=True, duration_s=Fraction(4), gop_frames=10
    )
    before, spans = probe(path), of_frames(path, (33, 44), (70, 77))
    times = [frame_times(path, before, span) for span in spans]
    assert len({b - a for a, b in zip(times[0], times[0][1:], strict=False)}) > 1
    output = cut(path, spans)
    assert [frame_times(output, probe(output), span) for span in spans] == times
    assert len(stored_times(output)) < len(stored_times(path))


def test_spans_in_one_group_are_one_stretch(tmp_path: Path) -> None:
    path = formed("mp4", tmp_path, frames=60)
    output = cut(path, of_frames(path, (2, 4), (6, 8), (13, 14)))
    assert sorted(stored_times(output)) == sorted(stored_times(path))[:24]


def test_a_span_of_all_of_it_leaves_nothing_out(tmp_path: Path) -> None:
    path = formed("mp4", tmp_path, frames=30, sound=TONE)
    output = cut(path, [probe(path).span])
    assert stored_times(output) == stored_times(path)
    with open_footage(output) as container:
        assert audio_stream(container) is not None


@pytest.mark.parametrize("form", sorted(REFUSED))
def test_what_cannot_be_copied_right_is_refused(form: str, tmp_path: Path) -> None:
    odd = ODD[form](Studio(tmp_path))
    source = probe(odd.path)
    times = frame_times(odd.path, source, source.span)
    with pytest.raises(BadSource, match="cannot be cut down"):
        cut(odd.path, [Span(times[len(times) * 2 // 3], times[-1])], source)


def test_uncompressed_sound_in_several_stretches_is_refused(tmp_path: Path) -> None:
    path = numbered(tmp_path / "a.mov", "-c:a", "pcm_s16le", frames=100, sound=TONE)
    with pytest.raises(BadSource, match="not compressed"):
        cut(path, of_frames(path, (2, 4), (70, 80)))
    output = cut(path, of_frames(path, (70, 80)))
    assert len(stored_times(output)) == 24


def test_what_another_container_does_not_hold_is_refused(tmp_path: Path) -> None:
    path = numbered(tmp_path / "a.mkv", "-c:v", "libx264", "-c:a", "pcm_s16le", frames=30, sound=TONE)
    with pytest.raises(BadSource, match="cannot hold"):
        trim(tmp_path / "b.webm", path, probe(path), of_frames(path, (2, 4)), told_nobody)


def test_damage_in_what_is_kept_is_refused(tmp_path: Path) -> None:
    whole = remuxed(formed("mpegts", tmp_path, frames=100), tmp_path / "whole.ts")
    body = bytearray(whole.read_bytes())
    start = len(body) // 2 // 188 * 188
    body[start : start + 188 * 20] = b""
    damaged = tmp_path / "damaged.ts"
    damaged.write_bytes(bytes(body))
    source = probe(damaged)
    with pytest.raises(BadSource):
        cut(damaged, [source.span], source)


def test_it_can_be_stopped(tmp_path: Path) -> None:
    path = formed("mp4", tmp_path, frames=300)

    def stop(done: int, total: int) -> None:
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        trim(tmp_path / "out.mp4", path, probe(path), [probe(path).span], stop)
