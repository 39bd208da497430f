from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from gpu.own_weights import FOLDER, ORIGIN, own_weights
from gpu.planar import NATURAL
from gpu.planar_upscaler import PlanarUpscaler
from gpu.registry import OWN, Pinned
from reel.errors import WeightsMismatch, WeightsMissing
from tests.gpu.tiny import planes

MOST_BYTES = 1_000_000
BODY = (FOLDER / OWN.file.name).read_bytes()


def test_they_come_with_the_program() -> None:
    weights = own_weights()
    assert (weights.network, weights.origin, weights.licence) == ("reel-natural", ORIGIN, "MIT")
    assert weights.sha256 == OWN.file.sha256 == sha256(BODY).hexdigest()
    assert len(weights.body) <= MOST_BYTES
    NATURAL.check(weights.state())
    assert "body=" not in repr(weights)


def test_every_number_is_one_that_halves_hold() -> None:
    for numbers in own_weights().state().values():
        np.testing.assert_array_equal(numbers, numbers.astype(np.float16))


@pytest.mark.parametrize("at", [0, 100, len(BODY) // 2, len(BODY) - 1])
def test_a_byte_changed_is_said(at: int, tmp_path: Path) -> None:
    body = BODY[:at] + bytes([BODY[at] ^ 1]) + BODY[at + 1 :]
    (tmp_path / OWN.file.name).write_bytes(body)
    with pytest.raises(WeightsMismatch) as raised:
        own_weights(folder=tmp_path)
    found = sha256(body).hexdigest()
    assert raised.value.details == {
        "file": OWN.file.name,
        "expected_sha256": [OWN.file.sha256],
        "found_sha256": found,
    }
    assert str(tmp_path / OWN.file.name) in raised.value.message
    assert found in raised.value.message


@pytest.mark.parametrize("body", [b"", BODY[:-1], BODY[: len(BODY) // 2], BODY + b"\0"], ids=len)
def test_a_file_cut_off_is_said(body: bytes, tmp_path: Path) -> None:
    (tmp_path / OWN.file.name).write_bytes(body)
    with pytest.raises(WeightsMismatch):
        own_weights(folder=tmp_path)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="a part of this program") as raised:
        own_weights(folder=tmp_path)
    assert raised.value.details == {"network": "reel-natural"}


def test_an_archive_of_something_else_under_the_right_digest_is_refused(tmp_path: Path) -> None:
    """What a wrong pin would let through stops where it is read."""
    body = b"PK\x03\x04 and then nothing"
    (tmp_path / "natural.npz").write_bytes(body)
    pinned = replace(OWN, file=Pinned("natural.npz", len(body), sha256(body).hexdigest()))
    weights = own_weights(pinned, tmp_path)
    with pytest.raises(WeightsMismatch):
        weights.state()
    with pytest.raises(WeightsMismatch):
        PlanarUpscaler(weights, 2, threads=1)


def test_a_flat_picture_stays_flat_to_its_edges() -> None:
    """One that draws a grid or shifts a colour has been damaged; what lies beyond a picture must not darken it."""
    for scale in NATURAL.scales:
        for level in (16, 90, 235):
            y, u, v = planes(80, 80)
            y[:], u[:], v[:] = level, 110, 140
            made = PlanarUpscaler(own_weights(), scale, threads=1).upscale((y, u, v))
            for plane, expected in zip(made, (level, 110, 140), strict=True):
                assert np.abs(plane.astype(int) - expected).max() <= 2
