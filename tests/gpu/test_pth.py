from __future__ import annotations

import os
import pickle
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch._utils import _rebuild_tensor_v2

from gpu import pth
from gpu.compact import State
from reel.errors import WeightsMismatch


def saved(value: object) -> bytes:
    file = BytesIO()
    torch.save(value, file)
    return file.getvalue()


def archive(index: bytes, **storages: bytes) -> bytes:
    """A .pth by hand, with storages by their keys."""
    file = BytesIO()
    with ZipFile(file, "w") as zipped:
        zipped.writestr("archive/data.pkl", index)
        for key, numbers in storages.items():
            zipped.writestr(f"archive/data/{key}", numbers)
    return file.getvalue()


class Reduced:
    """Pickles to a call of whatever it is given."""

    def __init__(self, called: Callable[..., object], *arguments: object) -> None:
        self.call = (called, arguments)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self.call


class Stored:
    """Pickles to a reference to a storage, as torch writes one."""

    def __init__(self, *reference: object) -> None:
        self.reference = reference


class Writer(pickle.Pickler):
    def persistent_id(self, obj: Any) -> Any:
        return obj.reference if isinstance(obj, Stored) else None


def index_of(value: object) -> bytes:
    file = BytesIO()
    Writer(file, protocol=2).dump(value)
    return file.getvalue()


def tensor(stored: Stored, offset: object, shape: object, strides: object) -> Reduced:
    return Reduced(_rebuild_tensor_v2, stored, offset, shape, strides, False, OrderedDict())


SMALL = saved({"w": torch.ones(8)})
EIGHT_NUMBERS = np.arange(8, dtype=np.float32).tobytes()


def stored(
    count: object = 8, kind: object = "storage", dtype: object = torch.FloatStorage, key: object = "k"
) -> Stored:
    return Stored(kind, dtype, key, "cpu", count)


def test_reads_what_torch_saves(tiny_pth: bytes, tiny_state: State) -> None:
    read = pth.read(tiny_pth)
    assert read.keys() == tiny_state.keys()
    for name, numbers in tiny_state.items():
        assert read[name].dtype == np.float32
        np.testing.assert_array_equal(read[name], numbers)


def test_reads_the_averaged_weights_first_then_the_named_then_the_bare() -> None:
    one, two = {"w": torch.ones(2)}, {"w": torch.full((2,), 2.0)}
    assert pth.read(saved({"params": one, "params_ema": two}))["w"].tolist() == [2, 2]
    assert pth.read(saved({"params": one}))["w"].tolist() == [1, 1]
    assert pth.read(saved(OrderedDict(two)))["w"].tolist() == [2, 2]


def test_reads_a_module_s_state_dict_with_its_metadata_and_halves_and_views() -> None:
    conv = torch.nn.Conv2d(3, 4, 3).half()
    read = pth.read(saved(conv.state_dict()))
    np.testing.assert_array_equal(read["weight"], conv.weight.detach().float().numpy())
    whole = torch.arange(12.0)
    assert pth.read(saved({"w": whole[4:10].reshape(2, 3)}))["w"].tolist() == [[4, 5, 6], [7, 8, 9]]


def test_reads_what_its_own_archive_holds() -> None:
    body = archive(index_of({"w": tensor(stored(), 2, (2, 3), (3, 1))}), k=EIGHT_NUMBERS)
    assert pth.read(body)["w"].tolist() == [[2, 3, 4], [5, 6, 7]]


def test_never_calls_what_a_pickle_names(tmp_path: Path) -> None:
    witness = tmp_path / "called"
    for called, argument in ((os.system, f"touch {witness}"), (os.mkdir, str(witness)), (eval, "1"), (open, "x")):
        with pytest.raises(WeightsMismatch, match="which no weights need"):
            pth.read(archive(index_of({"w": Reduced(called, argument)})))
    assert not witness.exists()


@pytest.mark.parametrize(
    "value",
    [
        tensor(stored(count=9), 0, (9,), (1,)),
        tensor(stored(count=1 << 40), 0, (1 << 40,), (1,)),
        tensor(stored(kind="module"), 0, (8,), (1,)),
        tensor(stored(dtype="<f8"), 0, (8,), (1,)),
        tensor(stored(key="absent"), 0, (8,), (1,)),
        tensor(stored(key=7), 0, (8,), (1,)),
        tensor(stored(key="../data.pkl"), 0, (8,), (1,)),
        tensor(Stored("storage"), 0, (8,), (1,)),
        tensor(stored(), 1, (8,), (1,)),
        tensor(stored(), -4, (4,), (1,)),
        tensor(stored(), 0, (-1,), (1,)),
        tensor(stored(), 0, (1 << 62, 1 << 62), (1 << 62, 1)),
        tensor(stored(), 0, (2, 4), (1, 2)),
        tensor(stored(), 0, (4,), (1 << 40,)),
        tensor(stored(), 0, (1,) * 80, (1,) * 80),
        tensor(stored(), 0, 8, (1,)),
        tensor(stored(), "0", (8,), (1,)),
        Reduced(_rebuild_tensor_v2, 1, 0, (8,), (1,)),
        Reduced(_rebuild_tensor_v2),
        "text",
        3,
        None,
    ],
    ids=lambda value: "",
)
def test_refuses_a_tensor_that_cannot_be(value: object) -> None:
    with pytest.raises(WeightsMismatch):
        pth.read(archive(index_of({"w": value}), k=EIGHT_NUMBERS))


@pytest.mark.parametrize("root", [None, 1, [], {}, {"params": {}}, {"params": 3}, {7: tensor(stored(), 0, (8,), (1,))}])
def test_refuses_what_is_no_state_dict(root: object) -> None:
    with pytest.raises(WeightsMismatch):
        pth.read(archive(index_of(root), k=EIGHT_NUMBERS))


def test_refuses_numbers_that_are_not_finite() -> None:
    with pytest.raises(WeightsMismatch, match="finite"):
        pth.read(saved({"w": torch.tensor([1.0, float("nan")])}))


def test_refuses_what_is_no_archive_or_a_packed_or_an_oversized_one() -> None:
    packed, twice = BytesIO(), BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as zipped:
        zipped.writestr("archive/data.pkl", bytes(100_000_000))
    with ZipFile(twice, "w") as zipped:
        zipped.writestr("a/data.pkl", index_of({}))
        zipped.writestr("b/data.pkl", index_of({}))
    oversized = archive(bytes(pth.MAX_PICKLE_BYTES + 1))
    for body in (b"", b"PK", b"not a zip at all" * 100, packed.getvalue(), twice.getvalue(), oversized):
        with pytest.raises(WeightsMismatch):
            pth.read(body)


def test_refuses_a_file_cut_off_anywhere(tiny_pth: bytes) -> None:
    for length in range(0, len(tiny_pth), 97):
        with pytest.raises(WeightsMismatch):
            pth.read(tiny_pth[:length])


@given(st.integers(0, len(SMALL) - 1), st.binary(min_size=1, max_size=8))
def test_damage_anywhere_is_refused_or_harmless(at: int, damage: bytes) -> None:
    body = SMALL[:at] + damage + SMALL[at + len(damage) :]
    try:
        state = pth.read(body)
    except WeightsMismatch:
        return
    assert all(numbers.dtype == np.float32 for numbers in state.values())


@given(st.binary(max_size=200))
def test_any_index_is_refused_or_a_state_dict(index: bytes) -> None:
    with suppress(WeightsMismatch):
        assert pth.read(archive(index, k=EIGHT_NUMBERS))
