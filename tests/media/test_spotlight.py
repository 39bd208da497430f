"""The spotlight against what it has to be, worked out slowly: supersampled, in float64, sample by sample."""

from __future__ import annotations

from dataclasses import replace
from math import cos, inf, nan, radians, sin

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from media.colour import Planes, planes_of
from media.spotlight import draw_spotlight
from reel import light
from reel.geometry import Size
from reel.spotlight import Colour, Effect, Ellipse, Shape, Spotlight
from tests.media.planes import SIZE, copied, noise, plain, planes_in

MIDDLE = Ellipse(80.3, 60.7, 24.0, 41.5)
TURNED = replace(MIDDLE, rotation_deg=23.0)
CHROMA = (2, 0.5, 1.0)  # step, left, top: in the column of the even luma samples, between two rows
LUMA = (1, 0.5, 0.5)
FINE = 8  # places across and down at which the reference looks within a sample


def look_of(
    effect: Effect = "none",
    colour: Colour = "white",
    shape: Shape = "body",
    *,
    stroke: bool = False,
    fill: bool = False,
) -> Spotlight:
    return Spotlight("s", 0, 1, (), shape, colour, effect, stroke, fill)


def drawn(planes: Planes, ellipse: Ellipse, look: Spotlight) -> Planes:
    after = copied(planes)
    draw_spotlight(after, ellipse, look)
    return after


def own(x: NDArray[np.float64], y: NDArray[np.float64], ellipse: Ellipse) -> tuple[NDArray, NDArray]:
    """Return points of the picture in the ellipse's own axes, in radii."""
    turn = radians(ellipse.rotation_deg)
    dx, dy = x - ellipse.x, y - ellipse.y
    return (dx * cos(turn) + dy * sin(turn)) / ellipse.rx, (dy * cos(turn) - dx * sin(turn)) / ellipse.ry


def sites(shape: tuple[int, ...], grid: tuple[float, float, float]) -> tuple[NDArray, NDArray]:
    step, left, top = grid
    y, x = np.mgrid[: shape[0], : shape[1]].astype(float)
    return x * step + left, y * step + top


def coverage(shape: tuple[int, ...], grid: tuple[float, float, float], ellipse: Ellipse) -> NDArray[np.float64]:
    """Return how much of each sample the ellipse covers, a square of `step` pixels around where it is sited."""
    x, y = sites(shape, grid)
    covered = np.zeros(shape)
    for down in range(FINE):
        for across in range(FINE):
            offsets = [((n + 0.5) / FINE - 0.5) * grid[0] for n in (across, down)]
            u, v = own(x + offsets[0], y + offsets[1], ellipse)
            covered += np.hypot(u, v) < 1
    return covered / FINE**2


def test_what_has_no_say_or_is_no_ellipse_changes_nothing():
    before = noise()
    whole = look_of("both", stroke=True, fill=True)
    for ellipse in (
        replace(MIDDLE, opacity=0.0),
        replace(MIDDLE, opacity=-1.0),
        replace(MIDDLE, opacity=nan),
        replace(MIDDLE, rx=0.0),
        replace(MIDDLE, ry=-3.0),
        replace(MIDDLE, x=nan),
        replace(MIDDLE, ry=inf),
    ):
        after = drawn(before, ellipse, whole)
        assert all(np.array_equal(a, b) for a, b in zip(planes_in(before), planes_in(after), strict=True))
    for look in (look_of(), look_of(colour="none", stroke=True, fill=True)):
        assert np.array_equal(drawn(before, MIDDLE, look).y, before.y)


@pytest.mark.parametrize(
    "ellipse", [MIDDLE, TURNED, replace(TURNED, x=-9.0, y=118.0)], ids=["upright", "turned", "off"]
)
def test_a_fill_covers_the_ellipse_to_a_fraction_of_a_pixel(ellipse: Ellipse):
    before = plain(y=16, u=128, v=128)
    after = drawn(before, ellipse, look_of(colour="pink", fill=True))
    pink = planes_of(np.full((2, 2, 3), [0xFF, 0x4F, 0xB0], np.uint8))
    for plane, under, level, grid in zip(
        planes_in(after), planes_in(before), planes_in(pink), (LUMA, CHROMA, CHROMA), strict=True
    ):
        share = (plane.astype(float) - under) / (int(level[0, 0]) - int(under[0, 0])) / light.FILL
        truth = coverage(plane.shape, grid, ellipse)
        step = 1 / abs(int(level[0, 0]) - int(under[0, 0])) / light.FILL
        assert np.abs(share - truth).max() <= 0.08 + step  # of a sample: far less than half a pixel


