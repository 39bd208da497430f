"""Cameras that are known: the same every time, each flaw there and no other, in register with the truth."""

from __future__ import annotations

import numpy as np
import pytest

from gpu.training.degrade import Degradation, degraded, shrunk
from gpu.training.scenes import scene
from media.colour import Pixels, planes_of
from reel.geometry import Size

SMALL = Size(64, 48)


@pytest.fixture(scope="module")
def truth() -> list[Pixels]:
    drawn = scene(192, 3)
    return [np.ascontiguousarray(drawn[:144, n : n + 188]) for n in (0, 2, 4)]


def luma(truth: list[Pixels], how: Degradation, seed: int = 1) -> np.ndarray:
    return np.stack([planes.y for planes in degraded(truth, SMALL, how, seed)]).astype(float)


def detail(levels: np.ndarray) -> float:
    return float(np.abs(np.diff(levels, axis=2)).mean())


def test_a_perfect_camera_only_samples(truth: list[Pixels]) -> None:
    for planes, picture in zip(degraded(truth, SMALL, Degradation(), 1), truth, strict=True):
        expected = planes_of(shrunk(picture, SMALL))
        assert np.abs(planes.y.astype(int) - expected.y).max() <= 1
        assert np.abs(planes.u.astype(int) - expected.u).max() <= 1


@pytest.mark.parametrize("codec", ["x264", "x265"])
def test_an_encoder_keeps_every_frame_in_order_and_gets_worse_with_its_factor(truth: list[Pixels], codec: str) -> None:
    whole = luma(truth, Degradation())
    errors = [
        np.abs(luma(truth, Degradation(codec=codec, crf=crf)) - whole).mean(axis=(1, 2))  # type: ignore[arg-type]
        for crf in (10, 38)
    ]
    assert errors[0].max() < 3
    assert (errors[1] > 1.5 * errors[0]).all()


def test_each_flaw_does_what_its_name_says(truth: list[Pixels]) -> None:
    plain = luma(truth, Degradation())
    assert detail(luma(truth, Degradation(blur_px=0.8))) < 0.8 * detail(plain)
    assert detail(luma(truth, Degradation(sharpen=1.0))) > 1.2 * detail(plain)
    assert np.std(luma(truth, Degradation(noise=6)) - plain) == pytest.approx(6 * 219 / 255, rel=0.2)
    coarse = luma(truth, Degradation(noise=6, grain_px=1.5)) - plain
    assert detail(coarse) < 0.7 * detail(luma(truth, Degradation(noise=6)) - plain)


def test_the_same_seed_is_the_same_picture(truth: list[Pixels]) -> None:
    how = Degradation(noise=4, codec="x264", crf=25)
    assert np.array_equal(luma(truth, how), luma(truth, how))
    assert not np.array_equal(luma(truth, how), luma(truth, how, seed=2))
