"""The sprite sheet: each tile shows the frame that it says, upright, in the picture's shape, from sync frames only."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from media.decode import all_frames
from media.index import FrameIndex, scan
from media.probe import probe
from media.sprite import CLOSEST_S, LARGEST_TILE, MOST_TILES, Sheet, tile_size, tile_times, write_sheet
from media.synth import Match, read_counter, write
from reel.geometry import Size
from tests.media.footage import B_FRAMES, OPEN_HEVC, number_of, numbered

SIZE = Size(320, 180)


def sheet_of(path: Path) -> tuple[Sheet, np.ndarray]:
    """Return a source's sprite sheet and its picture, BGR."""
    source = probe(path)
    index = scan(path, source, lambda _: None)
    picture = path.with_suffix(".jpg")
    sheet = write_sheet(path, source, index, picture, lambda _: None)
    return sheet, np.asarray(cv2.imread(str(picture)))


def tiles(sheet: Sheet, picture: np.ndarray) -> list[np.ndarray]:
    width, height = sheet.tile.width, sheet.tile.height
    places = [divmod(number, sheet.columns) for number in range(len(sheet.pts))]
    return [picture[r * height : (r + 1) * height, c * width : (c + 1) * width] for r, c in places]


@pytest.mark.parametrize(
    ("name", "options"), [("b.mp4", B_FRAMES), ("b.mkv", B_FRAMES), ("b.ts", B_FRAMES), ("open.mp4", OPEN_HEVC)]
)
def test_each_tile_shows_its_frame(tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    path = numbered(tmp_path / name, *options, frames=100, size=SIZE)
    counters = {frame.pts: number_of(frame) for frame in all_frames(path)}
    sheet, picture = sheet_of(path)
    assert sheet.tile == Size(160, 90)
    assert len(sheet.pts) == 4
    found = [
        read_counter(cv2.resize(tile, (320, 180), interpolation=cv2.INTER_CUBIC), SIZE)
        for tile in tiles(sheet, picture)
    ]
    assert found == [counters[pts] for pts in sheet.pts]


def test_a_turned_picture_stands_upright(tmp_path: Path) -> None:
    path = tmp_path / "match.mov"
    write(Match(size=Size(180, 320), rotation=90, duration_s=Fraction(1, 5), counters=False), path)
    sheet, picture = sheet_of(path)
    assert (sheet.tile, len(sheet.pts)) == (Size(50, 90), 1)
    first = np.rot90(next(iter(all_frames(path))).to_ndarray(format="bgr24"), -1)
    wanted = cv2.resize(first, (50, 90), interpolation=cv2.INTER_AREA)
    assert np.abs(picture.astype(float) - wanted).mean() < 8


def test_more_tiles_than_a_row_begin_another(tmp_path: Path) -> None:
    path = numbered(tmp_path / "long.mp4", "-g", "5", frames=60, rate=Fraction(5))
    sheet, picture = sheet_of(path)
    assert len(sheet.pts) == 12
    assert picture.shape[:2] == (2 * sheet.tile.height, 10 * sheet.tile.width)


def test_the_same_source_gives_the_same_bytes(tmp_path: Path) -> None:
    path = numbered(tmp_path / "b.mp4", *B_FRAMES)
    sheet_of(path)
    first = path.with_suffix(".jpg").read_bytes()
    sheet_of(path)
    assert path.with_suffix(".jpg").read_bytes() == first


def test_a_damaged_sync_frame_costs_one_tile(tmp_path: Path) -> None:
    path = numbered(tmp_path / "b.mp4", *B_FRAMES, frames=100, size=SIZE)
    source = probe(path)
    index = scan(path, source, lambda _: None)
    wanted = tile_times(index)
    body = bytearray(path.read_bytes())
    start = index.sync_bytes[index.sync_pts.index(wanted[1])]
    body[start : start + 600] = bytes(600)
    path.write_bytes(body)
    sheet = write_sheet(path, source, index, tmp_path / "sheet.jpg", lambda _: None)
    shown = [tile.mean() > 60 for tile in tiles(sheet, np.asarray(cv2.imread(str(tmp_path / "sheet.jpg"))))]
    assert shown == [True, False, True, True]


@pytest.mark.parametrize(
    ("displayed", "tile"),
    [
        (Size(1920, 1080), Size(160, 90)),
        (Size(1080, 1920), Size(50, 90)),
        (Size(3072, 1728), Size(160, 90)),
        (Size(1440, 1080), Size(120, 90)),
        (Size(2560, 1080), Size(160, 68)),
        (Size(8192, 16), Size(160, 2)),
    ],
)
def test_tiles_keep_the_shape(displayed: Size, tile: Size) -> None:
    assert tile_size(displayed) == tile
    assert tile.width <= LARGEST_TILE.width
    assert tile.height <= LARGEST_TILE.height


@pytest.mark.parametrize("seconds", [1, 30, 5400, 4 * 3600])
def test_tiles_are_few_and_spread(seconds: int) -> None:
    sync = tuple(range(0, seconds * 1000, 1000))
    times = tile_times(FrameIndex(Fraction(1, 1000), tuple(range(0, seconds * 1000, 40)), seconds * 1000, sync, sync))
    assert len(times) == min(MOST_TILES, seconds // CLOSEST_S)
    assert set(times) <= set(sync)
    gaps = [after - before for before, after in pairwise(times)]
    assert max(gaps, default=0) - min(gaps, default=0) <= 1000


def test_a_source_with_one_sync_frame_has_one_tile() -> None:
    assert tile_times(FrameIndex(Fraction(1, 1000), (0, 40, 80), 60_000, (0,), (0,))) == (0,)
