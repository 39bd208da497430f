"""The only converter of colour: decoded planes to RGB, and RGB to the bt709 limited 4:2:0 that every output is.

Matrices: ITU-T H.273, table 4. 4:2:0 chroma is sited left: in the column of the even luma samples, between two rows
(H.264 chroma_sample_loc_type 0). PyAV's own conversion is off by up to 22 levels on untagged 1080p, this by up to 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from numpy.typing import NDArray

from media.hdr import tone_mapped

Pixels: TypeAlias = NDArray[np.uint8]
Deep: TypeAlias = NDArray[np.uint16]

_WEIGHTS = {"bt709": (0.2126, 0.0722), "bt601": (0.299, 0.114), "bt2020": (0.2627, 0.0593)}


@dataclass(frozen=True, slots=True)
class Colour:
    """How a source's numbers are meant; untagged pictures of 720 lines or more are bt709, smaller ones bt601."""

    matrix: str = "bt709"
    full_range: bool = False
    transfer: str = "sdr"

    @property
    def hdr(self) -> bool:
        """Whether the source has to be tone-mapped."""
        return self.transfer != "sdr"


class Planes(NamedTuple):
    """A bt709 limited 4:2:0 picture: luma (H, W) and two chroma planes (⌈H/2⌉, ⌈W/2⌉)."""

    y: Pixels
    u: Pixels
    v: Pixels


OUTPUT = Colour("bt709", full_range=False)


def to_rgb(frame: VideoFrame, colour: Colour) -> Pixels:
    """Return `frame` as full-range RGB, (H, W, 3)."""
    if frame.format.is_rgb:
        return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    planar = _planar(frame)
    yuv = _full_chroma(*(_deep_plane(planar, index) for index in range(3)))
    if colour.hdr:
        return tone_mapped(yuv, colour.transfer, full_range=colour.full_range)
    matrix = _rgb_of_yuv(colour)
    matrix[:, 3] = matrix[:, 3] * 256 + 128  # so that cutting the lower 8 bits off rounds
    return np.right_shift(cv2.transform(yuv, matrix), 8).astype(np.uint8)


def to_planes(frame: VideoFrame, colour: Colour) -> Planes:
    """Return `frame` as output planes: untouched where it has that form already."""
    if frame.format.name == "yuv420p" and colour == OUTPUT:
        return Planes(*(_plane(frame, index).copy() for index in range(3)))
    return planes_of(to_rgb(frame, colour))


def planes_of(rgb: Pixels) -> Planes:
    """Return full-range RGB, (H, W, 3), as output planes."""
    yuv = np.asarray(cv2.transform(rgb, _yuv_of_rgb(OUTPUT)), np.uint8)
    return Planes(np.ascontiguousarray(yuv[..., 0]), _downsample(yuv[..., 1]), _downsample(yuv[..., 2]))


def frame_of(planes: Planes) -> VideoFrame:
    """Return planes as a tagged frame for the encoder."""
    height, width = planes.y.shape
    frame = VideoFrame(width, height, "yuv420p")
    for plane, pixels in zip(frame.planes, (planes.y, planes.u, planes.v), strict=True):
        lines(plane)[: pixels.shape[0], : pixels.shape[1]] = pixels
    frame.colorspace, frame.color_range = Colorspace.ITU709, ColorRange.MPEG
    frame.color_primaries, frame.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
    return frame


def lines(plane: VideoPlane) -> Pixels:
    """View a plane's bytes line by line, padding included."""
    return np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)