@pytest.mark.parametrize("ellipse", [MIDDLE, TURNED], ids=["upright", "turned"])
def test_the_stroke_runs_along_the_edge(ellipse: Ellipse):
    after = drawn(plain(y=16, u=128, v=128), ellipse, look_of(stroke=True))
    x, y = sites(after.y.shape, LUMA)
    drawn_at = after.y > 60
    u, v = own(x[drawn_at], y[drawn_at], ellipse)
    angles = np.arctan2(v, u)
    assert np.ptp(np.histogram(angles, 24, (-np.pi, np.pi))[0]) < np.count_nonzero(drawn_at) / 6  # all the way around
    middles = centroids(after.y.astype(float) - 16, ellipse)
    assert np.abs(middles - 1).max() * ellipse.ry < 0.5


def centroids(ink: NDArray[np.float64], ellipse: Ellipse) -> NDArray[np.float64]:
    """Return at which reach the ink lies in each of 36 directions, weighed along the ray."""
    found = []
    for angle in np.arange(36) * np.pi / 18:
        reaches = np.linspace(0.7, 1.3, 400)
        turn = radians(ellipse.rotation_deg)
        u, v = reaches * np.cos(angle) * ellipse.rx, reaches * np.sin(angle) * ellipse.ry
        x, y = ellipse.x + u * cos(turn) - v * sin(turn), ellipse.y + u * sin(turn) + v * cos(turn)
        along = ink[np.floor(y).astype(int), np.floor(x).astype(int)]
        found.append((along * reaches).sum() / along.sum())
    return np.array(found)


@pytest.mark.parametrize(
    ("ellipse", "size"),
    [
        (MIDDLE, SIZE),
        (TURNED, SIZE),
        (replace(MIDDLE, x=4.0, y=-12.0), SIZE),
        (Ellipse(200.0, 151.0, 85.5, 99.0), Size(401, 303)),
        (Ellipse(33.0, 290.0, 170.0, 190.0, -31.0), Size(401, 303)),
    ],
    ids=["upright", "turned", "off", "large", "large, turned and off"],
)
@pytest.mark.parametrize("opacity", [1.0, 0.35])
def test_the_dim_keeps_the_inside_and_falls_off_as_agreed(ellipse: Ellipse, size: Size, opacity: float):
    before = noise(size)
    after = drawn(before, replace(ellipse, opacity=opacity), look_of("dark"))
    for was, now, zero, grid in zip(
        planes_in(before), planes_in(after), (16, 128, 128), (LUMA, CHROMA, CHROMA), strict=True
    ):
        reach = np.hypot(*own(*sites(was.shape, grid), ellipse))
        share = np.vectorize(light.share_inside)(reach)
        dimmed = zero + (was - float(zero)) * light.DIMMED
        truth = was + opacity * (1 - share) * (dimmed - was)
        assert np.abs(now - truth).max() <= 2.0
        assert np.array_equal(now[reach < light.FEATHER[0] - 0.05], was[reach < light.FEATHER[0] - 0.05])


def test_the_boost_lightens_the_inside_alone_and_blows_nothing_out():
    before = noise()
    after = drawn(before, MIDDLE, look_of("bright"))
    reach = np.hypot(*own(*sites(before.y.shape, LUMA), MIDDLE))
    assert np.array_equal(after.y[reach > 1.35], before.y[reach > 1.35])
    inside = reach < light.FEATHER[0] - 0.05
    was, now = before.y[inside].astype(float), after.y[inside].astype(float)
    truth = 16 + 219 * ((was - 16) / 219) ** light.LIFT
    assert np.abs(now - truth).max() <= 1.0
    assert now.max() <= 235
    assert now.mean() > was.mean() + 8
    steps = np.arange(16, 236, dtype=np.uint8)
    ramp = drawn(
        Planes(np.tile(steps, (8, 1)), *planes_in(plain(Size(220, 8)))[1:]),
        Ellipse(110, 4, 9e3, 9e3),
        look_of("bright"),
    )
    assert np.unique(ramp.y[0]).size > 190  # a white shirt keeps its folds
    both = drawn(before, MIDDLE, look_of("both"))
    dark = drawn(before, MIDDLE, look_of("dark"))
    assert np.array_equal(both.y[reach > 1.35], dark.y[reach > 1.35])
    assert np.abs(both.y[inside].astype(int) - after.y[inside]).max() <= 1


