from __future__ import annotations

from contextlib import suppress
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu import planar_files
from gpu.planar import NATURAL, Planar
from reel.errors import WeightsMismatch
from tests.gpu.test_ncnn_files import graph
from tests.gpu.tiny import PLANAR, random_state

STATE = random_state(PLANAR.tensors())
BODY = planar_files.write(STATE)


def archive(**arrays: np.ndarray) -> bytes:
    file = BytesIO()
    np.savez(file, **arrays)  # pyright: ignore[reportArgumentType]
    return file.getvalue()


def test_holds_what_it_was_given() -> None:
    state = planar_files.read(BODY, PLANAR)
    assert state.keys() == STATE.keys()
    for name, numbers in STATE.items():
        assert state[name].dtype == np.float32
        np.testing.assert_array_equal(state[name], numbers)
    assert planar_files.write(state) == BODY


HALVES = {name: numbers.astype(np.float16) for name, numbers in STATE.items()}
FIRST = "body.0.weight"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"PK",
        b"not an archive",
        BODY[:-1],
        BODY[: len(BODY) // 2],
        BODY[1:],
        archive(),
        archive(**{name: numbers for name, numbers in HALVES.items() if name != FIRST}),
        archive(**HALVES, more=np.zeros(1, np.float16)),
        archive(**HALVES | {FIRST: HALVES[FIRST].T}),
        archive(**HALVES | {FIRST: HALVES[FIRST].astype(np.float32)}),
        archive(**HALVES | {FIRST: np.full_like(HALVES[FIRST], np.nan)}),
        archive(**HALVES | {FIRST: np.full_like(HALVES[FIRST], np.inf)}),
        archive(**HALVES | {FIRST: np.array([print, open], dtype=object)}),  # pickled: never loaded
    ],
    ids=lambda body: str(len(body)),
)
def test_refuses_what_is_no_archive_of_this_network(body: bytes) -> None:
    with pytest.raises(WeightsMismatch):
        planar_files.read(body, PLANAR)


def test_refuses_another_network_s_weights() -> None:
    for other in (Planar(8, 3, (2, 3)), Planar(8, 2, (2,)), Planar(4, 2, (2, 3))):
        with pytest.raises(WeightsMismatch) as raised:
            planar_files.read(BODY, other)
        assert raised.value.details["tensors"]
    with pytest.raises(WeightsMismatch):
        planar_files.write_bin(STATE, Planar(8, 3, (2, 3)), 2)


@given(st.integers(0, len(BODY) - 1), st.binary(min_size=1, max_size=8))
def test_damage_anywhere_is_refused_or_harmless(at: int, damage: bytes) -> None:
    with suppress(WeightsMismatch):
        state = planar_files.read(BODY[:at] + damage + BODY[at + len(damage) :], PLANAR)
        assert all(numbers.dtype == np.float32 for numbers in state.values())


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(body: bytes) -> None:
    with pytest.raises(WeightsMismatch):
        planar_files.read(body, PLANAR)


def test_ncnn_gets_the_chain_its_end_joined_with_the_planes_and_one_head() -> None:
    layers = graph(planar_files.param(PLANAR, 3))
    assert [kind for kind, _, _ in layers] == [
        *("Input", "Split", "Convolution", "PReLU", "Convolution", "PReLU", "Concat", "Convolution")
    ]
    assert [sources for _, sources, _ in layers] == [(), (0,), (1,), (2,), (3,), (4,), (5, 1), (6,)]
    assert layers[-1][2] == {"0": 54, "1": 3, "4": 1, "5": 1, "6": 54 * 14 * 9}


def test_ncnn_s_kernels_are_the_very_numbers_and_its_biases_are_in_levels() -> None:
    body = planar_files.write_bin(STATE, PLANAR, 2)
    sizes = [(6 * 8, 8), (8 * 8, 8), (14 * 24, 24)]
    assert len(body) == sum(4 + pairs * 9 * 2 + out * 4 for pairs, out in sizes) + 2 * 8 * 4
    first = np.frombuffer(body, "<f2", 6 * 8 * 9, 4).reshape(8, 6, 3, 3)
    np.testing.assert_array_equal(first, HALVES[FIRST])
    head = np.frombuffer(body, "<f4", 24, len(body) - 24 * 4)
    np.testing.assert_array_equal(head, STATE["head.2.bias"] * np.float32(255) + np.float32(0.5))


def test_our_network_is_a_tenth_of_the_general_one() -> None:
    """Per source pixel, so per output frame of a crop: SRVGGNetCompact's 32 convolutions of 64 features."""
    general = 9 * (3 * 64 + 32 * 64 * 64 + 64 * 48)
    assert max(NATURAL.macs(scale) for scale in NATURAL.scales) <= general / 10
