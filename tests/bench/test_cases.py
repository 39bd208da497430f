from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from bench.cases import CAMERAS, CASES, CROPS, FRAMES, Case, filmed
from bench.footage import Benched, Missing
from bench.sheet import SPOT_PX


def test_nothing_that_was_trained_on_is_judged_on() -> None:
    """Clip 02 is trained on; 09 and 10 are made from 01, 09 from 02 as well."""
    assert {crop.footage[:2] for crop in CROPS} == {"01", "07"}


def test_every_fault_of_a_camera_is_among_the_cases() -> None:
    assert {case.camera for case in CASES} == set(CAMERAS)
    assert {case.scale for case in CASES} == {Fraction(2), Fraction(8, 3), Fraction(3), Fraction(4)}
    assert len({case.name for case in CASES}) == len(CASES)


def test_what_the_camera_made_has_even_sides_and_holds_whole_spots() -> None:
    for case in CASES:
        for length in (case.size.width, case.size.height):
            small = length / case.scale
            assert small.denominator == 1
            assert small.numerator % 2 == 0
        for x, y in case.crop.spots:
            assert 0 <= x <= case.size.width - SPOT_PX
            assert 0 <= y <= case.size.height - SPOT_PX


def test_the_sheet_shows_every_crop() -> None:
    assert {case.crop for case in CASES if case.is_shown} == set(CROPS)


@pytest.mark.footage
def test_the_same_case_is_filmed_the_same_every_time(footage_dir: Path) -> None:
    benched = Benched(footage_dir, footage_dir)
    case = Case(CROPS[3], "noisy", Fraction(3))
    (held,), (again,) = filmed(benched, [case]), filmed(benched, [case])
    assert len(held.truth) == len(held.small) == FRAMES
    assert all(picture.shape == (432, 576, 3) for picture in held.truth)
    for planes, others in zip(held.small, again.small, strict=True):
        assert [plane.shape for plane in planes] == [(144, 192), (72, 96), (72, 96)]
        for plane, other in zip(planes, others, strict=True):
            np.testing.assert_array_equal(plane, other)
    assert np.any(held.small[0].y != held.small[1].y)


def test_footage_that_is_missing_is_named(tmp_path: Path) -> None:
    crop = replace(CROPS[0], footage="nothing.mp4")
    with pytest.raises(Missing, match=r"nothing\.mp4 is missing; REEL_MEDIA_DIR"):
        filmed(Benched(tmp_path, tmp_path), [Case(crop, "plain", Fraction(3))])
