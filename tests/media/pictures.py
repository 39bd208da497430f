"""Pictures by formula, and what their numbers mean: textbook floating point, to hold the fast paths to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from media.colour import Planes

Light: TypeAlias = NDArray[np.float64]  # (H, W, 3) RGB, 0 to 1

KR_KB = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}
LAYOUTS = ("yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuv444p10le")


def chart() -> Light:
    """Return flat patches of 8 × 8: primaries at two strengths, greys, skin and grass, whatever else there is."""
    corners = np.array([[n >> 2 & 1, n >> 1 & 1, n & 1] for n in range(8)], float)
    greys = np.linspace(0, 1, 8)[:, None].repeat(3, axis=1)
    near = [(0.78, 0.57, 0.44), (0.24, 0.47, 0.18), (0.93, 0.94, 0.98), (0.05, 0.09, 0.35)] * 2
    others = np.random.default_rng(5).random((16, 3))
    patches = np.concatenate([corners, 0.75 * corners, greys, near, others]).reshape(6, 8, 3)
    return patches.repeat(8, axis=0).repeat(8, axis=1)


def slope(height: int = 48, width: int = 64) -> Light:
    """Return colours that change slowly all over the picture."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    x, y = x / (width - 1), y / (height - 1)
    return np.stack([x, y, 1 - (x + y) / 2], axis=-1) * 0.9 + 0.05


def coded(light: Light, layout: str, matrix: str, *, full_range: bool) -> list[NDArray[np.float64]]:
    """Return the three planes of numbers, not rounded; chroma sited left, between two lines where it is halved."""
    kr, kb = KR_KB[matrix]
    red, green, blue = (light[..., n] for n in range(3))
    y = kr * red + (1 - kr - kb) * green + kb * blue
    planes = [y, (blue - y) / (2 * (1 - kb)), (red - y) / (2 * (1 - kr))]
    planes[1:] = [_halved(plane, layout) for plane in planes[1:]]
    peak = 1023 if "10" in layout else 255
    unit = (peak + 1) / 256
    if full_range:
        return [planes[0] * peak, *(plane * peak + 128 * unit for plane in planes[1:])]
    return [planes[0] * 219 * unit + 16 * unit, *(plane * 224 * unit + 128 * unit for plane in planes[1:])]


def shown(planes: Sequence[NDArray], layout: str, matrix: str, *, full_range: bool) -> Light:
    """Return what planes of numbers mean: chroma interpolated between its samples where they lie."""
    kr, kb = KR_KB[matrix]
    peak = 1023 if "10" in layout else 255
    unit = (peak + 1) / 256
    zero, y_span, c_span = (0, peak, peak) if full_range else (16 * unit, 219 * unit, 224 * unit)
    y = (planes[0].astype(float) - zero) / y_span
    cb, cr = ((_doubled(plane.astype(float), layout, y.shape) - 128 * unit) / c_span for plane in planes[1:])
    red, blue = y + 2 * (1 - kr) * cr, y + 2 * (1 - kb) * cb
    return np.stack([red, (y - kr * red - kb * blue) / (1 - kr - kb), blue], axis=-1).clip(0, 1)


def rounded(planes: Sequence[NDArray[np.float64]], layout: str) -> list[NDArray]:
    """Return planes as a file stores them."""
    deep = "10" in layout
    return [np.rint(plane).clip(0, 1023 if deep else 255).astype("<u2" if deep else np.uint8) for plane in planes]


def frame(planes: Sequence[NDArray], layout: str) -> VideoFrame:
    """Return planes as a frame that a decoder could have given."""
    height, width = planes[0].shape
    made = VideoFrame(width, height, layout)
    for plane, numbers in zip(made.planes, planes, strict=True):
        lines = np.frombuffer(memoryview(plane), numbers.dtype).reshape(-1, plane.line_size // numbers.itemsize)
        lines[: numbers.shape[0], : numbers.shape[1]] = numbers
    return made


def light_of(planes: Planes) -> Light:
    """Return what output planes mean."""
    return shown((planes.y, planes.u, planes.v), "yuv420p", "bt709", full_range=False)


def _halved(plane: NDArray[np.float64], layout: str) -> NDArray[np.float64]:
    if "444" in layout:
        return plane
    if "420" in layout:
        lower = plane[np.minimum(np.arange(1, len(plane) + 1, 2), len(plane) - 1)]
        plane = (plane[0::2] + lower) / 2
    return plane[:, 0::2]


def _doubled(plane: NDArray[np.float64], layout: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    height, width = shape
    if "420" in layout:
        plane = _interpolated(plane.T, (np.arange(height) - 0.5) / 2).T
    return plane if "444" in layout else _interpolated(plane, np.arange(width) / 2)


def _interpolated(rows: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([np.interp(at, np.arange(rows.shape[1]), row) for row in rows])
