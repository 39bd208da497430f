"""What measures a ring, held to rings whose edges are known."""

from __future__ import annotations

import numpy as np
import pytest

from bench.ring import Kept, Picture, apart, edges, laid_over, luma

MIDDLE, RADIUS_PX, STROKE_PX = (150.0, 120.0), 60.0, 8.0
ELLIPSE = (*MIDDLE, RADIUS_PX, RADIUS_PX, 0.0, 1.0)


def ring(grown_px: float = 0.0) -> Picture:
    """Draw a circle's stroke, 200 lighter than what is beside it, each pixel by as much as lies in it."""
    rows, columns = np.mgrid[0:240, 0:300] + 0.5
    away = np.hypot(columns - MIDDLE[0], rows - MIDDLE[1])
    outer = np.clip(RADIUS_PX + grown_px + STROKE_PX / 2 - away + 0.5, 0, 1)
    inner = np.clip(RADIUS_PX + grown_px - STROKE_PX / 2 - away + 0.5, 0, 1)
    return np.asarray(200 * (outer - inner), np.float32)


def test_the_stroke_s_edges_are_found_on_every_ray() -> None:
    found = edges(ring(), ELLIPSE)
    assert len(found) == 36
    for begin, end in found.values():
        assert begin == pytest.approx(RADIUS_PX - STROKE_PX / 2, abs=0.3)
        assert end == pytest.approx(RADIUS_PX + STROKE_PX / 2, abs=0.3)


@pytest.mark.parametrize("grown_px", [0.0, 0.5, 2.0])
def test_two_rings_lie_as_far_apart_as_they_were_drawn(grown_px: float) -> None:
    off_px = apart(ring(grown_px), ring(), ELLIPSE)
    assert len(off_px) == 72
    assert max(off_px) == pytest.approx(grown_px, abs=0.3)


def test_a_ray_that_shows_no_stroke_or_leaves_the_picture_is_left_out() -> None:
    assert edges(np.zeros((240, 300), np.float32), ELLIPSE) == {}
    near = edges(ring(), (MIDDLE[0], MIDDLE[1], 110.0, 60.0, 0.0))
    assert 0 not in near
    assert 90 in near


def test_a_canvas_covers_a_picture_by_its_opacity() -> None:
    canvas = np.zeros((4, 4, 4), np.float32)
    canvas[..., :3], canvas[..., 3] = 1.0, 0.5
    over = laid_over(canvas, np.full((4, 4, 3), 100.0))
    assert luma(over) == pytest.approx(np.full((4, 4), 177.5), abs=0.5)


def test_the_worst_lag_of_several_watches_counts() -> None:
    both = Kept((0, 1)) + Kept((0, 3))
    assert (both.frames, both.worst) == (4, 3)
    assert (Kept(()).frames, Kept(()).worst) == (0, 0)
