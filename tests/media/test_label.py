"""The label keeps to its player, smoothly, and inside the picture."""

from __future__ import annotations

from dataclasses import replace
from math import nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.compositor import Placed
from media.label import label
from reel.geometry import Size
from reel.light import COLOURS
from reel.spotlight import Colour, Ellipse
from tests.media.planes import planes_in

PICTURE = Size(540, 960)
PLAYER = Ellipse(260.0, 500.0, 50.0, 100.0)


def shown(name: str = "Sami 42", ellipse: Ellipse | None = PLAYER, colour: Colour = "yellow") -> Placed:
    placed = label(name, PICTURE, ellipse, colour)
    assert placed is not None
    return placed


def bounds(placed: Placed) -> tuple[int, int, int, int]:
    """Return (left, top, right, bottom) of all that is drawn, in the picture."""
    rows, columns = np.nonzero(placed.layer.alpha > 20)
    return (
        placed.x + int(columns.min()),
        placed.y + int(rows.min()),
        placed.x + int(columns.max()) + 1,
        placed.y + int(rows.max()) + 1,
    )


def centre(placed: Placed) -> tuple[float, float]:
    alpha = placed.layer.alpha.astype(float)
    rows, columns = np.mgrid[: alpha.shape[0], : alpha.shape[1]]
    return (
        placed.x + float((columns * alpha).sum() / alpha.sum()) + 0.5,
        placed.y + float((rows * alpha).sum() / alpha.sum()) + 0.5,
    )


def test_it_stands_above_the_spotlight_and_points_at_it():
    placed = shown()
    left, _, right, bottom = bounds(placed)
    assert (left + right) / 2 == pytest.approx(PLAYER.x, abs=1)
    assert PLAYER.y - PLAYER.ry - 12 < bottom < PLAYER.y - PLAYER.ry
    tip = placed.layer.alpha[bottom - placed.y - 3]
    assert np.ptp(np.flatnonzero(tip > 20)) < 10
    assert placed.x + np.flatnonzero(tip > 20).mean() == pytest.approx(PLAYER.x, abs=1.5)


@pytest.mark.parametrize("step", [0.25, 0.5, 1.0, 1.75, 3.0])
def test_it_moves_as_the_player_does(step: float):
    still, moved = centre(shown()), centre(shown(ellipse=replace(PLAYER, x=PLAYER.x + step, y=PLAYER.y - step)))
    assert moved[0] - still[0] == pytest.approx(step, abs=0.05)
    assert still[1] - moved[1] == pytest.approx(step, abs=0.05)


@given(st.floats(-2e3, 3e3), st.floats(-2e3, 3e3), st.floats(0, 900), st.floats(0, 900), st.floats(-90, 90))
@settings(max_examples=40)
def test_it_stays_inside_the_picture(x: float, y: float, rx: float, ry: float, turn: float):
    left, top, right, bottom = bounds(shown(ellipse=Ellipse(x, y, rx, ry, turn)))
    margin = 0.035 * PICTURE.width - 1
    assert left >= margin
    assert top >= margin
    assert right <= PICTURE.width - margin
    assert bottom <= PICTURE.height - margin


def test_at_the_edge_it_still_points_towards_the_player():
    placed = shown(ellipse=replace(PLAYER, x=20.0))
    left, _, right, bottom = bounds(placed)
    tip = placed.x + np.flatnonzero(placed.layer.alpha[bottom - placed.y - 3] > 20).mean()
    assert left > 15
    assert tip < left + (right - left) / 4


def test_without_a_spotlight_it_stands_in_the_lower_corner():
    placed = shown(ellipse=None)
    left, top, _, bottom = bounds(placed)
    assert left == pytest.approx(0.035 * PICTURE.width, abs=1)
    assert bottom == pytest.approx(PICTURE.height - 0.035 * PICTURE.width, abs=1)
    assert bottom - top < 60
    assert bounds(shown(ellipse=replace(PLAYER, x=nan))) == bounds(placed)


@pytest.mark.parametrize("colour", COLOURS)
def test_it_wears_the_spotlights_colour_and_is_read_on_it(colour: Colour):
    levels = shown(colour=colour).layer
    solid = levels.alpha > 220
    spread = np.percentile(levels.planes.y[solid], (2, 98))
    assert spread[1] - spread[0] > 80
    plain = shown(colour="none").layer
    assert (colour == "none") == bool(np.median(levels.planes.y[solid]) == np.median(plain.planes.y[plain.alpha > 220]))


def test_no_name_is_no_label_and_a_long_one_takes_two_lines():
    assert label("", PICTURE, PLAYER) is None
    assert label(" \n", PICTURE) is None
    short, long = shown(), shown("Maximilian Oberhuber-Schneider de la Fuente y García 77")
    assert long.layer.height > 1.5 * short.layer.height
    assert long.layer.width < 0.7 * PICTURE.width


def test_the_same_frame_gives_the_same_bytes():
    first, second = shown("سامي ⚽"), shown("سامي ⚽")
    assert (first.x, first.y) == (second.x, second.y)
    assert all(
        np.array_equal(a, b) for a, b in zip(planes_in(first.layer.planes), planes_in(second.layer.planes), strict=True)
    )
