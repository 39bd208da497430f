"""The compact network at work: by ncnn on a CPU, by torch on CUDA."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from functools import partial
from importlib import import_module
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gpu import ncnn_nets
from gpu.bands import Band, bands
from gpu.device import Device
from gpu.dials import given_back
from gpu.lanes import batches, in_lanes
from gpu.weights import Weights
from reel.errors import OutOfMemory

Pixels: TypeAlias = NDArray[np.uint8]

# The 32-convolution network takes 2.7 kB a source pixel: 1.8 GB for the largest crop of a 1080p source in 9:16.
MOST_PIXELS = 700_000

_MOST_LANES = 2  # so many pictures of that size fit in memory

# Rows that are turned into bytes at once, to stay in the cache: 0.053 s for 1620×2880, 0.077 s as one.
_ROWS_AT_ONCE = 32


class NcnnUpscaler:
    """The compact network on a CPU. The same picture gives the same bytes, alone or in a stream, on any thread count.

    Measured with realesr-general-x4v3 on two AVX-512 cores, 405×720: 4.2 s alone and 3.9 s a picture side by side,
    where the usual loop (fp32 torch, one frame at a time) takes 9.4 s; at 608×1080 18.5 and 17.3 to 34.7 s of CPU time.
    Of ncnn's options only the defaults pay: without Winograd 2.2×, by F(2,3) 1.45×, by F(6,3) 1.5×, without packing
    1.25× the time; bf16 storage gains 7 % and is off by up to 6 levels; pool allocators and huge pages gain 2 %.
    """

    takes: Literal["rgb", "planes"] = "rgb"

    def __init__(self, weights: Weights, *, threads: int, detail: float = 0.0) -> None:
        self.network = weights.network
        self.weights_sha256 = weights.sha256
        self.scale = weights.shape.scale
        self.blend = weights.blended_with
        self.detail = detail
        self._reach = weights.shape.reach
        # Pictures side by side never wait for each other, as the threads of one do after each layer.
        self._lanes = min(_MOST_LANES, threads)
        nets = ncnn_nets.loaded(weights.network, weights.ncnn(), (threads, threads // self._lanes))
        self._alone, self._beside = nets

    def upscale(self, picture: Pixels) -> Pixels:
        """Return RGB (H, W, 3) enlarged to (H·scale, W·scale, 3). Raises OutOfMemory."""
        return self._enlarged(self._alone, picture)

    def stream(self, pictures: Iterable[Pixels]) -> Generator[Pixels]:
        """Iterate the pictures enlarged, in order, two at a time. Raises OutOfMemory."""
        return in_lanes(partial(self._enlarged, self._beside), pictures, self._lanes)

    def _enlarged(self, net: Any, picture: Pixels) -> Pixels:
        height, width, _ = picture.shape
        try:
            enlarged = np.empty((height * self.scale, width * self.scale, 3), np.uint8)
            for band in bands(height, width, self._reach, MOST_PIXELS):
                rows = enlarged[band.top * self.scale : band.bottom * self.scale]
                _to_bytes(_cut(_ncnn_run(net, picture[band.above : band.below]), band, self.scale), rows)
            return given_back(enlarged, picture, self.detail)
        except MemoryError as fault:
            raise OutOfMemory from fault


class TorchUpscaler:
    """The compact network by torch: fp16 on CUDA, where pictures come and go as bytes; fp32 on a CPU, to compare with.

    CUDA promises PSNR ≥ 45 dB to the CPU's picture instead of equal bytes.
    """

    takes: Literal["rgb", "planes"] = "rgb"

    def __init__(self, weights: Weights, *, device: Device, half: bool | None = None, detail: float = 0.0) -> None:
        import torch

        from gpu.networks import compact_network

        self.network = weights.network
        self.weights_sha256 = weights.sha256
        self.scale = weights.shape.scale
        self.blend = weights.blended_with
        self.detail = detail
        self._batch = 4 if device == "cuda" else 1  # what Real-ESRGAN's PR 650 gains with
        self._reach = weights.shape.reach
        self._device = torch.device(device)
        half = device == "cuda" if half is None else half
        self._number = torch.float16 if half else torch.float32
        network: Any = compact_network(weights.shape, weights.state())
        self._net = network.to(self._device, self._number, memory_format=torch.channels_last)

    def upscale(self, picture: Pixels) -> Pixels:
        """Return RGB (H, W, 3) enlarged to (H·scale, W·scale, 3). Raises OutOfMemory."""
        return self._enlarged([picture])[0]

    def stream(self, pictures: Iterable[Pixels]) -> Generator[Pixels]:
        """Iterate the pictures enlarged, in order, a batch of one size at a time. Raises OutOfMemory."""
        for made in in_lanes(self._enlarged, batches(pictures, self._batch, np.shape), 1):
            yield from made

    def _enlarged(self, pictures: Sequence[Pixels]) -> list[Pixels]:
        import torch

        from gpu.networks import detail_given_back

        try:
            with torch.inference_mode():
                taken = torch.from_numpy(np.stack(pictures)).to(self._device)
                height, width = taken.shape[1:3]
                made = [
                    _cut(self._run(taken[:, band.above : band.below]), band, self.scale)
                    for band in bands(height, width, self._reach, MOST_PIXELS)
                ]
                return [*detail_given_back(torch.cat(made, dim=1), taken, self.detail).cpu().numpy()]
        except (torch.OutOfMemoryError, MemoryError) as fault:
            raise OutOfMemory from fault

    def _run(self, taken: Any) -> Any:
        """Enlarge bytes (N, H, W, 3) to bytes; seen as (N, 3, H, W) they are channels_last already."""
        made = self._net(taken.permute(0, 3, 1, 2).to(self._number) / 255)
        return made.mul_(255).add_(0.5).clamp_(0, 255).byte().permute(0, 2, 3, 1)


def _ncnn_run(net: Any, rows: Pixels) -> NDArray[np.float32]:
    """Run a net over RGB bytes (H, W, 3); return planes (3, H·scale, W·scale) of about 0..1, in ncnn's own memory."""
    ncnn: Any = import_module("ncnn")
    height, width, _ = rows.shape
    taken = ncnn.Mat.from_pixels(np.ascontiguousarray(rows), ncnn.Mat.PixelType.PIXEL_RGB, width, height)
    taken.substract_mean_normalize([], [1 / 255] * 3)
    return ncnn_nets.run(net, taken)


def _to_bytes(planes: NDArray[np.float32], pixels: Pixels) -> None:
    """Write planes (3, H, W) of 0..1 into bytes (H, W, 3), half a level rounded up."""
    for top in range(0, len(pixels), _ROWS_AT_ONCE):
        levels = planes[:, top : top + _ROWS_AT_ONCE] * np.float32(255)
        levels += np.float32(0.5)
        np.clip(levels, 0, 255, out=levels)
        pixels[top : top + _ROWS_AT_ONCE] = levels.astype(np.uint8).transpose(1, 2, 0)


def _cut(made: Any, band: Band, scale: int) -> Any:
    """Take the rows that a band answers for out of what was made from it; rows are the second axis."""
    return made[:, (band.top - band.above) * scale : (band.bottom - band.above) * scale]