def _planar(frame: VideoFrame) -> VideoFrame:
    """Bring any layout to three planes of 8 or 10 bits, chroma as fine as it is; the numbers keep their meaning."""
    luma, *chroma = frame.format.components
    halved = (chroma[0].height < frame.height, chroma[0].width < frame.width) if chroma else (False, False)
    shape = "yuv420p" if halved[0] else "yuv422p" if halved[1] else "yuv444p"
    layout = shape + ("10le" if luma.bits > 8 else "")
    if frame.format.name in {layout, layout.replace("yuv", "yuvj")}:
        return frame
    same = {"src_colorspace": Colorspace.ITU709, "dst_colorspace": Colorspace.ITU709}
    range_ = ColorRange.MPEG if chroma else ColorRange.JPEG  # what swscale takes grey for, whatever it is told
    return frame.reformat(format=layout, src_color_range=range_, dst_color_range=range_, **same)


def _plane(frame: VideoFrame, index: int) -> Pixels:
    """View one plane of 8-bit samples, without the padding of its lines."""
    plane = frame.planes[index]
    return lines(plane)[: plane.height, : plane.width]


def _deep_plane(frame: VideoFrame, index: int) -> Deep:
    """Copy one plane of 8 or 10 bits into the upper bits of 16: no step of it is lost between two chroma samples."""
    plane = frame.planes[index]
    if frame.format.components[index].bits == 8:
        return _plane(frame, index).astype(np.uint16) << np.uint16(8)
    return lines(plane).view(np.uint16)[: plane.height, : plane.width] << np.uint16(6)


def _full_chroma(y: Deep, u: Deep, v: Deep) -> Deep:
    """Return YUV, (H, W, 3), with chroma at every pixel."""
    height, width = y.shape
    return np.dstack((y, _upsample(u, width, height), _upsample(v, width, height)))


def _upsample(chroma: Deep, width: int, height: int) -> Deep:
    """Bring a chroma plane to the luma's size."""
    if chroma.shape[0] < height:
        doubled = cv2.resize(chroma, (chroma.shape[1], 2 * chroma.shape[0]), interpolation=cv2.INTER_LINEAR)
        chroma = np.asarray(doubled[:height], np.uint16)
    if chroma.shape[1] == width:
        return chroma
    right = np.concatenate((chroma[:, 1:], chroma[:, -1:]), axis=1)
    full = np.empty((chroma.shape[0], 2 * chroma.shape[1]), np.uint16)
    full[:, 0::2] = chroma
    full[:, 1::2] = cv2.addWeighted(chroma, 0.5, right, 0.5, 0)
    return full[:, :width]


def _downsample(chroma: Pixels) -> Pixels:
    """Halve a chroma plane: 1-2-1 around each even column, the mean of two rows."""
    height, width = chroma.shape
    padded = cv2.copyMakeBorder(chroma, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
    kernel = np.array([[1, 2, 1]], np.float32) / 4
    filtered = cv2.sepFilter2D(padded, cv2.CV_32F, kernel, np.ones((1, 1), np.float32), borderType=cv2.BORDER_REPLICATE)
    halved = (filtered[0::2, 0::2] + filtered[1::2, 0::2]) * 0.5
    return np.floor(halved + 0.5).astype(np.uint8)


def _yuv_of_rgb(colour: Colour) -> NDArray[np.float64]:
    """Return the 3×4 matrix from full-range RGB to the numbers of `colour`."""
    kr, kb = _WEIGHTS[colour.matrix]
    luma = np.array([kr, 1 - kr - kb, kb])
    blue = (np.array([0, 0, 1]) - luma) / (2 * (1 - kb))
    red = (np.array([1, 0, 0]) - luma) / (2 * (1 - kr))
    y_span, c_span, y_zero = (255, 255, 0) if colour.full_range else (219, 224, 16)
    scaled = np.stack((luma * y_span / 255, blue * c_span / 255, red * c_span / 255))
    return np.column_stack((scaled, (y_zero, 128, 128)))


def _rgb_of_yuv(colour: Colour) -> NDArray[np.float64]:
    """Return the 3×4 matrix back."""
    forward = _yuv_of_rgb(colour)
    inverse = np.linalg.inv(forward[:, :3])
    return np.column_stack((inverse, -inverse @ forward[:, 3])).astype(np.float64)
