"""Two dials on the general network that cost next to nothing: how much it denoises, and how much detail it gives back.

It takes fine detail for noise: grass and nets come out flat. Its sibling "with noise" (wdn) keeps more, faults too.
"""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from gpu.compact import State

Pixels: TypeAlias = NDArray[np.uint8]

_STEPS = 64  # parts of a level that the residual is kept in: 255·64 and a cubic's overshoot fit 16 bits


def blended(one: State, other: State, share: float) -> State:
    """Return weights between those of two siblings: `one`'s at a share of 0, `other`'s at 1.

    Source: Wang et al., "Deep Network Interpolation". Raises KeyError if `other` lacks one of the tensors.
    """
    return {name: (tensor + share * (other[name] - tensor)).astype(np.float32) for name, tensor in one.items()}


def given_back(made: Pixels, picture: Pixels, share: float) -> Pixels:
    """Return what a network made of a picture, (H·s, W·s, 3) of (H, W, 3), with the detail that it left out.

    What the result would differ by from the picture, seen by the same camera (the mean of each s×s pixels), is enlarged
    bicubically and added with the weight `share`. Source: one step of Irani & Peleg 1991, "Improving resolution by
    image registration".
    """
    if not share:
        return made
    height, width = picture.shape[:2]
    seen = cv2.resize(made, (width, height), interpolation=cv2.INTER_AREA)
    residual = cv2.subtract(picture, seen, dtype=cv2.CV_16S) * np.int16(_STEPS)
    enlarged = cv2.resize(residual, (made.shape[1], made.shape[0]), interpolation=cv2.INTER_CUBIC)
    return cv2.addWeighted(made, 1, enlarged, share / _STEPS, 0, dtype=cv2.CV_8U).astype(np.uint8, copy=False)
