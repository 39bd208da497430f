from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from bench.spectrum import log_spectral_distance
from bench.ssim import ssim


def noise(sigma: float, seed: int = 1) -> NDArray[np.uint8]:
    drawn = np.random.default_rng(seed).normal(128, sigma, (512, 512))
    return np.clip(drawn + 0.5, 0, 255).astype(np.uint8)


def test_a_picture_is_no_distance_from_itself() -> None:
    assert log_spectral_distance(noise(20), noise(20)) == 0


def test_half_the_contrast_is_six_decibels_everywhere() -> None:
    assert log_spectral_distance(noise(30), noise(15)) == pytest.approx(20 * np.log10(2), abs=0.1)


def test_the_brightness_is_no_texture() -> None:
    assert log_spectral_distance(noise(10), noise(10) + np.uint8(40)) == pytest.approx(0, abs=1e-3)


def test_the_same_texture_elsewhere_is_near_where_ssim_sees_another_picture() -> None:
    """Other noise of the same kind: only the scatter of the mean over a thousand blocks is left."""
    assert log_spectral_distance(noise(20, seed=1), noise(20, seed=2)) < 0.5
    assert ssim(noise(20, seed=1), noise(20, seed=2)) < 0.1


def test_texture_that_was_wiped_away_is_far() -> None:
    blurred = cv2.GaussianBlur(noise(20), (0, 0), 2).astype(np.uint8)
    assert log_spectral_distance(noise(20), blurred) > 10


def test_what_bytes_cannot_show_is_hardly_counted() -> None:
    """A pixel in a hundred is off by one level: less than what rounding to bytes does to any picture."""
    flat = np.full((256, 256), 128, np.uint8)
    speckled = flat + (np.random.default_rng(3).random(flat.shape) < 0.01).astype(np.uint8)
    assert 0 < log_spectral_distance(flat, speckled) < 1
