"""The ladder: ways to enlarge a picture, each judged on the same cases of real footage whose truth is known."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from statistics import mean
from typing import TypeAlias

import numpy as np
import torch

from bench.cases import CASES, Case, Filmed
from bench.footage import Benched, Missing
from bench.reference import ReferenceLoop
from bench.spectrum import log_spectral_distance
from bench.ssim import ssim
from gpu.networks import planar_network, spread, stacked
from gpu.own_weights import own_weights
from gpu.planar import MARGIN, Planar, State
from gpu.planar_upscaler import PlanarUpscaler
from gpu.registry import CRISP, CRISP_SIBLING
from gpu.upscaler import NcnnUpscaler
from gpu.weights import Blend, Folders, resolve
from media.colour import OUTPUT, Pixels, Planes, frame_of, planes_of, to_rgb
from media.resample import placement, resample, resample_planes
from reel.errors import WeightsMissing
from reel.geometry import PixelWindow, Size

Rung: TypeAlias = Callable[[Planes, Size], Planes]  # enlarges a picture to a size


@dataclass(frozen=True, slots=True)
class Enlarged:
    """What one rung made of one case's judged frames, and how long a frame took."""

    frames: tuple[Planes, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Score:
    """How that compares with the truth: likeness, distance in dB, flicker in levels; and seconds a frame."""

    ssim: float
    lsd_db: float
    flicker: float
    seconds: float


def climbed(rung: Rung, cases: Sequence[Filmed]) -> dict[str, Score]:
    """Return a rung's score in each case, by the case's name."""
    return {filmed.case.name: score(enlarged(rung, filmed), filmed) for filmed in cases}


def enlarged(rung: Rung, filmed: Filmed) -> Enlarged:
    """Enlarge a case's judged frames to the truth's size."""
    began_s = time.perf_counter()
    frames = tuple(rung(small, filmed.case.size) for small in filmed.small[1:])
    return Enlarged(frames, (time.perf_counter() - began_s) / len(frames))


def score(made: Enlarged, filmed: Filmed) -> Score:
    """Compare with the truth, on the luma that an export has."""
    luma, truth = [frame.y for frame in made.frames], [planes_of(picture).y for picture in filmed.truth[1:]]
    return Score(
        ssim=mean(ssim(one, other) for one, other in zip(luma, truth, strict=True)),
        lsd_db=mean(log_spectral_distance(one, other) for one, other in zip(luma, truth, strict=True)),
        flicker=flicker(luma, truth),
        seconds=made.seconds,
    )


def flicker(made: Sequence[Pixels], truth: Sequence[Pixels]) -> float:
    """Return by how many levels, on average, what changes from frame to frame differs from what changed in truth."""
    changed, moved = (np.diff(np.stack(luma).astype(np.int16), axis=0) for luma in (made, truth))
    return float(np.abs(changed - moved).mean())


def bicubic(small: Planes, size: Size) -> Planes:
    """Enlarge as a player does."""
    return resample_planes(small, _whole(small, size, 1), size)


def usual(benched: Benched) -> Rung:
    """Return the usual loop: RGB, the general network in fp32 torch, ×4, down to size on the CPU. Raises Missing."""
    loop = ReferenceLoop(benched.weights(f"{CRISP}.pth"))

    def rung(small: Planes, size: Size) -> Planes:
        enlarged = loop.enhance(np.ascontiguousarray(rgb_of(small)[..., ::-1]), size)
        return planes_of(np.ascontiguousarray(enlarged[..., ::-1]))

    return rung


def crisp(benched: Benched, *, share: float, detail: float, threads: int) -> Rung:
    """Return the general network with its dials: its sibling's share, and the detail given back. Raises Missing."""
    folders = Folders(configured=benched.weights_dir, cache=None)
    try:
        general, sibling = resolve(CRISP, folders), resolve(CRISP_SIBLING, folders)
    except WeightsMissing as fault:
        raise Missing(fault.message) from fault
    weights = replace(general, blend=Blend(sibling, share))
    upscaler = NcnnUpscaler(weights, threads=threads, detail=detail)

    def rung(small: Planes, size: Size) -> Planes:
        enlarged = upscaler.upscale(rgb_of(small))
        return planes_of(resample(enlarged, _whole(small, size, upscaler.scale), size))

    return rung


def natural(threads: int) -> Rung:
    """Return our own network as it works on a CPU, with the weights in the repository."""
    weights = own_weights()
    upscalers = {scale: PlanarUpscaler(weights, scale, threads=threads) for scale in weights.shape.scales}

    def rung(small: Planes, size: Size) -> Planes:
        upscaler = upscalers[_next_up(small, size, weights.shape.scales)]
        return _fitted(Planes(*upscaler.upscale(small)), size)

    return rung


def natural_in_training(state: State) -> Rung:
    """Return our own network in torch, as wide, deep and many-headed as its weights are. Raises WeightsMismatch."""
    shape = shape_of(state)
    network = planar_network(shape, {name: tensor.astype(np.float32) for name, tensor in state.items()})

    @torch.inference_mode()
    def rung(small: Planes, size: Size) -> Planes:
        scale = _next_up(small, size, shape.scales)
        sides = (2 * MARGIN, MARGIN, MARGIN)
        edged = (np.pad(plane, side, mode="edge") for plane, side in zip(small, sides, strict=True))
        taken = stacked(*(torch.from_numpy(plane)[None, None].float() / 255 for plane in edged))
        made = spread(network(taken, scale)[:, :, MARGIN:-MARGIN, MARGIN:-MARGIN], scale)
        levels = (plane[0, 0].mul(255).add_(0.5).clamp_(0, 255).byte().numpy() for plane in made)
        return _fitted(Planes(*levels), size)

    return rung


def shape_of(state: State) -> Planar:
    """Return the shape that weights of our own network are of."""
    scales = sorted(int(name.split(".")[1]) for name in state if name.startswith("head.") and name.endswith(".weight"))
    bodies = [name for name in state if name.startswith("body.") and name.endswith(".weight")]
    features = state["body.0.weight"].shape[0] if bodies else 0
    return Planar(features=features, convolutions=len(bodies), scales=tuple(scales))


def rgb_of(planes: Planes) -> Pixels:
    """Return a 4:2:0 picture as RGB."""
    return to_rgb(frame_of(planes), OUTPUT)


def compared(ours: Mapping[str, Score], usual: Mapping[str, Score]) -> dict[str, float]:
    """Return the worst and the mean over some cases against the usual loop: gains (more is better), flicker ratios."""
    pairs = [(score, usual[name]) for name, score in ours.items()]
    return {
        "ssim_gain_min": round(min(mine.ssim - theirs.ssim for mine, theirs in pairs), 4),
        "ssim_gain_mean": round(mean(mine.ssim - theirs.ssim for mine, theirs in pairs), 4),
        "lsd_gain_db_min": round(min(theirs.lsd_db - mine.lsd_db for mine, theirs in pairs), 2),
        "lsd_gain_db_mean": round(mean(theirs.lsd_db - mine.lsd_db for mine, theirs in pairs), 2),
        "flicker_ratio_max": round(max(mine.flicker / theirs.flicker for mine, theirs in pairs), 3),
        "flicker_ratio_mean": round(mean(mine.flicker / theirs.flicker for mine, theirs in pairs), 3),
    }


QUICK: tuple[Case, ...] = tuple(
    case for case in CASES if case.scale == 3 and case.camera in {"plain", "x264 23", "x264 30", "noisy"}
)


def judge(state: State, cases: Sequence[Filmed], usual_scores: Mapping[str, Score]) -> dict[str, float]:
    """Judge weights of our own network in the middle of training: the line that `compared` gives."""
    return compared(climbed(natural_in_training(state), cases), usual_scores)


def _whole(small: Planes, size: Size, scale: int) -> np.ndarray:
    height, width = small.y.shape
    return placement(PixelWindow(width / 2, height / 2, width, height), size, scale=scale)


def _fitted(enlarged: Planes, size: Size) -> Planes:
    """Resize what a network made where its scale is not the one that is needed."""
    return enlarged if enlarged.y.shape == (size.height, size.width) else bicubic(enlarged, size)


def _next_up(small: Planes, size: Size, scales: Sequence[int]) -> int:
    """Return the scale to run: the needed one, or the next above it, or else the largest."""
    needed = Fraction(size.width, small.y.shape[1])
    return min((scale for scale in scales if scale >= needed), default=max(scales))
