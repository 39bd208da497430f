"""Networks loaded into ncnn, and run."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpu.ncnn_files import INPUT, OUTPUT
from reel.errors import OutOfMemory, WeightsMismatch


def loaded(name: str, files: tuple[bytes, bytes], thread_counts: Sequence[int]) -> list[Any]:
    """Load a .param and a .bin into ncnn, which reads files, once for each thread count. Raises WeightsMismatch."""
    ncnn: Any = import_module("ncnn")
    nets = [ncnn.Net() for _ in thread_counts]
    with TemporaryDirectory(prefix="reel-ncnn-") as folder:
        paths = Path(folder) / "network.param", Path(folder) / "network.bin"
        for path, body in zip(paths, files, strict=True):
            path.write_bytes(body)
        for net, threads in zip(nets, thread_counts, strict=True):
            net.opt.num_threads = threads
            if net.load_param(str(paths[0])) or net.load_model(str(paths[1])):
                raise WeightsMismatch(f"ncnn cannot read the weights of {name}.", network=name)
    return nets


def run(net: Any, taken: Any) -> NDArray[np.float32]:
    """Run a net over an ncnn Mat; return what comes out (channels, H, W), in ncnn's own memory. Raises OutOfMemory."""
    extractor = net.create_extractor()
    extractor.input(INPUT, taken)
    code, made = extractor.extract(OUTPUT)
    if code:
        raise OutOfMemory(f"The network could not get the memory for {taken.w}×{taken.h} pixels.")
    return np.asarray(made)
