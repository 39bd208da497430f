"""HDR pictures as ordinary ones: against what they were made from, and against zscale and tonemap of the binary.

zscale takes HLG's system gamma channel by channel unless `agamma=0`; with it, it does what BT.2100 says, as we do.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from media import ffmpeg
from media.colour import OUTPUT, Colour, Pixels, frame_of, lines, planes_of, to_planes, to_rgb
from media.decode import frames
from media.hdr import KNEE, PEAK_NITS, STRIP_LINES, WHITE_NITS, tone_mapped
from media.picture import planes_window, rgb_window
from media.probe import probe
from media.synth_play import play_match
from media.synth_scene import Scene
from reel.geometry import PixelRect, Size

ZSCALE = {"hlg": "arib-std-b67", "pq": "smpte2084"}
EXACT = f"npl={WHITE_NITS}:agamma=0"
RANGES = {"limited": "tv", "full": "pc"}
TRANSFERS = pytest.mark.parametrize("transfer", ["hlg", "pq"])


def colour(transfer: str, full_range: bool = False) -> Colour:
    return Colour("bt2020", full_range=full_range, transfer=transfer)


def filmed(rgb: Pixels, transfer: str, layout: str = "yuv420p10le", range_: str = "limited") -> bytes:
    """Return an ordinary picture as the planes of an HDR one: its white at 203 cd/m²."""
    tags = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=gbr:range=pc"
    light = f"format=gbrp,{tags},zscale=t=linear:{EXACT},format=gbrpf32le"
    return filtered(rgb.tobytes(), rgb.shape, "rgb24", f"{light},{_lifted(transfer, layout, range_)}", layout)


def lit(light: NDArray[np.float64], transfer: str) -> NDArray[np.uint16]:
    """Return linear bt709 light, (H, W, 3) in whites, as HDR numbers of all 16 bits, so that no step hides another."""
    planar = np.stack([light[..., 1], light[..., 2], light[..., 0]]).astype(np.float32).tobytes()
    tags = "setparams=color_primaries=bt709:color_trc=linear:colorspace=gbr:range=pc"
    raw = filtered(planar, light.shape, "gbrpf32le", f"{tags},{_lifted(transfer, 'yuv444p16le')}", "yuv444p16le")
    return np.ascontiguousarray(np.moveaxis(np.frombuffer(raw, np.uint16).reshape(3, *light.shape[:2]), 0, 2))


def shown_by_zscale(raw: bytes, shape: tuple[int, ...], transfer: str, layout: str, curve: str) -> Pixels:
    """Tone-map with the binary's filters."""
    tags = f"setparams=color_primaries=bt2020:color_trc={ZSCALE[transfer]}:colorspace=bt2020nc:range=tv"
    light = f"{tags},zscale=t=linear:{EXACT},format=gbrpf32le,zscale=p=bt709"
    rgb = filtered(raw, shape, layout, f"{light},{curve},zscale=t=bt709:r=pc,format=gbrp,format=rgb24", "rgb24")
    return np.frombuffer(rgb, np.uint8).reshape(shape)


def filtered(raw: bytes, shape: tuple[int, ...], layout: str, filters: str, into: str) -> bytes:
    size = f"{shape[1]}x{shape[0]}"
    inputs = ["-f", "rawvideo", "-pix_fmt", layout, "-video_size", size, "-i", "pipe:0"]
    return ffmpeg.run([*inputs, "-vf", filters, "-f", "rawvideo", "-pix_fmt", into, "-"], stdin=raw)


def _lifted(transfer: str, layout: str, range_: str = "limited") -> str:
    return f"zscale=p=2020:t={ZSCALE[transfer]}:m=2020_ncl:r={RANGES[range_]}:{EXACT},format={layout}"


def frame_with(raw: bytes, shape: tuple[int, ...], layout: str) -> VideoFrame:
    """Return a frame of 10-bit planes."""
    frame = VideoFrame(shape[1], shape[0], layout)
    samples = np.frombuffer(raw, np.uint16)
    for plane in frame.planes:
        here, samples = np.split(samples, [plane.width * plane.height])
        lines(plane).view(np.uint16)[: plane.height, : plane.width] = here.reshape(plane.height, plane.width)
    assert not samples.size
    return frame


def grey(levels: NDArray[np.int_]) -> VideoFrame:
    """Return a frame, two lines high, of neutral pixels with these numbers of 10 bits."""
    frame = VideoFrame(len(levels), 2, "yuv420p10le")
    for plane, samples in zip(frame.planes, (levels, 512, 512), strict=True):
        lines(plane).view(np.uint16)[: plane.height, : plane.width] = samples
    return frame


