"""A source cut down to some spans: the groups of pictures that cover them, copied bit for bit and at their own times.

Between two spans the last picture simply lasts, and there is silence. So every moment of the spans keeps its pts, and
what was marked in the source means the same picture in the smaller one. What was written is read again and decoded at
the edges of the spans before it counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import lcm
from pathlib import Path
from typing import Final

from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from media.decode import SEEK_BACK_S, frame_times, frames
from media.open import Footage, open_footage, open_output
from media.packets import packets, rewind, seek, shown_times
from media.probe import Source, audio_stream, probe, video_stream
from media.remade import Progress
from media.seams import checksums
from media.tracks import decoding_times
from reel.errors import BadSource
from reel.timing import Span

CONTAINERS: Final = {"mp4": "mp4", "mov": "mov", "mkv": "matroska", "webm": "webm"}
"""By the extension of what is written: as libavformat calls them."""

PROGRESS_PACKETS: Final = 100

_LOOKED_AT = 8  # pictures at either edge of a span
_SOUND_LEAD_S = Fraction(1, 5)  # what a decoder of sound starts up on
_STORED_APART_S = 10  # how far the sound may be stored from the pictures of its time
_ROUNDED_S = Fraction(1, 1000)  # where one container counts milliseconds and another samples
_MOST_TICKS = 2**31 - 1  # a second, in an mp4's clock


@dataclass(frozen=True, slots=True)
class Run:
    """Groups of pictures that follow on from one another: the pts of each, as they are stored.

    `until_pts` is when the picture after them is shown, `next_sync_pts` the sync frame of the next group; the source's
    end if there is none.
    """

    pts: tuple[int, ...]
    until_pts: int
    next_sync_pts: int

    @property
    def sync_pts(self) -> int:
        """When it begins."""
        return self.pts[0]


def trim(path: Path, footage: Footage, source: Source, spans: Sequence[Span], progress: Progress) -> int:
    """Write what covers `spans`, in order and apart, to `path`, whose suffix names the container.

    Tells `progress` the pictures done, and in all; it may raise to stop. Returns how many pictures there are. Raises
    BadSource where that cannot be done without encoding anew.
    """
    progress(0, 0)
    runs = find_runs(footage, source, spans, lambda: progress(0, 0))
    stored = [pts for run in runs for pts in run.pts]
    if len(set(stored)) != len(stored) or any(before.until_pts > after.sync_pts for before, after in pairwise(runs)):
        raise _uncut("Its pictures do not stand one after another.")
    with open_footage(footage) as container:
        video, sound = video_stream(container), audio_stream(container)
        if sound is not None and sound.codec_context.name.startswith("pcm_") and len(runs) > 1 and _is_mp4(path):
            raise _uncut("Its sound is not compressed, and an mp4 or mov has no silence for that.")
        with _output(path, source, sound) as output:
            heard = _copied(output, container, video, sound, source, runs, lambda done: progress(done, len(stored)))
    _require_same(path, footage, source, spans, runs, heard, lambda: progress(len(stored), len(stored)))
    return len(stored)


def find_runs(footage: Footage, source: Source, spans: Sequence[Span], note: Callable[[], None]) -> list[Run]:
    """Return what covers `spans`: runs that touch are one. Raises BadSource."""
    found: list[tuple[Span, Run]] = []
    with open_footage(footage) as container:
        stream = video_stream(container)
        for span in spans:
            run = _run(container, stream, source, span, note)
            while found and run.sync_pts <= found[-1][1].next_sync_pts:
                span = Span(found.pop()[0].in_pts, span.out_pts)
                run = _run(container, stream, source, span, note)
            found.append((span, run))
    return [run for _, run in found]


def _run(container: InputContainer, stream: VideoStream, source: Source, span: Span, note: Callable[[], None]) -> Run:
    """Read the groups from the last one that begins at or before `span` to the last that reaches into it."""
    for at_start in _seeks(container, stream, source, span.in_pts):
        groups = _groups(packets(container, stream), note)
        before = next(groups, None)
        if before is not None and (at_start or before[0] <= span.in_pts):
            break
    else:
        before, groups = None, iter(())
    if before is None:
        raise _uncut("It has no picture that another could begin with.")
    kept = [before]
    until_pts = next_sync_pts = source.span.out_pts
    for group in groups:
        if min(group) >= span.out_pts:
            until_pts, next_sync_pts = min(group), group[0]
            break
        kept = [group] if group[0] <= span.in_pts else [*kept, group]
    sync_pts = kept[0][0]
    pts = tuple(pts for group in kept for pts in group if pts >= sync_pts)  # those before it looked further back
    return Run(pts, max(until_pts, max(pts) + 1), next_sync_pts)


def _groups(found: Iterable[Packet], note: Callable[[], None]) -> Iterator[list[int]]:
    """Iterate the groups of pictures, each the pts as they are stored, from the first sync frame on."""
    group: list[int] = []
    for number, packet in enumerate(packet for packet in found if packet.size):
        if number % PROGRESS_PACKETS == 0:
            note()
        if packet.is_keyframe:
            if group:
                yield group
            group = []
        elif not group:
            continue
        if packet.pts is None or packet.is_corrupt:
            raise _uncut("Some of its pictures are damaged or have no time.")
        group.append(packet.pts)
    if group:
        yield group


def _seeks(container: InputContainer, stream: VideoStream, source: Source, at_pts: int) -> Iterator[bool]:
    """Seek to before a time, nearest first; tell whether that is the file's start."""
    for back_s in SEEK_BACK_S:
        target = at_pts - int(back_s / source.time_base)
        if target > source.span.in_pts and seek(container, stream, target):
            yield False
    rewind(container, stream)
    yield True