def test_the_ground_is_an_arc_below_the_player_open_at_the_back():
    body = Ellipse(80.0, 50.0, 40.0, 45.0)
    feet = light.ground(body)
    ink = drawn(plain(y=16, u=128, v=128), body, look_of(shape="ground", stroke=True)).y.astype(int) - 16
    u, v = own(*sites(ink.shape, LUMA), feet)
    bearing = np.degrees(np.arctan2(np.abs(u), v))
    near = np.abs(np.hypot(u, v) - 1) < 0.12
    assert ink[(bearing < 20) & near].max() > 200
    assert ink[(bearing > light.ARC_END_DEG) & (np.hypot(u, v) > 0.3)].max() == 0
    assert ink[np.hypot(u, v) > 1.5].max() == 0
    thick = [np.count_nonzero(ink[near & (np.abs(bearing - at) < 6)] > 40) for at in (6, 140)]
    assert thick[0] > 2 * thick[1]
    filled = drawn(plain(y=16, u=128, v=128), body, look_of(shape="ground", fill=True)).y.astype(int) - 16
    assert filled[np.hypot(u, v) > 1.1].max() == 0
    assert filled[(np.hypot(u, v) < 0.9) & (v > 0.5)].min() > 2 * filled[(np.hypot(u, v) < 0.9) & (v < -0.5)].max()


@pytest.mark.parametrize("colour", [colour for colour, hue in light.COLOURS.items() if hue])
def test_a_stroke_has_its_colour_and_stands_out_on_grass(colour: Colour):
    grass = planes_of(np.full((SIZE.height, SIZE.width, 3), [86, 117, 71], np.uint8))
    after = drawn(grass, replace(MIDDLE, rx=60.0, ry=50.0), look_of(colour=colour, stroke=True))
    hue = light.COLOURS[colour]
    assert hue is not None
    wanted = planes_of(np.full((2, 2, 3), [int(hue[n : n + 2], 16) for n in (1, 3, 5)], np.uint8))
    assert np.abs(after.y.astype(int) - int(wanted.y[0, 0])).min() <= 2
    apart = [abs(int(a[0, 0]) - int(b[0, 0])) for a, b in zip(planes_in(wanted), planes_in(grass), strict=True)]
    assert max(apart) > 40
    assert after.y.min() < grass.y.min() - 10  # the dark rim


@pytest.mark.parametrize("ellipse", [replace(MIDDLE, x=-70.0), replace(MIDDLE, y=4000.0), replace(MIDDLE, x=1e300)])
def test_wholly_outside_only_the_dim_is_left(ellipse: Ellipse):
    before = noise()
    after = drawn(before, ellipse, look_of("dark", stroke=True, fill=True))
    truth = 16 + (before.y.astype(float) - 16) * light.DIMMED
    assert np.abs(after.y - truth).max() <= 1
    assert np.array_equal(drawn(before, ellipse, look_of("bright", stroke=True, fill=True)).u, before.u)


def test_opacity_fades_all_of_it():
    before = noise()
    look = look_of("both", "yellow", stroke=True, fill=True)
    full, half = drawn(before, MIDDLE, look), drawn(before, replace(MIDDLE, opacity=0.5), look)
    reach = np.hypot(*own(*sites(before.y.shape, LUMA), MIDDLE))
    flat = (reach < 0.6) | (reach > 1.5)  # of the stroke's rim over its fill half and half is less than half
    mean = (before.y.astype(float) + full.y) / 2
    assert np.abs(half.y - mean)[flat].max() <= 6
    assert np.abs(half.y - mean).mean() < 2


numbers = st.floats(-1e7, 1e7) | st.floats(-200, 400)
ellipses = st.builds(Ellipse, numbers, numbers, numbers, numbers, st.floats(-400, 400), st.floats(0, 1.5))
sizes = st.builds(Size, st.integers(1, 70), st.integers(1, 70))


@given(
    sizes,
    ellipses,
    st.sampled_from(["dark", "bright", "both", "none"]),
    st.sampled_from(["body", "ground"]),
    st.booleans(),
    st.booleans(),
)
def test_no_ellipse_breaks_a_picture(
    size: Size, ellipse: Ellipse, effect: Effect, shape: Shape, stroke: bool, fill: bool
):
    before = plain(size, y=100, u=128, v=128)
    after = drawn(before, ellipse, look_of(effect, "white", shape, stroke=stroke, fill=fill))
    lifted = 16 + 219 * (84 / 219) ** light.LIFT if effect in ("bright", "both") else 100
    brightest = 235 if stroke or fill else lifted + 1
    assert 16 <= after.y.min() <= after.y.max() <= brightest
    assert (after.u == 128).all()
    assert (after.v == 128).all()
    assert (after.y.dtype, after.y.shape) == (np.uint8, before.y.shape)
