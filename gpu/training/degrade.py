"""What phones, sports cameras and messengers do to a picture, so that the truth and what is left of it are both known.

In the order in which it happens: the lens blurs, the sensor samples and adds noise, the phone sharpens, an encoder
compresses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Literal, TypeAlias

import cv2
import numpy as np
from av.codec import CodecContext
from av.video.codeccontext import VideoCodecContext
from av.video.reformatter import ColorRange, Colorspace
from PIL import Image

from media.colour import OUTPUT, Pixels, Planes, frame_of, planes_of, to_planes
from reel.geometry import Size

Kernel: TypeAlias = Literal["box", "hamming", "bicubic", "lanczos"]
Codec: TypeAlias = Literal["none", "x264", "x265"]

_KERNELS = MappingProxyType(
    {
        "box": Image.Resampling.BOX,
        "hamming": Image.Resampling.HAMMING,
        "bicubic": Image.Resampling.BICUBIC,
        "lanczos": Image.Resampling.LANCZOS,
    }
)
_SHARPEN_PX = 1.0  # the radius that phones sharpen with
_RATE = Fraction(25)


@dataclass(frozen=True, slots=True)
class Degradation:
    """One camera: `blur_px` is the lens's σ in pixels of the small picture, `noise` the sensor's σ in levels.

    `grain_px` is the noise's own blur (a denoiser leaves it coarse), `sharpen` how much of the detail is added again.
    """

    blur_px: float = 0.0
    kernel: Kernel = "bicubic"
    noise: float = 0.0
    grain_px: float = 0.0
    sharpen: float = 0.0
    codec: Codec = "none"
    crf: int = 0
    preset: str = "veryfast"


def degraded(truth: Sequence[Pixels], size: Size, how: Degradation, seed: int) -> list[Planes]:
    """Return what a camera of `size` (even sides) makes of RGB pictures (H, W, 3): the same every time.

    The pictures are frames in a row of one size, so that an encoder predicts one from another as it does in life.
    """
    rng = np.random.default_rng([seed, 1])
    filmed = [planes_of(_filmed(picture, size, how, rng)) for picture in truth]
    return filmed if how.codec == "none" else _compressed(filmed, how)


def shrunk(picture: Pixels, size: Size, kernel: Kernel = "bicubic") -> Pixels:
    """Return RGB (H, W, 3) at a smaller size, without aliasing."""
    if picture.shape[:2] == (size.height, size.width):
        return picture
    return np.asarray(Image.fromarray(picture).resize((size.width, size.height), _KERNELS[kernel]))


def _filmed(picture: Pixels, size: Size, how: Degradation, rng: np.random.Generator) -> Pixels:
    if how.blur_px:
        picture = cv2.GaussianBlur(picture, (0, 0), how.blur_px * picture.shape[1] / size.width).astype(np.uint8)
    small = shrunk(picture, size, how.kernel).astype(np.float32)
    if how.noise:
        small += how.noise * _grain(small.shape, how.grain_px, rng)
    if how.sharpen:
        small += how.sharpen * (small - cv2.GaussianBlur(small, (0, 0), _SHARPEN_PX))
    return np.clip(small + 0.5, 0, 255).astype(np.uint8)


def _grain(shape: tuple[int, ...], grain_px: float, rng: np.random.Generator) -> np.ndarray:
    """Return noise of σ 1, the same in all colours but for a third of it, as coarse as `grain_px` says."""
    luma, colour = rng.standard_normal((*shape[:2], 1), np.float32), rng.standard_normal(shape, np.float32)
    grain = 0.94 * luma + 0.33 * colour
    if grain_px:
        grain = cv2.GaussianBlur(grain, (0, 0), grain_px)
        grain /= grain.std()
    return grain


def _compressed(pictures: Sequence[Planes], how: Degradation) -> list[Planes]:
    """Encode pictures as one clip, and decode it."""
    height, width = pictures[0].y.shape
    encoder = CodecContext.create("libx264" if how.codec == "x264" else "libx265", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.framerate, encoder.time_base = _RATE, 1 / _RATE
    encoder.colorspace, encoder.color_range = Colorspace.ITU709, ColorRange.MPEG
    encoder.thread_count = 1
    # The same bytes on every machine and in every run: media/encode.py says why x264 needs telling.
    alone = ":pools=none:frame-threads=1" if how.codec == "x265" else ":cpu-independent=1"
    encoder.options = {"preset": how.preset, "crf": str(how.crf), f"{how.codec}-params": f"log-level=none{alone}"}
    decoder = CodecContext.create("h264" if how.codec == "x264" else "hevc", "r")
    assert isinstance(decoder, VideoCodecContext)
    packets = []
    for number, planes in enumerate(pictures):
        frame = frame_of(planes)
        frame.pts, frame.time_base = number, 1 / _RATE
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    frames = [frame for packet in (*packets, None) for frame in decoder.decode(packet)]
    assert len(frames) == len(pictures)
    return [to_planes(frame, OUTPUT) for frame in frames]