def _output(path: Path, source: Source, sound: AudioStream | None) -> AbstractContextManager[OutputContainer]:
    if not _is_mp4(path):
        return open_output(path, container=CONTAINERS[path.suffix[1:]], options={"fflags": "+bitexact"})
    ticks = source.time_base.denominator
    both = lcm(ticks, sound.codec_context.sample_rate) if sound else ticks
    options = {
        "movflags": "+faststart",
        "fflags": "+bitexact",
        "video_track_timescale": str(ticks),
        "movie_timescale": str(both if both <= _MOST_TICKS else ticks),  # when each track begins is told in this
    }
    return open_output(path, container=CONTAINERS[path.suffix[1:]], options=options)


def _is_mp4(path: Path) -> bool:
    return path.suffix in {".mp4", ".mov"}


def _copied(
    output: OutputContainer,
    container: InputContainer,
    video: VideoStream,
    sound: AudioStream | None,
    source: Source,
    runs: Sequence[Run],
    progress: Callable[[int], None],
) -> list[Fraction]:
    """Copy the runs with their sound; return when each packet of that begins, in seconds."""
    try:
        picture = output.add_stream_from_template(video, opaque=True)
        voice = output.add_stream_from_template(sound, opaque=True) if sound else None
    except ValueError as unfit:
        raise _uncut(f"An {output.format.name} cannot hold what is in it.") from unfit
    stored = [pts for run in runs for pts in run.pts]
    decoding = iter(decoding_times(stored, sorted(stored)))
    heard: list[Fraction] = []
    done = 0
    for run in runs:
        waiting = set(run.pts)
        for packet in _around(container, video, sound, source, run):
            if packet.stream is video and packet.pts in waiting:
                waiting.remove(packet.pts)
                packet.stream, packet.dts = picture, next(decoding)
                output.mux(packet)
                done += 1
                if done % PROGRESS_PACKETS == 0:
                    progress(done)
            elif packet.stream is sound and voice is not None and packet.pts is not None:
                begins_s = packet.pts * packet.time_base
                if not heard or begins_s > heard[-1]:
                    heard.append(begins_s)
                    packet.stream, packet.dts = voice, packet.pts
                    output.mux(packet)
        if waiting:
            raise _uncut("Its pictures cannot be found a second time.")
    return heard


def _around(
    container: InputContainer, video: VideoStream, sound: AudioStream | None, source: Source, run: Run
) -> Iterator[Packet]:
    """Iterate the packets of a run's pictures, and of the sound while they are shown."""
    first_s, last_s = run.sync_pts * source.time_base - _SOUND_LEAD_S, run.until_pts * source.time_base
    apart = int(_STORED_APART_S / source.time_base)
    early = run.sync_pts - int(2 / source.time_base)
    if run.sync_pts <= source.span.in_pts or early <= source.span.in_pts or not seek(container, video, early):
        rewind(container, video)
    left, silent = len(run.pts), sound is None
    begun = False
    for packet in packets(container, *([video] if sound is None else [video, sound])):
        if not packet.size or packet.pts is None:
            continue
        if packet.stream is video:
            begun = begun or packet.pts == run.sync_pts
            if begun and left:
                left -= packet.pts >= run.sync_pts
                yield packet
            elif packet.pts > run.until_pts + apart:
                return
        else:
            at_s = packet.pts * packet.time_base
            if first_s <= at_s < last_s:
                yield packet
            silent = silent or at_s >= last_s
        if silent and not left:
            return


def _require_same(
    path: Path,
    footage: Footage,
    source: Source,
    spans: Sequence[Span],
    runs: Sequence[Run],
    heard: Sequence[Fraction],
    note: Callable[[], None],
) -> None:
    """Read what was written: the same times, and the same pictures at the edges of the spans. Raises BadSource."""
    made = probe(path, tail=False)
    times = [pts for run in runs for pts in sorted(run.pts) if pts >= source.span.in_pts]
    same = made.time_base == source.time_base and _shown(path) == times
    if not (same and _in_step(_heard(path), heard)):
        raise _uncut("Its times do not stay what they are.")
    for span in spans:
        note()
        for edge in _edges(frame_times(footage, source, span), source):
            before, after = (checksums(frames(each, kind, edge)) for each, kind in ((footage, source), (path, made)))
            if before != after:
                raise _uncut("Its pictures do not come out as they were.")


def _edges(times: Sequence[int], source: Source) -> Iterator[Span]:
    """Iterate the first and the last pictures of a span. A field is made with its neighbours, which may be others."""
    inner = times[_LOOKED_AT:-_LOOKED_AT] if source.interlaced else times
    if inner:
        yield Span(inner[0], inner[:_LOOKED_AT][-1] + 1)
        yield Span(inner[-_LOOKED_AT:][0], inner[-1] + 1)


def _shown(path: Path) -> list[int]:
    with open_footage(path) as container:
        stream = video_stream(container)
        rewind(container, stream)
        return list(shown_times(container, stream))


def _heard(path: Path) -> list[Fraction]:
    with open_footage(path) as container:
        sound = audio_stream(container)
        found = packets(container, sound) if sound else ()
        return [packet.pts * packet.time_base for packet in found if packet.size and packet.pts is not None]


def _in_step(found: Sequence[Fraction], heard: Sequence[Fraction]) -> bool:
    apart = (abs(now - then) for now, then in zip(found, heard, strict=False))
    return len(found) == len(heard) and max(apart, default=0) <= _ROUNDED_S


def _uncut(why: str) -> BadSource:
    return BadSource(f"This footage cannot be cut down to its clips without a loss: {why[0].lower()}{why[1:]}")
