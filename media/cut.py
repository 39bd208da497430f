"""A clip of a source as a file of its own, exact to the frame: its middle copied where that is provably right.

Only the pictures before and after the middle (media/middle.py) are encoded anew, for the source's own parameter sets:
the file is as plain as the source, without a change of settings on the way and without an edit list that hides
anything. What was written is decoded at its seams, twice, before it counts. All else is encoded again as a whole,
upright, in the colours of every output, HDR tone-mapped: a raw clip is handed out, so it has to look as it did and to
play everywhere. That is why HEVC is never copied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import chain, count, islice, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from av.container import OutputContainer
from av.packet import Packet
from av.video.frame import VideoFrame

from media.colour import Planes, frame_of
from media.decode import all_frames, frame_times, frames
from media.edge import edge_packets, encode_edge
from media.encode import Encoding, add_video, mp4_options
from media.h264 import NotPlain
from media.join import Labels
from media.middle import Middle, Unfit, find_middle, middle_packets
from media.open import Footage, open_footage, open_output
from media.picture import planes_window
from media.probe import Source, video_stream
from media.remade import Progress, Remade, nobody
from media.resample import placement, resample_planes
from media.seams import checksums, holds
from media.sound import RATE, Samples, decoded_sound
from media.tracks import AudioTrack, decoding_times, describe
from reel.errors import ClipOutsideSource
from reel.geometry import PixelRect, PixelWindow, Size, even
from reel.timing import Span, half_up

_LOOKED_AT = 8  # pictures of the source beside a seam: what goes wrong there shows within its references


@dataclass(frozen=True, slots=True)
class _Clip:
    """What is cut out: the pts of each picture, and where the last one ends."""

    footage: Footage
    source: Source
    times: tuple[int, ...]
    out_pts: int
    title: str

    @property
    def tick(self) -> Fraction:
        """The clock of the clip, which is its source's."""
        return self.source.time_base

    @property
    def durations(self) -> dict[int, int]:
        """How long each picture is shown."""
        return {pts: after - pts for pts, after in pairwise((*self.times, self.out_pts))}

    def pictures(self, span: Span) -> Iterator[VideoFrame]:
        """Decode a stretch of the source."""
        return frames(self.footage, self.source, span)

    def sound(self) -> Iterator[Samples] | None:
        """Decode the clip's sound, all at once (23 MB a minute), and iterate it second by second."""
        if self.source.sound is None:
            return None
        begin_s, end_s = self.times[0] * self.source.time_base, self.out_pts * self.source.time_base
        samples = decoded_sound(self.footage, begin_s, half_up((end_s - begin_s) * RATE))
        return (samples[at : at + RATE] for at in range(0, len(samples), RATE))


def extract(
    path: Path,
    footage: Footage,
    source: Source,
    span: Span,
    *,
    title: str = "",
    copying: bool = True,
    progress: Progress = nobody,
) -> Remade:
    """Write the clip `span` of `footage` to `path`, an mp4: every picture shown during it at its own time, the sound.

    It begins with the picture that is showing at its in point. Without `copying` all of it is encoded anew. `progress`
    may raise to stop. Raises ClipOutsideSource, SourceUnreadable.
    """
    if not span.within(source.span):
        raise ClipOutsideSource(in_pts=span.in_pts, out_pts=span.out_pts)
    clip = _Clip(footage, source, frame_times(footage, source, span), span.out_pts, title)
    if not copying:
        return _encoded(path, clip, "It was wanted so.", progress)
    try:
        return _partly_copied(path, clip, progress)
    except Unfit as unfit:
        return _encoded(path, clip, str(unfit), progress)


def _partly_copied(path: Path, clip: _Clip, progress: Progress) -> Remade:
    """Encode the edges anew and copy the middle. Raises Unfit where that is not right, or did not come out right."""
    progress(0, 0)
    middle = find_middle(clip.footage, clip.source, clip.times, clip.out_pts)
    head = tuple(pts for pts in clip.times if pts < middle.pts[0])
    tail = clip.times[len(head) + len(middle.pts) :]
    encoded, total = count(1), len(head) + len(tail)
    with TemporaryDirectory(dir=path.parent) as folder:
        edges = _Edge(Path(folder) / "head.mp4", head), _Edge(Path(folder) / "tail.mp4", tail)
        try:
            for edge in edges:
                edge.encode(clip, middle, lambda: progress(next(encoded), total))
            _put_together(path, clip, middle, edges, partial(progress, total, total))
        except NotPlain as unusual:
            raise Unfit("Its H.264 is of a kind that is not continued.") from unusual
        if not holds(path, clip.times, clip.source.time_base, _stretches(clip, middle, edges)):
            raise Unfit("What was copied did not come out as it was.")
    return Remade(len(clip.times), total)


@dataclass(frozen=True, slots=True)
class _Edge:
    """The pictures before or after the middle, perhaps none, and the file that they are encoded to."""

    file: Path
    times: tuple[int, ...]

    def encode(self, clip: _Clip, middle: Middle, note: Callable[[], None]) -> None:
        if self.times:
            encode_edge(self.file, clip.footage, clip.source, self.times, middle.spoken, note)

    def packets(self, middle: Middle) -> Iterator[Packet]:
        bodies = edge_packets(self.file, middle.spoken, middle.unused_idr_id) if self.times else ()
        return (Packet(body) for body in bodies)

    def pictures(self) -> Iterator[VideoFrame]:
        return all_frames(self.file) if self.times else iter(())


