"""Ingest: look a fresh source over, and make what the editor needs to show it and to cut it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from jobs.clip import Footing
from jobs.ports import Store
from jobs.sources import original
from jobs.spec import Frozen, IngestSpec, Rational
from jobs.tools import Report, Tools
from media.index import FrameIndex, index_json, ptsmap_json, scan
from media.join import join
from media.open import Footage
from media.peaks import peaks_json
from media.probe import Source, probe
from media.proxy import GOP_FRAMES, PART_S, needs_proxy, proxy_frames, proxy_rate, proxy_size, write_part
from media.sound import RATE, Samples, decoded_sound
from media.sprite import tile_times, write_sheet
from reel import keys
from reel.timing import half_up

PROXY_VERSION = 1  # to be raised when the same source would give another proxy


class Sprite(Frozen):
    """The sprite sheet: tiles of one size, row by row, and the pts of the frame that each shows."""

    tile_px: tuple[int, int]
    columns: int
    pts: tuple[int, ...]


class Ingested(Frozen):
    """What there is to know about a source. `proxy` is False where a browser plays the original."""

    codec: str
    size_px: tuple[int, int]
    time_base: Rational
    in_pts: int
    out_pts: int
    rate: Rational
    frames: int
    constant_rate: bool
    hdr: bool
    sound: bool
    sprite: Sprite
    proxy: bool


def ingest(spec: IngestSpec, tools: Tools, report: Report) -> Ingested:
    """Probe the source; store its frame times, sync frames, sprite sheet and audio energy, and a proxy if it needs one.

    Raises BadSource, SourceGone and Cancelled.
    """
    place = (spec.user, spec.game, spec.source.id)
    report(phase="checking")
    with original(spec.source, tools.store) as footage, TemporaryDirectory(dir=tools.scratch) as folder:
        source = probe(footage, accept_truncated=spec.accept_truncated)
        report(phase="indexing", total=half_up(source.duration_s * source.rate))
        index = scan(footage, source, _told(report))
        tools.store.put(keys.ptsmap(*place), ptsmap_json(index))
        tools.store.put(keys.index(*place), index_json(index))
        report(phase="picturing", total=len(tile_times(index)))
        sheet = write_sheet(footage, source, index, Path(folder, "sprite.jpg"), _told(report))
        tools.store.put_file(keys.sprite(*place), Path(folder, "sprite.jpg"))
        report(phase="listening", total=half_up(source.duration_s))
        peaks = peaks_json(footage, source, _told(report))
        if peaks is not None:
            tools.store.put(keys.peaks(*place), peaks)
        proxy = needs_proxy(source, index)
        if proxy:
            _make_proxy(spec, Footing(spec.source, footage, source), index, tools, report)
    return Ingested(
        codec=source.codec,
        size_px=(source.displayed.width, source.displayed.height),
        time_base=source.time_base.as_integer_ratio(),
        in_pts=index.frame_pts[0],
        out_pts=index.end_pts,
        rate=index.rate.as_integer_ratio(),
        frames=len(index.frame_pts),
        constant_rate=index.constant,
        hdr=source.colour.hdr,
        sound=peaks is not None,
        sprite=Sprite(tile_px=(sheet.tile.width, sheet.tile.height), columns=sheet.columns, pts=sheet.pts),
        proxy=proxy,
    )


def _make_proxy(spec: IngestSpec, footing: Footing, index: FrameIndex, tools: Tools, report: Report) -> None:
    """Make the proxy part by part, each kept until the whole stands: whoever starts again goes on after the last."""
    shown, rate = proxy_frames(index), proxy_rate(index)
    parts: list[str] = []
    report(phase="copying", total=len(shown))
    with TemporaryDirectory(dir=tools.scratch) as folder:
        for first, part in _parts(shown, rate):
            parts.append(_part_key(spec, footing.source, part, rate))
            if not tools.store.exists(parts[-1]):
                path = Path(folder, "part.mp4")
                write_part(path, footing.footage, footing.source, part, rate, _told(report, first))
                tools.store.put_file(parts[-1], path)
            report(done=first + len(part))
        report(phase="joining", total=len(parts))
        whole = Path(folder, "proxy.mp4")
        join(whole, _opened(tools.store, parts, report), rate, _sound(footing, index))
        tools.store.put_file(keys.proxy(spec.user, spec.game, spec.source.id), whole)
    for key in parts:
        tools.store.delete(key)


def _parts(shown: Sequence[int], rate: Fraction) -> Iterator[tuple[int, Sequence[int]]]:
    """Cut the proxy's frames into parts of whole GOPs; each with the number of its first frame."""
    length = half_up(PART_S * rate / GOP_FRAMES) * GOP_FRAMES
    for first in range(0, len(shown), length):
        yield first, shown[first : first + length]


def _part_key(spec: IngestSpec, source: Source, part: Sequence[int], rate: Fraction) -> str:
    """Name a part by what it depends on; it stands among the windows, which are copies of stretches too."""
    size = proxy_size(source.displayed)
    made_of = {
        "proxy_version": PROXY_VERSION,
        "source_sha256": spec.source.sha256,
        "shown": part,
        "rate": rate,
        "size_px": (size.width, size.height),
    }
    return keys.window(spec.user, spec.game, spec.source.id, keys.content_hash(made_of))


def _opened(store: Store, parts: Sequence[str], report: Report) -> Iterator[Footage]:
    for number, key in enumerate(parts):
        report(done=number)
        with store.open(key) as part:
            yield part


def _sound(footing: Footing, index: FrameIndex) -> Iterator[Samples]:
    """Iterate the source's whole sound, a part's length at a time."""
    if footing.source.sound is None:
        return
    start_s = index.frame_pts[0] * index.time_base
    count = half_up((index.end_pts - index.frame_pts[0]) * index.time_base * RATE)
    for first in range(0, count, PART_S * RATE):
        yield decoded_sound(footing.footage, start_s + Fraction(first, RATE), min(PART_S * RATE, count - first))


def _told(report: Report, base: int = 0) -> Callable[[int], None]:
    """Return what the media room tells its progress to."""
    return lambda done: report(done=base + done)
