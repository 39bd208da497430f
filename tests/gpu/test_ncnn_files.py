from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gpu import ncnn_files
from gpu.compact import Compact, State
from gpu.registry import NETWORKS
from gpu.weights import Folders, resolve
from reel.errors import WeightsMismatch


def graph(param: str) -> list[tuple[str, tuple[int, ...], dict[str, float]]]:
    """A .param without its names: each layer's type, which layers feed it, its parameters."""
    lines = param.splitlines()
    assert lines[0] == "7767517"
    made_by: dict[str, int] = {}
    layers: list[tuple[str, tuple[int, ...], dict[str, float]]] = []
    for line in lines[2:]:
        kind, _, count_in, count_out, *rest = line.split()
        blobs_in, rest = rest[: int(count_in)], rest[int(count_in) :]
        blobs_out, parameters = rest[: int(count_out)], rest[int(count_out) :]
        sources = tuple(made_by[blob] for blob in blobs_in)
        made_by |= dict.fromkeys(blobs_out, len(layers))
        layers.append((kind, sources, {key: float(value) for key, value in (p.split("=") for p in parameters)}))
    assert lines[1] == f"{len(layers)} {len(made_by)}"
    return layers


def test_holds_what_it_was_given(tiny_state: State, tiny_shape: Compact) -> None:
    state = ncnn_files.read_bin(ncnn_files.write_bin(tiny_state, tiny_shape), tiny_shape)
    assert state.keys() == tiny_state.keys()
    for name, numbers in tiny_state.items():
        np.testing.assert_array_equal(state[name], numbers)


def test_pads_a_kernel_of_an_odd_count_to_four_bytes() -> None:
    odd = Compact(features=1, convolutions=0, scale=1)
    state = {name: np.ones(size, np.float32) for name, size in odd.tensors().items()}
    body = ncnn_files.write_bin(state, odd)
    assert len(body) == (4 + 27 * 2 + 2) + 4 + 4 + (4 + 27 * 2 + 2) + 3 * 4
    assert ncnn_files.read_bin(body, odd).keys() == state.keys()


def test_refuses_another_network_s_weights(tiny_state: State, tiny_shape: Compact) -> None:
    body = ncnn_files.write_bin(tiny_state, tiny_shape)
    other = Compact(features=8, convolutions=3, scale=4)
    for damaged in (body[:-1], body + b"\0", b"\0" + body[1:], b"", body[:100]):
        with pytest.raises(WeightsMismatch):
            ncnn_files.read_bin(damaged, tiny_shape)
    with pytest.raises(WeightsMismatch):
        ncnn_files.read_bin(body, other)
    with pytest.raises(WeightsMismatch) as raised:
        ncnn_files.write_bin(tiny_state, other)
    assert "body.6.bias" in raised.value.details["tensors"]  # type: ignore[operator]


@pytest.mark.parametrize("name", NETWORKS)
def test_is_what_upstream_s_conversion_writes(name: str, weights_dir: Path) -> None:
    shape = NETWORKS[name].shape
    given_param, given_bin = (weights_dir / f"{name}.param").read_text(), (weights_dir / f"{name}.bin").read_bytes()
    assert graph(ncnn_files.param(shape)) == graph(given_param)
    assert ncnn_files.write_bin(ncnn_files.read_bin(given_bin, shape), shape) == given_bin


def test_a_state_dict_becomes_upstream_s_bytes(weights_dir: Path) -> None:
    weights = resolve("realesr-general-x4v3", Folders(weights_dir, cache=None))
    assert [*weights.files] == [".pth"]
    assert weights.ncnn()[1] == (weights_dir / "realesr-general-x4v3.bin").read_bytes()
