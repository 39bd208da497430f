"""A card fills its picture, its words stand in the middle, large, whole and even."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media import card as module
from media.card import card
from media.lettering import LINE, width
from reel.edit import MOST_CARD
from reel.geometry import Size
from reel.text import ELLIPSIS
from tests.media.planes import planes_in

SIZES = [Size(270, 480), Size(480, 270), Size(270, 270), Size(101, 75)]
SHORT = "Sami, season 2026"
LONG = (
    "This was the game in which everything that we had trained for came together ⚽ and a whole team stood up. " * 4
)[:MOST_CARD]


@pytest.mark.parametrize("picture", SIZES, ids=str)
@pytest.mark.parametrize("text", [SHORT, LONG, "هدف الموسم 🏆", "The semi-final\nRiverside 2–1 Rangers", "进球" * 40])
def test_the_words_fill_the_middle(picture: Size, text: str):
    planes = card(text, picture)
    half = ((picture.height + 1) // 2, (picture.width + 1) // 2)
    assert [plane.shape for plane in planes_in(planes)] == [(picture.height, picture.width), half, half]
    rows, columns = np.nonzero(planes.y > 130)
    assert (columns.min() + columns.max()) / 2 == pytest.approx(picture.width / 2, abs=0.04 * picture.width)
    assert (rows.min() + rows.max()) / 2 == pytest.approx(picture.height / 2, abs=0.1 * picture.height)
    assert columns.min() >= 0.07 * picture.width
    assert columns.max() <= 0.93 * picture.width
    assert rows.min() >= 0.03 * picture.height


@pytest.mark.parametrize("picture", SIZES[:3], ids=str)
def test_words_are_whole_and_a_short_text_is_larger_than_a_long_one(picture: Size):
    small, lines = module._fitted(LONG.strip(), picture)
    assert " ".join(line.text for line in lines) == LONG.strip()
    assert len(lines) * small.size_px * LINE <= 0.72 * picture.height
    large, few = module._fitted(SHORT, picture)
    assert large.size_px > small.size_px
    assert len(few) <= 2


def test_lines_are_about_equally_long():
    style, lines = module._fitted("Player of the match at the cup in Rotterdam", Size(480, 270))
    widths = [width(line.text, style) for line in lines]
    assert len(widths) > 1
    assert min(widths) > 0.6 * max(widths)


def test_the_ground_is_dark_smooth_and_of_one_hue():
    planes = card("", Size(270, 480))
    assert planes.y.max() < 70
    assert planes.y.min() >= 16
    assert np.ptp(planes.u) <= 2
    assert np.ptp(planes.v) <= 2
    coarse = planes.y.astype(float).reshape(48, 10, 27, 10).mean(axis=(1, 3))
    assert np.abs(np.diff(coarse, axis=0)).max() < 2
    assert coarse[20:24, 12:15].min() > coarse[[0, 0, -1, -1], [0, -1, 0, -1]].max() + 6


def test_too_much_for_a_card_ends_in_an_ellipsis_and_the_same_text_gives_the_same_bytes():
    _, lines = module._fitted("W" * MOST_CARD, Size(64, 36))
    assert lines[-1].text.endswith(ELLIPSIS)
    first, second = card(LONG, Size(270, 480)), card(LONG, Size(270, 480))
    assert all(np.array_equal(a, b) for a, b in zip(planes_in(first), planes_in(second), strict=True))


@settings(max_examples=25)
@given(st.text(max_size=60), st.integers(1, 120), st.integers(1, 120))
def test_any_text_and_any_picture_give_a_card(text: str, across: int, down: int):
    planes = card(text, Size(across, down))
    assert planes.y.shape == (down, across)
    assert planes.u.shape == ((down + 1) // 2, (across + 1) // 2)
