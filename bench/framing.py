"""The framing pipeline against the usual loop: one frame at a time, fp32 torch, resize on the CPU, x264.

Both decode the same frames, enlarge the same crop ×4 with the same weights and write the same H.264. So does the
pipeline with our own network, which enlarges ×3. They take turns, and each turn's ratios are taken from it alone, so a
machine that changes its speed between turns does no harm.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from av.video.reformatter import Colorspace
from numpy.typing import NDArray

from bench.footage import MATCH, Benched
from bench.reference import ReferenceLoop
from bench.ssim import ssim
from gpu.own_weights import own_weights
from gpu.planar_upscaler import PlanarUpscaler
from gpu.upscaler import NcnnUpscaler
from gpu.weights import Folders, resolve
from jobs.clip import Footing, segment_spec
from jobs.ports import Upscaler
from jobs.segment import render
from jobs.spec import CropKeyValue, FramingClip, SourceRef
from media.colour import OUTPUT, planes_of, to_planes
from media.decode import all_frames, frame_times, frames
from media.encode import Encoding, video_sink
from media.probe import Source, probe
from reel.geometry import OUTPUT_SIZES, PixelRect
from reel.timing import Span

NETWORK = "realesr-general-x4v3"
AT_S = 4  # a sync frame: neither decodes a lead-in
FRAMES = 6  # a turn, about a minute of the usual loop on two cores; a segment has a hundred, which hide start and end
OWN_FRAMES = 30  # a turn of our own network, some ten seconds
OWN_SCALE = 3
TURNS = 5
CROP = PixelRect(760, 180, 405, 720)


def measure(benched: Benched) -> dict[str, object]:
    """Return the bench's line: the medians of the turns' ratios, their spread (highest − lowest), and the likeness."""
    path = benched.footage(MATCH)
    weights = resolve(NETWORK, Folders(configured=benched.weights_dir, cache=None))
    reference = ReferenceLoop(benched.weights(f"{NETWORK}.pth"))
    threads = cv2.getNumberOfCPUs()
    upscaler = NcnnUpscaler(weights, threads=threads)
    natural = PlanarUpscaler(own_weights(), OWN_SCALE, threads=threads)
    source = probe(path, tail=False)
    own_shown = _shown(path, source, OWN_FRAMES)
    shown = own_shown[:FRAMES]
    seconds: list[tuple[float, float, float]] = []
    with TemporaryDirectory() as folder:
        usual, ours, own = (Path(folder) / f"{name}.mp4" for name in ("usual", "ours", "own"))
        _usual_loop(path, source, shown[:1], reference, usual)  # all are warm before the first turn
        _ours(path, source, shown[:1], upscaler, ours)
        _ours(path, source, shown[:2], natural, own)
        for _ in range(TURNS):
            usual_s = _timed(lambda: _usual_loop(path, source, shown, reference, usual))
            ours_s = _timed(lambda: _ours(path, source, shown, upscaler, ours))
            own_s = _timed(lambda: _ours(path, source, own_shown, natural, own))
            seconds.append((usual_s / len(shown), ours_s / len(shown), own_s / len(own_shown)))
        likeness = [ssim(one, other) for one, other in zip(_luma(usual), _luma(ours), strict=True)]
    ratios = [usual_s / ours_s for usual_s, ours_s, _ in seconds]
    return {
        "ratio_vs_reference_loop": round(median(ratios), 2),
        "spread": round(max(ratios) - min(ratios), 2),
        "reference_s_per_frame": round(median(usual_s for usual_s, _, _ in seconds), 2),
        "engine_s_per_frame": round(median(ours_s for _, ours_s, _ in seconds), 2),
        "ssim_vs_reference": round(min(likeness), 4),
        "own_network_ratio": round(median(usual_s / own_s for usual_s, _, own_s in seconds), 1),
        "own_frames_per_s": round(1 / median(own_s for _, _, own_s in seconds), 2),
    }


def _shown(path: Path, source: Source, count: int) -> list[int]:
    in_pts = int(AT_S / source.time_base)
    times = frame_times(path, source, Span(in_pts, source.span.out_pts))
    return list(times[:count])


def _usual_loop(path: Path, source: Source, shown: list[int], reference: ReferenceLoop, output: Path) -> None:
    size = OUTPUT_SIZES["9:16"]
    with video_sink(output, Encoding(size, source.rate)) as sink:
        for frame in islice(frames(path, source, Span(shown[0], shown[-1] + 1)), len(shown)):
            whole = np.asarray(frame.reformat(format="bgr24", src_colorspace=Colorspace.ITU709).to_ndarray(), np.uint8)
            crop = whole[CROP.y : CROP.y + CROP.height, CROP.x : CROP.x + CROP.width]
            enlarged = reference.enhance(np.ascontiguousarray(crop), size)
            sink.write(planes_of(np.ascontiguousarray(enlarged[..., ::-1])))


def _ours(path: Path, source: Source, shown: list[int], upscaler: Upscaler, output: Path) -> None:
    size = source.displayed
    centre = ((CROP.x + CROP.width / 2) / size.width, (CROP.y + CROP.height / 2) / size.height)
    clip = FramingClip(
        id="bench",
        source="bench",
        time_base=(source.time_base.numerator, source.time_base.denominator),
        in_pts=shown[0],
        out_pts=shown[-1] + 1,
        look="natural" if upscaler.takes == "planes" else "crisp",
        crop=(CropKeyValue(pts=shown[0], cx=centre[0], cy=centre[1], h=CROP.height / size.height),),
    )
    footing = Footing(SourceRef(id="bench", key="bench", sha256="0" * 64), path, source)
    spec = segment_spec(clip, footing, "9:16", source.rate, shown, upscaler, draft=False)
    render(spec, path, source, upscaler, output, _quiet)


def _quiet(*, done: int | None = None, total: int | None = None, phase: str | None = None) -> None:
    """Report to nobody."""


def _timed(work: Callable[[], None]) -> float:
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s


def _luma(path: Path) -> Iterator[NDArray[np.uint8]]:
    for frame in all_frames(path):
        yield to_planes(frame, OUTPUT).y