def _put_together(
    path: Path, clip: _Clip, middle: Middle, edges: tuple[_Edge, _Edge], note: Callable[[], None]
) -> None:
    head, tail = edges
    tick, sound, durations = clip.tick, clip.sound(), clip.durations
    syncs = {*head.times[:1], *middle.sync_pts, *tail.times[:1]}
    with _output(path, clip) as output, open_footage(clip.footage) as container:
        source = video_stream(container)
        stream = output.add_stream_from_template(source)
        voice = AudioTrack(output, sound) if sound is not None else None
        stored = (*head.times, *middle.pts, *tail.times)
        copied = middle_packets(container, source, clip.source, middle)
        bodies = chain(head.packets(middle), copied, tail.packets(middle))
        for packet, pts, dts in zip(bodies, stored, decoding_times(stored, clip.times), strict=True):
            packet.stream, packet.time_base = stream, tick
            packet.pts, packet.dts = pts - clip.times[0], dts - clip.times[0]
            packet.duration, packet.is_keyframe = durations[pts], pts in syncs
            output.mux(packet)
            if voice is not None:
                voice.write_until((pts - clip.times[0]) * tick)
            note()
        if voice is not None:
            voice.finish()


def _stretches(clip: _Clip, middle: Middle, edges: tuple[_Edge, _Edge]) -> Iterator[tuple[int, list[int]]]:
    """Iterate what has to be seen around each seam, from a sync frame on."""
    head, tail = edges
    if head.times:
        following = clip.pictures(Span(middle.pts[0], middle.end + 1))
        yield 0, checksums(chain(head.pictures(), islice(following, _LOOKED_AT)))
    if tail.times:
        sync = middle.sync_pts[-1]
        leading = clip.pictures(Span(sync, middle.end + 1))
        yield clip.times.index(sync), checksums(chain(leading, tail.pictures()))


def _encoded(path: Path, clip: _Clip, why: str, progress: Progress) -> Remade:
    """Encode all of the clip, upright, at its own size and its own times."""
    source, tick, sound = clip.source, clip.tick, clip.sound()
    size = Size(even(source.displayed.width), even(source.displayed.height))
    durations: dict[int | None, int] = {}
    with _output(path, clip) as output:
        stream = add_video(output, Encoding(size, source.rate), tick)
        voice = AudioTrack(output, sound) if sound is not None else None
        for frame, pts, end_pts in _with_times(clip):
            picture = frame_of(_upright(frame, source, size))
            picture.pts, picture.time_base = pts, tick
            durations[pts] = end_pts - pts
            _mux(output, stream.encode(picture), durations)
            if voice is not None:
                voice.write_until(pts * tick)
            progress(len(durations), len(clip.times))
        _mux(output, stream.encode(None), durations)
        if voice is not None:
            voice.finish()
    return Remade(len(durations), len(durations), why)


def _mux(output: OutputContainer, encoded: Iterable[Packet], durations: Mapping[int | None, int]) -> None:
    """Write what comes out of the encoder, which forgets how long the last picture is shown."""
    for packet in encoded:
        packet.duration = durations[packet.pts]
        output.mux(packet)


def _with_times(clip: _Clip) -> Iterator[tuple[VideoFrame, int, int]]:
    """Decode the clip's pictures, each with when it comes and goes, counted from the clip's beginning.

    One that is damaged leaves its time to the one before.
    """
    begin_pts = clip.times[0]
    pictures = clip.pictures(Span(begin_pts, clip.out_pts))
    for picture, following in pairwise(chain(pictures, (None,))):
        assert picture is not None
        assert picture.pts is not None
        end_pts = clip.out_pts if following is None or following.pts is None else following.pts
        yield picture, max(picture.pts - begin_pts, 0), end_pts - begin_pts


def _upright(frame: VideoFrame, source: Source, size: Size) -> Planes:
    """Return a picture as it is displayed; an odd last line or column goes, as 4:2:0 asks."""
    upright, shown = source.upright, source.displayed
    whole = planes_window(frame, PixelRect(0, 0, upright.width, upright.height), source)
    if upright == shown and size.width <= shown.width and size.height <= shown.height:
        height, width = size.height, size.width
        return Planes(whole.y[:height, :width], *(p[: height // 2, : width // 2] for p in (whole.u, whole.v)))
    window = PixelWindow(shown.width / 2, shown.height / 2, shown.width, shown.height)
    place = placement(window, size, stretch=(upright.width / shown.width, upright.height / shown.height))
    return resample_planes(whole, place, size)


@contextmanager
def _output(path: Path, clip: _Clip) -> Iterator[OutputContainer]:
    options = {**mp4_options(1 / clip.tick), "video_track_timescale": str(clip.tick.denominator)}
    with open_output(path, options=options) as output:
        describe(output, Labels(clip.title), (), 1 / clip.tick)
        yield output
