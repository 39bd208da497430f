"""The mark of a draft is seen, stays in its corner and changes nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from media.colour import Planes
from media.mark import marked
from reel.geometry import OUTPUT_SIZES, Size

SIZES = [*OUTPUT_SIZES.values(), Size(320, 240)]


def plain(size: Size, level: int = 60) -> Planes:
    half = (size.height // 2, size.width // 2)
    return Planes(
        np.full((size.height, size.width), level, np.uint8), np.full(half, 90, np.uint8), np.full(half, 170, np.uint8)
    )


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_it_stands_in_the_upper_left_corner(size: Size):
    before = plain(size)
    after = marked(before)
    assert (after.y.shape, after.u.shape, after.v.shape) == (before.y.shape, before.u.shape, before.v.shape)
    rows, columns = np.nonzero(after.y != 60)
    tall = max(size.width, size.height) / 48
    assert rows.min() >= tall / 2
    assert columns.min() >= tall / 2
    assert rows.max() < 4 * tall
    assert columns.max() < 7 * tall
    assert tall * 0.7 <= np.ptp(rows) <= tall * 1.8


@pytest.mark.parametrize("level", [16, 60, 128, 220, 235])
def test_it_is_seen_on_any_ground(level: int):
    after = marked(plain(OUTPUT_SIZES["9:16"], level))
    contrast = np.abs(after.y.astype(int) - level)
    assert np.count_nonzero(contrast > 40) > 500
    rows, columns = np.nonzero(contrast > 10)
    around = np.s_[rows.min() // 2 : rows.max() // 2 + 1, columns.min() // 2 : columns.max() // 2 + 1]
    assert (np.abs(after.u[around].astype(int) - 128) < 10).any()  # its letters are grey
    assert (np.abs(after.v[around].astype(int) - 128) < 10).any()


def test_what_it_marks_is_left_as_it_was():
    before = plain(Size(320, 240))
    first = marked(before)
    assert (before.y == 60).all()
    assert (before.u == 90).all()
    assert np.array_equal(marked(before).y, first.y)
    far = np.s_[120:, 160:]
    assert (first.y[far] == 60).all()
    assert (first.v[far] == 170).all()
