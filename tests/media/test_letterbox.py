"""Pictures on a canvas of another shape: whole, in their shape, in the middle of black."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from media.colour import Planes
from media.letterbox import fitting, letterboxed
from media.probe import Source, probe
from reel.geometry import Size
from tests.media.footage import numbered


@pytest.fixture(scope="module")
def like(tmp_path_factory: pytest.TempPathFactory) -> Source:
    return probe(numbered(tmp_path_factory.mktemp("like") / "a.mp4", frames=2))


def picture(size: Size) -> Planes:
    """Return a ramp to the right, in a colour."""
    across = np.linspace(60, 200, size.width, dtype=np.uint8)
    chroma = (-(-size.height // 2), -(-size.width // 2))
    luma = np.ascontiguousarray(np.broadcast_to(across, (size.height, size.width)))
    return Planes(luma, np.full(chroma, 90, np.uint8), np.full(chroma, 160, np.uint8))


def of(like: Source, size: Size, aspect: Fraction = Fraction(1)) -> Source:
    return replace(like, coded=size, sample_aspect=aspect)


@pytest.mark.parametrize(
    ("shown", "canvas", "size"),
    [
        (Size(1920, 1080), Size(1280, 720), Size(1280, 720)),
        (Size(1080, 1920), Size(1280, 720), Size(404, 720)),
        (Size(64, 48), Size(1280, 720), Size(960, 720)),
        (Size(8192, 100), Size(640, 360), Size(640, 8)),
        (Size(3, 4000), Size(640, 360), Size(2, 360)),
    ],
)
def test_the_largest_size_of_its_shape(shown: Size, canvas: Size, size: Size) -> None:
    assert fitting(shown, canvas) == size


@pytest.mark.parametrize("size", [Size(64, 48), Size(65, 48), Size(64, 49), Size(65, 49)])
def test_a_picture_of_the_canvas_s_size_keeps_its_pixels(like: Source, size: Size) -> None:
    before = picture(size)
    made = letterboxed(before, of(like, size), Size(64, 48))
    assert [plane.shape for plane in made] == [(48, 64), (24, 32), (24, 32)]
    assert np.array_equal(made.y, before.y[:48, :64])


@pytest.mark.parametrize(
    ("size", "bars"), [(Size(32, 64), (slice(None), slice(0, 40))), (Size(96, 16), (slice(0, 24), slice(None)))]
)
def test_what_has_another_shape_stands_between_bars(like: Source, size: Size, bars: tuple[slice, slice]) -> None:
    canvas = Size(128, 96) if size.width < size.height else Size(96, 64)
    made = letterboxed(picture(size), of(like, size), canvas)
    assert [plane.shape for plane in made] == [
        (canvas.height, canvas.width),
        (canvas.height // 2, canvas.width // 2),
        (canvas.height // 2, canvas.width // 2),
    ]
    assert np.all(made.y[bars] == 16)
    middle = made.y[canvas.height // 2]
    inside = np.flatnonzero(middle > 40)
    assert abs((inside[0] + inside[-1]) - (canvas.width - 1)) <= 2
    assert (made.u[canvas.height // 4, canvas.width // 4], made.v[canvas.height // 4, canvas.width // 4]) == (90, 160)
    assert (made.u[0, 0] == 128) == (bars != (slice(0, 0), slice(0, 0)))
    made.y[:] = 0  # it may be written on


def test_an_anamorphic_picture_is_shown_wide(like: Source) -> None:
    size = Size(48, 48)
    made = letterboxed(picture(size), of(like, size, Fraction(4, 3)), Size(64, 48))
    assert made.y[24, 0] > 40
    assert made.y[24, -1] > 180
