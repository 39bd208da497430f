"""Footage that changes its picture's size or form in the middle comes out in the first one's size, and in step."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from av.video.frame import VideoFrame

from media import ffmpeg
from media.colour import lines, to_rgb
from media.decode import frame_times, frames
from media.fit import fitted
from media.index import scan
from media.picture import planes_window, rgb_window
from media.probe import probe
from media.synth_counter import read_counter
from reel.geometry import PixelRect, Size
from reel.timing import Span
from tests.media.footage import H264, numbered, remuxed

FIRST, HALF = Size(128, 96), 20
PLAIN = (*H264, "-bf", "0", "-g", "10", "-muxdelay", "0")
VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "10")


def in_two_halves(folder: Path, *second: str, first: Sequence[str] = ()) -> Path:
    """Write forty numbered pictures to one transport stream, the later twenty encoded as `second` says."""
    for number, options in enumerate((first, second)):
        half = ("-vf", _filter(number, options), *(option for option in options if "=" not in option))
        offset = ("-output_ts_offset", str(number * HALF / 25))
        numbered(folder / f"{number}.ts", *PLAIN, *half, *offset, frames=2 * HALF, size=FIRST)
    path = folder / "both.ts"
    path.write_bytes(b"".join((folder / f"{number}.ts").read_bytes() for number in (0, 1)))
    return path


def _filter(number: int, options: Sequence[str]) -> str:
    frames = f"trim=start_frame={number * HALF}:end_frame={(number + 1) * HALF},setpts=PTS-STARTPTS"
    return ",".join((frames, *(option for option in options if "=" in option)))


def luma(frame: VideoFrame) -> np.ndarray:
    return frame.to_ndarray(format="gray")


def counters(pictures: Sequence[VideoFrame], size: Size) -> list[int | None]:
    """Return the numbers of pictures in which footage of the shape of `size` fills the middle."""
    found: list[int | None] = []
    for frame in pictures:
        left, top = (frame.width - size.width) // 2, (frame.height - size.height) // 2
        inner = luma(frame)[top : top + size.height, left : left + size.width]
        found.append(read_counter(inner, FIRST))
    return found


SIZES = {
    "smaller": ("scale=64:48", FIRST),
    "larger": ("scale=256:192", FIRST),
    "nearly the same": ("scale=128:98", FIRST),
    "wider": ("scale=192:96", Size(128, 64)),
    "turned": ("scale=96:128", Size(72, 96)),
}


@pytest.mark.parametrize("change", SIZES)
@pytest.mark.parametrize("suffix", [".ts", ".mp4", ".mkv"])
def test_a_new_size_is_fitted_into_the_first(change: str, suffix: str, tmp_path: Path) -> None:
    scale, inner = SIZES[change]
    path = in_two_halves(tmp_path, scale)
    path = path if suffix == ".ts" else remuxed(path, tmp_path / f"both{suffix}")
    source = probe(path)
    assert source.coded == FIRST
    shown = list(frames(path, source, source.span))
    assert {(frame.width, frame.height) for frame in shown} == {(FIRST.width, FIRST.height)}
    assert counters(shown[:HALF], FIRST) == list(range(HALF))
    assert counters(shown[HALF:], inner) == list(range(HALF, 2 * HALF))
    times = tuple(frame.pts for frame in shown)
    assert times == frame_times(path, source, source.span) == scan(path, source, lambda _: None).frame_pts
    border = np.ones((FIRST.height, FIRST.width), bool)
    left, top = (FIRST.width - inner.width) // 2, (FIRST.height - inner.height) // 2
    border[top : top + inner.height, left : left + inner.width] = False
    planes = np.stack([lines(frame.planes[0])[: FIRST.height, : FIRST.width] for frame in shown[HALF:]])
    assert set(planes[:, border].ravel().tolist()) <= {16}  # black, and none where the shape is the same


def test_windows_are_cut_from_either_half(tmp_path: Path) -> None:
    """As a segment takes them: the same place, whatever the picture's own size was."""
    path = in_two_halves(tmp_path, "scale=64:48")
    source = probe(path)
    rect = PixelRect(0, 0, FIRST.width, FIRST.height)
    for frame in frames(path, source, source.span):
        assert rgb_window(frame, rect, source).shape == (96, 128, 3)
        assert planes_window(frame, rect, source).y.shape == (96, 128)


def test_a_clip_may_begin_after_the_change(tmp_path: Path) -> None:
    path = in_two_halves(tmp_path, "scale=64:48")
    source = probe(path)
    times = frame_times(path, source, source.span)
    shown = list(frames(path, source, Span(times[33], times[36])))
    assert [frame.pts for frame in shown] == list(times[33:36])
    assert counters(shown, FIRST) == [33, 34, 35]


def test_vp9_changes_its_size_within_a_stream(tmp_path: Path) -> None:
    for number, scale in enumerate(("null", "scale=64:48")):
        numbered(tmp_path / f"{number}.webm", *VP9, "-vf", _filter(number, (scale,)), frames=2 * HALF, size=FIRST)
    both = tmp_path / "both.txt"
    both.write_text("file 0.webm\nfile 1.webm\n")
    path = tmp_path / "both.webm"
    ffmpeg.run(["-f", "concat", "-i", f"file:{both}", "-c", "copy", "-y", f"file:{path}"])
    source = probe(path)
    assert counters(list(frames(path, source, source.span)), FIRST) == list(range(2 * HALF))


@pytest.mark.parametrize("second", [("-pix_fmt", "yuv444p"), ("-pix_fmt", "yuv422p10le"), ("-bf", "2", "-refs", "4")])
def test_the_layout_and_the_parameters_may_change(second: tuple[str, ...], tmp_path: Path) -> None:
    path = in_two_halves(tmp_path, *second)
    source = probe(path)
    shown = list(frames(path, source, source.span))
    assert counters(shown, FIRST) == list(range(2 * HALF))
    before, after = (to_rgb(shown[n], source.colour).astype(float) for n in (HALF - 1, HALF))
    assert abs(before.mean() - after.mean()) < 3


def test_the_border_is_black_in_full_range_too(tmp_path: Path) -> None:
    full = ("scale=out_range=pc", "-pix_fmt", "yuvj420p")
    path = in_two_halves(tmp_path, "scale=192:96:out_range=pc", "-pix_fmt", "yuvj420p", first=full)
    source = probe(path)
    assert source.colour.full_range
    last = list(frames(path, source, source.span))[-1]
    assert to_rgb(last, source.colour)[:12].max() <= 2


def test_pictures_of_one_size_are_left_alone() -> None:
    picture = VideoFrame(32, 16, "yuv420p")
    picture.pts, picture.time_base = 5, Fraction(1, 25)
    assert list(fitted(iter([picture]), Size(32, 16))) == [picture]
    assert list(fitted(iter(()), Size(32, 16))) == []
