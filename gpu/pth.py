"""Read a torch weights file without torch, and without running what is in it.

A .pth is a zip of one pickle (`data.pkl`: names, shapes, strides) and one file of raw numbers for each storage. The
unpickler knows the few names that such a file needs and refuses every other, so nothing in the file can be called.
Source of the layout: torch/serialization.py.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any, cast
from zipfile import ZIP_STORED, BadZipFile, ZipFile

import numpy as np
from numpy.typing import NDArray

from gpu.compact import State
from reel.errors import WeightsMismatch

# A state dict of a hundred tensors pickles to 12 kB.
MAX_PICKLE_BYTES = 1 << 20

# What zipfile and pickle raise at damaged or hostile bytes; fuzzed.
_DAMAGE = (
    BadZipFile,
    pickle.UnpicklingError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    TypeError,
    ValueError,
)


def read(body: bytes) -> State:
    """Return the tensors of a .pth by name, as float32; under `params_ema`, `params` or bare, in that order.

    Raises WeightsMismatch for anything but a plain state dict of float tensors.
    """
    try:
        with ZipFile(BytesIO(body)) as archive:
            root = _unpickled(archive)
    except _DAMAGE as fault:
        raise WeightsMismatch(f"This is no torch weights file, or a damaged one: {fault}.") from fault
    for name in ("params_ema", "params"):
        if isinstance(root, dict) and name in root:
            root = root[name]
            break
    if not isinstance(root, dict) or not root:
        raise WeightsMismatch("The weights file holds no state dict.")
    return {_name(name): _tensor(tensor) for name, tensor in root.items()}


def _unpickled(archive: ZipFile) -> object:
    pickles = [name for name in archive.namelist() if name.endswith("/data.pkl")]
    if len(pickles) != 1:
        raise WeightsMismatch("This is not a torch weights file.")
    [name] = pickles
    body = _member(archive, name)
    if len(body) > MAX_PICKLE_BYTES:
        raise WeightsMismatch("The weights file's index is too large.")
    return _Unpickler(body, lambda key: _member(archive, f"{name.removesuffix('data.pkl')}data/{key}")).load()


def _member(archive: ZipFile, name: str) -> bytes:
    """Read a member. torch stores them as they are; anything packed could be a bomb."""
    info = archive.getinfo(name)
    if info.compress_type != ZIP_STORED or info.flag_bits & 1:
        raise WeightsMismatch("The weights file is packed in a way that torch never writes.")
    return archive.read(info)


@dataclass(frozen=True)
class _Storage:
    """The numbers that tensors are views of."""

    numbers: NDArray[Any]


class _Unpickler(pickle.Unpickler):
    """Unpickles a state dict: ordered dicts, float storages, tensors rebuilt from them; nothing else."""

    def __init__(self, body: bytes, storage_bytes: Callable[[str], bytes]) -> None:
        super().__init__(BytesIO(body))
        self._storage_bytes = storage_bytes

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        known: dict[str, object] = {
            "collections.OrderedDict": OrderedDict,
            "torch._utils._rebuild_tensor_v2": _rebuilt,
            "torch.FloatStorage": "<f4",
            "torch.HalfStorage": "<f2",
        }
        name = f"{module_name}.{global_name}"
        if name not in known:
            raise WeightsMismatch(f"The weights file asks for {name}, which no weights need.", asked=name)
        return known[name]

    def persistent_load(self, pid: Any, /) -> _Storage:
        kind, dtype, key, _device, count = pid
        if kind != "storage" or dtype not in ("<f4", "<f2") or not isinstance(key, str):
            raise WeightsMismatch("The weights file holds something besides numbers.")
        numbers = np.frombuffer(self._storage_bytes(key), dtype)
        if len(numbers) != count:
            raise WeightsMismatch(f"The weights file claims {count} numbers where it holds {len(numbers)}.")
        return _Storage(numbers)


def _rebuilt(storage: object, offset: object, shape: object, strides: object, *_rest: object) -> NDArray[Any]:
    """Rebuild a tensor: `shape` numbers from `offset` on. Weights are contiguous, so the strides follow from it."""
    if not isinstance(storage, _Storage) or not _counts(offset) or not _counts(shape) or not _counts(strides):
        raise WeightsMismatch("The weights file describes a tensor that cannot be.")
    begin, sizes = cast(int, offset), cast("tuple[int, ...]", shape)
    count = int(np.prod(sizes, dtype=object))
    contiguous = tuple(int(np.prod(sizes[axis + 1 :], dtype=object)) for axis in range(len(sizes)))
    if strides != contiguous or begin + count > len(storage.numbers):
        raise WeightsMismatch("The weights file describes a tensor that reaches outside its numbers.")
    return storage.numbers[begin : begin + count].reshape(sizes)


def _counts(value: object) -> bool:
    """Say whether this is a natural number, or a tuple of such."""
    numbers = cast("tuple[object, ...]", value) if isinstance(value, tuple) else (value,)
    return all(isinstance(number, int) and number >= 0 for number in numbers)


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise WeightsMismatch("The weights file names a tensor by something besides text.")
    return name


def _tensor(tensor: object) -> NDArray[np.float32]:
    if not isinstance(tensor, np.ndarray):
        raise WeightsMismatch("The weights file holds something besides tensors.")
    numbers = tensor.astype(np.float32)
    if not np.isfinite(numbers).all():
        raise WeightsMismatch("The weights file holds numbers that are not finite.")
    return numbers
