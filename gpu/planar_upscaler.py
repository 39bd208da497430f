"""Our own network at work on 4:2:0 planes: by ncnn on a CPU, by torch on CUDA."""

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
from gpu.lanes import batches, in_lanes
from gpu.own_weights import OwnWeights
from gpu.planar import MARGIN, PLANES
from reel.errors import OutOfMemory

Pixels: TypeAlias = NDArray[np.uint8]
PlaneTuple: TypeAlias = tuple[Pixels, Pixels, Pixels]

# Chroma samples that a band takes in. By ncnn one takes 4.8 kB at ×4: 0.4 GB a lane at most, 3.5 GB for all of them.
MOST_SAMPLES = 90_000
_MOST_LANES = 8


class PlanarUpscaler:
    """Our own network on a CPU. The same picture gives the same bytes, alone or in a stream, on any thread count.

    Measured at ×3 on two AVX-512 cores, 414×728: 0.46 s of CPU time a picture on one thread, the pictures side by side;
    0.64 s on the two threads of one picture; both with seven layers, of which eleven take 1.7 times as long. Sides
    padded to multiples of 8, other Winograds (F(2,3) 1.6×) and ncnn's own pixel shuffle (10 ms for 5) gain nothing.
    """

    takes: Literal["rgb", "planes"] = "planes"
    blend: tuple[str, str, float] | None = None
    detail: float = 0.0

    def __init__(self, weights: OwnWeights, scale: int, *, threads: int) -> None:
        self.network = weights.network
        self.weights_sha256 = weights.sha256
        self.scale = scale
        self._reach = weights.shape.reach
        self._lanes = min(_MOST_LANES, threads)
        nets = ncnn_nets.loaded(weights.network, weights.ncnn(scale), (threads, threads // self._lanes))
        self._alone, self._beside = nets

    def upscale(self, picture: PlaneTuple) -> PlaneTuple:
        """Return luma (H, W) and chroma (⌈H/2⌉, ⌈W/2⌉) as those of H·scale × W·scale. Raises OutOfMemory."""
        return self._enlarged(self._alone, picture)

    def stream(self, pictures: Iterable[PlaneTuple]) -> Generator[PlaneTuple]:
        """Iterate the pictures enlarged, in order, one a core at a time. Raises OutOfMemory."""
        return in_lanes(partial(self._enlarged, self._beside), pictures, self._lanes)

    def _enlarged(self, net: Any, picture: PlaneTuple) -> PlaneTuple:
        (y, u, v), (height, width), scale = _padded(picture), picture[0].shape, self.scale
        rows, columns = u.shape
        try:
            made = tuple(np.empty((rows * n, columns * n), np.uint8) for n in (2 * scale, scale, scale))
            for band in bands(rows, columns, self._reach, MOST_SAMPLES):
                levels = _own_rows(ncnn_nets.run(net, _stacked(y, u, v, band)), band)
                for plane, phases in zip(made, np.split(levels, (4 * scale**2, 5 * scale**2)), strict=True):
                    _spread(phases, plane, band)
        except MemoryError as fault:
            raise OutOfMemory from fault
        return _cut(made, height, width, scale)


class TorchPlanarUpscaler:
    """Our own network by torch: fp16 on CUDA, where planes come and go as bytes; fp32 on a CPU, to compare with.

    CUDA promises PSNR ≥ 45 dB to the CPU's picture instead of equal bytes.
    """

    takes: Literal["rgb", "planes"] = "planes"
    blend: tuple[str, str, float] | None = None
    detail: float = 0.0

    def __init__(self, weights: OwnWeights, scale: int, *, device: Device, half: bool | None = None) -> None:
        import torch

        from gpu.networks import planar_network

        self.network = weights.network
        self.weights_sha256 = weights.sha256
        self.scale = scale
        self._batch = 4 if device == "cuda" else 1
        self._reach = weights.shape.reach
        self._device = torch.device(device)
        self._number = torch.float16 if (device == "cuda" and half is None) or half else torch.float32
        network: Any = planar_network(weights.shape, weights.state())
        self._net = network.to(self._device, self._number, memory_format=torch.channels_last)

    def upscale(self, picture: PlaneTuple) -> PlaneTuple:
        """Return luma (H, W) and chroma (⌈H/2⌉, ⌈W/2⌉) as those of H·scale × W·scale. Raises OutOfMemory."""
        return self._enlarged([picture])[0]

    def stream(self, pictures: Iterable[PlaneTuple]) -> Generator[PlaneTuple]:
        """Iterate the pictures enlarged, in order, a batch of one size at a time. Raises OutOfMemory."""
        for made in in_lanes(self._enlarged, batches(pictures, self._batch, _size), 1):
            yield from made

    def _enlarged(self, pictures: Sequence[PlaneTuple]) -> list[PlaneTuple]:
        import torch

        height, width = _size(pictures[0])
        try:
            with torch.inference_mode():
                planes = [
                    torch.from_numpy(np.stack(each)[:, None]) for each in zip(*map(_padded, pictures), strict=True)
                ]
                made = self._made(*(plane.to(self._device) for plane in planes))
                y, u, v = (plane[:, 0].cpu().numpy() for plane in made)
        except (torch.OutOfMemoryError, MemoryError) as fault:
            raise OutOfMemory from fault
        return [_cut(each, height, width, self.scale) for each in zip(y, u, v, strict=True)]

    def _made(self, y: Any, u: Any, v: Any) -> tuple[Any, ...]:
        """Enlarge bytes (N, 1, H, W) and twice (N, 1, H/2, W/2) to bytes."""
        import torch

        from gpu.networks import spread, stacked

        taken = stacked(y, u, v)
        rows, columns = taken.shape[2:]
        levels = [
            _own_rows(self._levels(taken[:, :, band.above : band.below]), band)
            for band in bands(rows, columns, self._reach, MOST_SAMPLES)
        ]
        return spread(torch.cat(levels, dim=2), self.scale)

    def _levels(self, taken: Any) -> Any:
        import torch

        given = taken.to(self._number, memory_format=torch.channels_last) / 255
        return self._net(given, self.scale).mul_(255).add_(0.5).clamp_(0, 255).byte()


def _size(picture: PlaneTuple) -> tuple[int, ...]:
    return picture[0].shape


def _padded(picture: PlaneTuple) -> PlaneTuple:
    """Repeat the edges: luma's last row and column where a side is odd, and the margin that the network wants."""
    y, u, v = picture
    odd = [2 * samples - pixels for samples, pixels in zip(u.shape, y.shape, strict=True)]
    luma = np.pad(y, [(2 * MARGIN, 2 * MARGIN + more) for more in odd], mode="edge")
    return luma, np.pad(u, MARGIN, mode="edge"), np.pad(v, MARGIN, mode="edge")


def _stacked(y: Pixels, u: Pixels, v: Pixels, band: Band) -> Any:
    """Return what the network takes of a band, (6, rows, columns) levels of 0..255, in memory aligned as ncnn needs."""
    ncnn: Any = import_module("ncnn")
    taken = ncnn.Mat(u.shape[1], band.below - band.above, PLANES)
    luma, *chroma = y[2 * band.above : 2 * band.below], u[band.above : band.below], v[band.above : band.below]
    phases = [luma[j::2, i::2] for j in (0, 1) for i in (0, 1)]
    for channel, plane in zip(np.asarray(taken), (*phases, *chroma), strict=True):
        channel[:] = plane
    return taken


def _own_rows(made: Any, band: Band) -> Any:
    """Take the rows that a band answers for out of what was made from it; rows are the last axis but one."""
    return made[..., band.top - band.above : band.bottom - band.above, :]


def _spread(phases: NDArray[np.float32], plane: Pixels, band: Band) -> None:
    """Write phases (n², rows, columns) of levels plus a half, as a pixel shuffle by n does, into a plane's rows."""
    count, rows, columns = phases.shape
    n = round(count**0.5)
    np.clip(phases, 0, 255, out=phases)
    shuffled = phases.astype(np.uint8).reshape(n, n, rows, columns).transpose(2, 0, 3, 1)
    plane[band.top * n : band.bottom * n].reshape(rows, n, columns, n)[:] = shuffled


def _cut(planes: Iterable[Pixels], height: int, width: int, scale: int) -> PlaneTuple:
    """Return the planes of a picture (height, width) enlarged, less what it was padded with."""
    y, u, v = planes
    top, bottom, right = MARGIN * scale, -(-height * scale // 2), -(-width * scale // 2)
    luma = y[2 * top : 2 * top + height * scale, 2 * top : 2 * top + width * scale]
    chroma = np.s_[top : top + bottom, top : top + right]
    return np.ascontiguousarray(luma), np.ascontiguousarray(u[chroma]), np.ascontiguousarray(v[chroma])