def chart() -> Pixels:
    """Return a picture of soft patches in every colour: subsampling its chroma costs little."""
    patches = np.random.default_rng(3).integers(0, 256, (9, 12, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(patches, (288, 216), interpolation=cv2.INTER_CUBIC), np.uint8)


def match() -> Pixels:
    play = play_match(1.0, 14, 1)
    picture, _ = Scene(Size(480, 270), play.people, 1).draw(play.at(0.5))
    return np.ascontiguousarray(picture[..., ::-1])


def apart(one: Pixels, other: Pixels) -> NDArray[np.int_]:
    return np.abs(one.astype(int) - other.astype(int))


@TRANSFERS
@pytest.mark.parametrize("range_", ["limited", "full"])
@pytest.mark.parametrize("layout", ["yuv420p10le", "yuv422p10le", "yuv444p10le"])
def test_an_ordinary_picture_comes_back(transfer: str, range_: str, layout: str) -> None:
    rgb = chart()
    frame = frame_with(filmed(rgb, transfer, layout, range_), rgb.shape, layout)
    off = apart(to_rgb(frame, colour(transfer, range_ == "full")), rgb)
    below_the_knee = rgb.max(axis=2) <= 255 * KNEE ** (1 / 2.4)
    assert off[below_the_knee].mean() <= (0.5 if "444" in layout else 1.5)
    assert off.mean() <= 4
    assert off.max() <= 36  # of white 27 are the knee's


@TRANSFERS
def test_a_match_comes_back(transfer: str) -> None:
    rgb = match()
    frame = frame_with(filmed(rgb, transfer, "yuv444p10le"), rgb.shape, "yuv444p10le")
    off = apart(to_rgb(frame, colour(transfer)), rgb)
    assert off.mean() <= 0.5
    assert np.percentile(off, 95) <= 2


@TRANSFERS
@pytest.mark.parametrize(("picture", "nearly", "roughly"), [(match, 0.1, 0.5), (chart, 1.5, 6)])
def test_the_binary_agrees(transfer: str, picture: type, nearly: float, roughly: float) -> None:
    rgb, layout = picture(), "yuv420p10le"
    raw = filmed(rgb, transfer, layout)
    ours = to_rgb(frame_with(raw, rgb.shape, layout), colour(transfer))
    peak = PEAK_NITS[transfer] / WHITE_NITS
    same_curve = f"tonemap=mobius:param={KNEE}:peak={peak}:desat=0"  # but by the brightest channel alone
    assert apart(ours, shown_by_zscale(raw, rgb.shape, transfer, layout, same_curve)).mean() <= nearly
    assert apart(ours, shown_by_zscale(raw, rgb.shape, transfer, layout, "tonemap=mobius")).mean() <= roughly


@TRANSFERS
def test_the_binary_agrees_on_greys_at_every_brightness(transfer: str) -> None:
    light = np.geomspace(0.001, 4.9, 800).reshape(1, -1, 1) * np.ones(3)
    yuv = lit(light, transfer)
    raw = np.moveaxis(yuv, 2, 0).tobytes()
    curve = f"tonemap=mobius:param={KNEE}:peak={PEAK_NITS[transfer] / WHITE_NITS}:desat=0"
    theirs = shown_by_zscale(raw, yuv.shape, transfer, "yuv444p16le", curve)
    assert apart(tone_mapped(yuv, transfer, full_range=False), theirs).max() <= 1


@TRANSFERS
@pytest.mark.parametrize("full_range", [False, True])
def test_a_ramp_has_no_bands_and_stays_neutral(transfer: str, full_range: bool) -> None:
    levels = np.arange(1024)
    rgb = to_rgb(grey(levels), colour(transfer, full_range)).astype(int)
    assert np.ptp(rgb, axis=2).max() <= 1
    steps = np.diff(rgb[0], axis=0)
    assert steps.min() >= 0
    assert steps.max() <= 2
    assert set(np.unique(rgb[0, :, 1])) == set(range(256))
    assert rgb[0, 0].max() == 0
    assert rgb[0, -1].min() == 255


def test_white_and_grey_stand_where_the_decision_says() -> None:
    for transfer in ("hlg", "pq"):
        light = np.array([[[0.18] * 3, [KNEE] * 3, [1] * 3, [1000 / WHITE_NITS] * 3]])
        found = tone_mapped(lit(light, transfer), transfer, full_range=False)[0, :, 1]
        wanted = {"hlg": (125, 191, 228, 255), "pq": (125, 191, 226, 250)}[transfer]
        assert np.abs(found.astype(int) - wanted).max() <= 1


@TRANSFERS
@pytest.mark.parametrize("tint", [(1, 0.3, 0.1), (0.2, 1, 0.3), (0.3, 0.5, 1), (1, 0.8, 0.5), (1, 1, 0.2)])
def test_highlights_roll_off_and_keep_their_hue(transfer: str, tint: tuple[float, float, float]) -> None:
    brightness = np.geomspace(0.02, 3.5, 200)[None, :, None]
    yuv = lit(brightness * np.array(tint), transfer)
    rgb = tone_mapped(yuv, transfer, full_range=False).astype(int)[0]
    assert np.diff(rgb, axis=0).min() >= 0
    assert np.diff(rgb[:, np.argsort(tint)], axis=1).min() >= -1  # no channel overtakes another
    saturation = np.ptp(rgb, axis=1) / rgb.max(axis=1)
    assert saturation[-1] < saturation[100]  # a bright colour pales


def test_a_colour_outside_bt709_keeps_its_luminance_and_its_hue() -> None:
    def shown(y: int, u: int, v: int) -> NDArray[np.float64]:
        yuv = np.array([[[y, u, v]]], np.uint16) << np.uint16(6)
        return (tone_mapped(yuv, "pq", full_range=False)[0, 0] / 255.0) ** 2.4

    signal = {"red": (0.5, 0, 0), "green": (0, 0.5, 0), "blue": (0, 0, 0.5)}
    kr, kg, kb = 0.2627, 0.678, 0.0593
    half = 92.2457 / WHITE_NITS  # the light of a PQ signal of one half, in whites
    for channel, (name, (r, g, b)) in enumerate(signal.items()):
        y = kr * r + kg * g + kb * b
        numbers = (64 + 876 * y, 512 + 896 * (b - y) / 1.8814, 512 + 896 * (r - y) / 1.4746)
        light = shown(*(round(number) for number in numbers))
        assert light.argmax() == channel, name
        assert light.min() == pytest.approx(0, abs=0.002), name
        luminance = float(light @ (0.2126, 0.7152, 0.0722))
        assert luminance == pytest.approx((kr, kg, kb)[channel] * half, abs=0.01), name


def test_a_pixel_is_the_same_wherever_it_stands_and_whenever() -> None:
    yuv = np.random.default_rng(5).integers(0, 65536, (2 * STRIP_LINES + 7, 33, 3)).astype(np.uint16)
    before = yuv.copy()
    whole = tone_mapped(yuv, "hlg", full_range=False)
    assert np.array_equal(yuv, before)
    assert np.array_equal(whole, tone_mapped(yuv, "hlg", full_range=False))
    turned = tone_mapped(np.ascontiguousarray(yuv[::-1, ::-1]), "hlg", full_range=False)
    assert np.array_equal(whole, turned[::-1, ::-1])


def test_odd_sizes() -> None:
    rgb = chart()
    whole = frame_with(filmed(rgb, "hlg"), rgb.shape, "yuv420p10le")
    odd = VideoFrame(33, 65, "yuv420p10le")
    for part, plane in zip(odd.planes, whole.planes, strict=True):
        kept = lines(plane)[: part.height, : 2 * part.width]
        lines(part)[: part.height, : 2 * part.width] = kept
    assert np.array_equal(to_rgb(odd, colour("hlg"))[:64, :32], to_rgb(whole, colour("hlg"))[:64, :32])
    assert to_rgb(odd, colour("hlg")).shape == (65, 33, 3)


def test_eight_bits_are_tone_mapped_too_and_never_passed_on_as_they_are() -> None:
    rgb = chart()
    deep = frame_with(filmed(rgb, "hlg"), rgb.shape, "yuv420p10le")
    shallow = VideoFrame(deep.width, deep.height, "yuv420p")
    for narrow, wide in zip(shallow.planes, deep.planes, strict=True):
        lines(narrow)[: wide.height, : wide.width] = (
            lines(wide).view(np.uint16)[: wide.height, : wide.width] / 4
        ).round()
    off = apart(to_rgb(shallow, colour("hlg")), to_rgb(deep, colour("hlg")))
    assert off.mean() <= 1.5
    mislabelled = replace(OUTPUT, transfer="hlg")
    planes = to_planes(shallow, mislabelled)
    assert np.array_equal(planes.y, planes_of(to_rgb(shallow, mislabelled)).y)


def test_windows_of_a_phones_hlg(tmp_path: Path) -> None:
    path, rgb = tmp_path / "phone.mov", chart()
    size = f"{rgb.shape[1]}x{rgb.shape[0]}"
    x265 = "colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc:log-level=error:pools=1:crf=8"
    ffmpeg.run(
        [
            *("-f", "rawvideo", "-pix_fmt", "yuv420p10le", "-video_size", size, "-framerate", "25", "-i", "pipe:0"),
            *("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", x265, "-tag:v", "hvc1", "-y", f"file:{path}"),
        ],
        stdin=filmed(rgb, "hlg"),
    )
    source = probe(path)
    assert (source.colour, source.rate) == (colour("hlg"), Fraction(25))
    frame = next(frames(path, source, source.span))
    rect = PixelRect(40, 20, 120, 160)
    cut = rgb[20:180, 40:160]
    shown = rgb_window(frame, rect, source)
    assert apart(shown, cut).mean() <= 4
    planes = planes_window(frame, rect, source)
    assert apart(to_rgb(frame_of(planes), OUTPUT), shown).mean() <= 1
