from __future__ import annotations

import cv2
import numpy as np
import pytest

from gpu.compact import Compact, State
from gpu.dials import Pixels, blended, given_back

SHAPE = Compact(features=4, convolutions=1, scale=2)


def state(seed: int) -> State:
    rng = np.random.default_rng(seed)
    return {name: rng.normal(0, 0.2, size).astype(np.float32) for name, size in SHAPE.tensors().items()}


def picture(height: int, width: int, seed: int = 1) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def enlarged(small: Pixels, scale: int) -> Pixels:
    """What a network might make: near the picture, but smooth."""
    size = (small.shape[1] * scale, small.shape[0] * scale)
    return cv2.resize(cv2.GaussianBlur(small, (5, 5), 1), size, interpolation=cv2.INTER_LINEAR).astype(np.uint8)


def seen(made: Pixels, scale: int) -> np.ndarray:
    """The mean of each scale × scale pixels."""
    height, width = made.shape[0] // scale, made.shape[1] // scale
    return made.reshape(height, scale, width, scale, 3).mean(axis=(1, 3))


def exactly_given_back(made: Pixels, small: Pixels, share: float) -> np.ndarray:
    residual = small - seen(made, made.shape[0] // small.shape[0])
    more = cv2.resize(residual, (made.shape[1], made.shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.clip(made + share * more, 0, 255)


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
def test_the_blend_lies_between_both(share: float) -> None:
    one, other = state(1), state(2)
    between = blended(one, other, share)
    assert list(between) == list(one)
    for name, tensor in between.items():
        assert tensor.dtype == np.float32
        expected = (1 - share) * one[name].astype(np.float64) + share * other[name]
        np.testing.assert_allclose(tensor, expected, rtol=0, atol=1e-6)


def test_a_blend_is_still_weights_of_the_same_network() -> None:
    SHAPE.check(blended(state(1), state(2), 0.3))


def test_a_sibling_that_lacks_a_tensor_is_refused() -> None:
    other = {name: tensor for name, tensor in state(2).items() if name != "body.2.bias"}
    with pytest.raises(KeyError, match=r"body\.2\.bias"):
        blended(state(1), other, 0.5)


@pytest.mark.parametrize("share", [0.3, 0.6, 1.0])
@pytest.mark.parametrize(("height", "width", "scale"), [(24, 32, 4), (17, 9, 3), (8, 8, 2), (1, 5, 4), (1, 1, 4)])
def test_detail_is_given_back_by_plain_arithmetic(height: int, width: int, scale: int, share: float) -> None:
    small = picture(height, width)
    made = enlarged(small, scale)
    given = given_back(made, small, share)
    assert (given.shape, given.dtype) == (made.shape, np.uint8)
    # Half a level where the mean is rounded (a cubic makes up to 1.9 times of it), half where the result is.
    assert np.abs(given - exactly_given_back(made, small, share)).max() <= 0.5 * 1.9 * share + 0.51


def test_black_and_white_stay_inside_the_bytes() -> None:
    """The largest residual there is, and the overshoot of its cubic."""
    small = np.where(np.indices((12, 12)).sum(axis=0) % 2, np.uint8(255), np.uint8(0))[..., None].repeat(3, axis=2)
    made = 255 - small.repeat(4, axis=0).repeat(4, axis=1)
    given = given_back(made, small, 1.0)
    assert np.abs(given - exactly_given_back(made, small, 1.0)).max() <= 1.5


def test_a_share_of_nothing_leaves_the_picture_as_it_is() -> None:
    small = picture(6, 6)
    made = enlarged(small, 4)
    np.testing.assert_array_equal(given_back(made, small, 0.0), made)


def test_a_picture_that_lost_nothing_gets_nothing() -> None:
    small = picture(10, 14)
    made = small.repeat(4, axis=0).repeat(4, axis=1)
    np.testing.assert_array_equal(given_back(made, small, 1.0), made)


def test_what_was_made_is_left_alone() -> None:
    small = picture(10, 14)
    made = enlarged(small, 2)
    before = made.copy()
    given_back(made, small, 0.5)
    np.testing.assert_array_equal(made, before)


def test_the_more_is_given_back_the_more_the_camera_would_see_the_same() -> None:
    small = picture(24, 32)
    made = enlarged(small, 4)
    missed = [np.abs(small - seen(given_back(made, small, share), 4)).mean() for share in (0.0, 0.3, 0.6, 1.0)]
    assert missed == sorted(missed, reverse=True)
    assert missed[-1] < 0.5 * missed[0]
