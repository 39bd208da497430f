from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.sheet import SPOT_PX, Row, spot, write_sheet
from media.colour import Pixels


def picture(height: int, width: int, seed: int = 1) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def read(path: Path) -> Pixels:
    with Image.open(path) as image:
        return np.asarray(image)


def test_a_spot_is_cut_out_pixel_by_pixel() -> None:
    whole = picture(300, 400)
    np.testing.assert_array_equal(spot(whole, (70, 40)), whole[40 : 40 + SPOT_PX, 70 : 70 + SPOT_PX])


def test_a_spot_that_reaches_past_the_edge_is_moved_back() -> None:
    whole = picture(200, 180)
    np.testing.assert_array_equal(spot(whole, (999, 999)), whole[-SPOT_PX:, -SPOT_PX:])


def test_a_spot_of_the_small_picture_shows_its_pixels_large() -> None:
    small = picture(60, 80)
    shown = spot(small, (40, 80), Fraction(4))
    np.testing.assert_array_equal(shown, small[20:60, 10:50].repeat(4, axis=0).repeat(4, axis=1))


@pytest.mark.parametrize("scale", [Fraction(3), Fraction(8, 3)])
def test_spots_of_scales_that_do_not_divide_them_have_the_size_of_the_others(scale: Fraction) -> None:
    assert spot(picture(108, 120), (40, 80), scale).shape == (SPOT_PX, SPOT_PX, 3)


def test_every_spot_stands_in_its_row_and_column_at_twice_its_size(tmp_path: Path) -> None:
    spots = [picture(SPOT_PX, SPOT_PX, seed) for seed in range(4)]
    path = tmp_path / "new" / "sheet.png"
    write_sheet(("truth", "ours"), [Row("one", (spots[0], spots[1])), Row("two", (spots[2], spots[3]))], path)
    sheet = read(path)
    windows = np.lib.stride_tricks.sliding_window_view(sheet[..., 0], (4, 4))
    corners = []
    for pixels in spots:
        doubled = pixels.repeat(2, axis=0).repeat(2, axis=1)
        ((top, left),) = np.argwhere((windows == doubled[:4, :4, 0]).all(axis=(2, 3)))
        np.testing.assert_array_equal(sheet[top : top + 2 * SPOT_PX, left : left + 2 * SPOT_PX], doubled)
        corners.append((top, left))
    assert corners[0][0] == corners[1][0] < corners[2][0] == corners[3][0]
    assert corners[0][1] == corners[2][1] < corners[1][1] == corners[3][1]


def test_rows_and_columns_are_labelled(tmp_path: Path) -> None:
    write_sheet(("truth",), [Row("a label", (np.zeros((SPOT_PX, SPOT_PX, 3), np.uint8),))], tmp_path / "sheet.png")
    sheet = read(tmp_path / "sheet.png")
    assert sheet[:20].max() > 200
    assert sheet[-20:].max() > 200
