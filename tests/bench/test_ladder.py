from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from bench import ladder
from bench.cases import CROPS, Case, Filmed
from bench.footage import Benched, Missing
from bench.ladder import Score
from gpu.own_weights import own_weights
from gpu.planar import Planar, State
from gpu.training.degrade import Degradation, degraded
from media.colour import Pixels, Planes, planes_of
from reel.errors import WeightsMismatch
from reel.geometry import PixelRect, Size

SIZE = Size(144, 96)


def filmed(scale: Fraction = Fraction(3)) -> Filmed:
    """A smooth picture that moves to the right, as a camera without a fault would film it."""
    across = np.linspace(0, 20, SIZE.width)[None, :, None]
    down = np.linspace(0, 9, SIZE.height)[:, None, None]
    colours = np.array([1.0, 0.8, 0.6])
    truth = tuple(
        (128 + 90 * colours * np.sin(across - step) * np.cos(down)).astype(np.uint8) for step in (0.0, 0.3, 0.6)
    )
    small = Size(int(SIZE.width / scale), int(SIZE.height / scale))
    crop = replace(CROPS[0], rect=PixelRect(0, 0, SIZE.width, SIZE.height))
    return Filmed(Case(crop, "plain", scale), truth, tuple(degraded(truth, small, Degradation(), seed=1)))


def state_of(shape: Planar) -> State:
    rng = np.random.default_rng(5)
    return {name: rng.normal(0, 0.05, size).astype(np.float32) for name, size in shape.tensors().items()}


def test_the_truth_itself_stands_at_the_top() -> None:
    held = filmed()
    rest = iter(held.truth[1:])
    score = ladder.climbed(lambda _small, _size: planes_of(next(rest)), [held])[held.case.name]
    assert (score.ssim, score.lsd_db, score.flicker) == (pytest.approx(1), 0, 0)
    assert score.seconds > 0


def test_only_the_frames_after_the_first_are_judged() -> None:
    held = filmed()
    seen: list[Planes] = []

    def rung(small: Planes, size: Size) -> Planes:
        seen.append(small)
        return ladder.bicubic(small, size)

    assert len(ladder.enlarged(rung, held).frames) == 2
    assert all(one is other for one, other in zip(seen, held.small[1:], strict=True))


def luma(*levels: int) -> list[Pixels]:
    return [np.full((4, 4), level, np.uint8) for level in levels]


def test_flicker_is_what_changes_and_should_not() -> None:
    assert ladder.flicker(luma(10, 10), luma(200, 200)) == 0
    assert ladder.flicker(luma(10, 13), luma(200, 200)) == 3
    assert ladder.flicker(luma(10, 10), luma(200, 195)) == 5
    assert ladder.flicker(luma(0, 255), luma(255, 0)) == 510


def test_the_worst_of_the_cases_counts() -> None:
    ours = {"one": Score(0.90, 5.0, 1.0, 0.1), "two": Score(0.80, 9.0, 0.5, 0.1)}
    usual = {"one": Score(0.80, 7.0, 2.0, 1.0), "two": Score(0.79, 8.0, 0.4, 1.0), "three": Score(0, 0, 0, 0)}
    assert ladder.compared(ours, usual) == {
        "ssim_gain_min": 0.01,
        "ssim_gain_mean": 0.055,
        "lsd_gain_db_min": -1.0,
        "lsd_gain_db_mean": 0.5,
        "flicker_ratio_max": 1.25,
        "flicker_ratio_mean": 0.875,
    }


@pytest.mark.parametrize("scale", [Fraction(2), Fraction(8, 3), Fraction(3), Fraction(4)])
def test_bicubic_comes_near_a_smooth_truth_at_its_size(scale: Fraction) -> None:
    held = filmed(scale)
    score = ladder.score(ladder.enlarged(ladder.bicubic, held), held)
    assert score.ssim > 0.97
    assert score.flicker < 2


@pytest.mark.parametrize("shape", [Planar(8, 2, (2, 3, 4)), Planar(6, 1, (3,))])
def test_the_shape_of_our_network_is_read_from_its_weights(shape: Planar) -> None:
    assert ladder.shape_of(state_of(shape)) == shape


@pytest.mark.parametrize("scale", [Fraction(3, 2), Fraction(2), Fraction(8, 3), Fraction(3), Fraction(4), Fraction(6)])
def test_our_network_in_training_gives_any_size(scale: Fraction) -> None:
    held = filmed(scale)
    made = ladder.natural_in_training(state_of(Planar(8, 2, (2, 3, 4))))(held.small[1], SIZE)
    assert made.y.shape == (SIZE.height, SIZE.width)
    assert made.u.shape == made.v.shape == (SIZE.height // 2, SIZE.width // 2)


def test_our_network_as_it_works_is_the_one_that_was_trained() -> None:
    """ncnn against torch, within a level, where nothing beyond the picture's edge is seen."""
    weights = own_weights()
    rng = np.random.default_rng(2)
    small = Planes(*(rng.integers(60, 180, shape, dtype=np.uint8) for shape in ((64, 72), (32, 36), (32, 36))))
    worked = ladder.natural(threads=1)(small, Size(216, 192))
    trained = ladder.natural_in_training(weights.state())(small, Size(216, 192))
    for one, other, samples in zip(worked, trained, (6, 3, 3), strict=True):
        inside = slice(weights.shape.reach * samples, -weights.shape.reach * samples)
        assert one[inside, inside].size > 0
        assert np.abs(one[inside, inside].astype(np.int16) - other[inside, inside]).max() <= 1


def test_half_of_a_network_is_refused() -> None:
    state = {name: tensor for name, tensor in state_of(Planar(8, 2, (3,))).items() if not name.startswith("slope")}
    with pytest.raises(WeightsMismatch, match=r"slope\.0"):
        ladder.natural_in_training(state)


def test_a_network_is_judged_against_scores_that_are_known() -> None:
    held = filmed()
    state = state_of(Planar(8, 2, (3,)))
    itself = ladder.climbed(ladder.natural_in_training(state), [held])
    judged = ladder.judge(state, [held], itself)
    assert judged == {
        "ssim_gain_min": 0,
        "ssim_gain_mean": 0,
        "lsd_gain_db_min": 0,
        "lsd_gain_db_mean": 0,
        "flicker_ratio_max": 1,
        "flicker_ratio_mean": 1,
    }


def test_weights_that_are_missing_are_named(tmp_path: Path) -> None:
    nowhere = Benched(tmp_path, tmp_path)
    with pytest.raises(Missing, match=r"realesr-general-x4v3\.pth is missing; REEL_WEIGHTS_DIR"):
        ladder.usual(nowhere)
    with pytest.raises(Missing, match="realesr-general-x4v3 are not on this machine"):
        ladder.crisp(nowhere, share=0.5, detail=0.5, threads=1)
