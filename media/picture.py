"""A window cut from a decoded picture, upright: as RGB for a network, as planes where none runs."""

from __future__ import annotations

import numpy as np
from av.video.frame import VideoFrame

from media.colour import Pixels, Planes, lines, planes_of, to_planes, to_rgb
from media.probe import Orientation, Source
from reel.geometry import PixelRect, Size


def rgb_window(frame: VideoFrame, rect: PixelRect, source: Source) -> Pixels:
    """Cut `rect` (upright pixels, even corner) out of `frame` as full-range RGB, (H, W, 3)."""
    coded = _coded_rect(rect, source)
    left, top = coded.x % 2, coded.y % 2  # an odd side turns an even corner into an odd one
    even = PixelRect(coded.x - left, coded.y - top, coded.width + left, coded.height + top)
    rgb = to_rgb(_cut(frame, even), source.colour)[top:, left:]
    return np.ascontiguousarray(turned(rgb, source.orientation))


def planes_window(frame: VideoFrame, rect: PixelRect, source: Source) -> Planes:
    """Cut `rect` (upright pixels, even corner) out of `frame` as output planes."""
    if source.orientation != Orientation():
        return planes_of(rgb_window(frame, rect, source))  # turned planes would site their chroma elsewhere
    return to_planes(_cut(frame, rect), source.colour)


def turned(pixels: Pixels, orientation: Orientation) -> Pixels:
    """Return coded pixels, (H, W) or (H, W, 3), as they are displayed."""
    mirrored = pixels[:, ::-1] if orientation.mirrored else pixels
    return np.rot90(mirrored, -orientation.quarter_turns)


def _cut(frame: VideoFrame, rect: PixelRect) -> VideoFrame:
    """Copy a window out of every plane: a whole 4K picture is never converted for the sake of a crop."""
    if rect == PixelRect(0, 0, frame.width, frame.height):
        return frame
    window = VideoFrame(rect.width, rect.height, frame.format.name)
    window.colorspace, window.color_range = frame.colorspace, frame.color_range
    sizes = _plane_layout(frame)
    for source, target, (step_bytes, across, down) in zip(frame.planes, window.planes, sizes, strict=True):
        x, y = rect.x // across * step_bytes, rect.y // down
        width, height = -(-rect.width // across) * step_bytes, -(-rect.height // down)
        lines(target)[:height, :width] = lines(source)[y : y + height, x : x + width]
    return window


def _plane_layout(frame: VideoFrame) -> list[tuple[int, int, int]]:
    """Return for each plane (bytes a sample, luma pixels a sample across, and down)."""
    layout: list[tuple[int, int, int]] = []
    for index in range(len(frame.planes)):
        parts = [c for c in frame.format.components if c.plane == index]
        across = round(frame.width / parts[0].width)
        down = round(frame.height / parts[0].height)
        step_bytes = len(parts) * (2 if parts[0].bits > 8 else 1)
        layout.append((step_bytes, across, down))
    return layout


def _coded_rect(rect: PixelRect, source: Source) -> PixelRect:
    """Turn a rectangle of the upright picture back into one of the coded picture."""
    whole = Size(source.upright.width, source.upright.height)
    x, y, width, height = rect.x, rect.y, rect.width, rect.height
    for _ in range(source.orientation.quarter_turns):  # undo one clockwise quarter turn
        x, y, width, height = y, whole.width - x - width, height, width
        whole = Size(whole.height, whole.width)
    if source.orientation.mirrored:
        x = whole.width - x - width
    return PixelRect(x, y, width, height)
