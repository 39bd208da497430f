"""The networks of a GPU container: read before Modal takes its snapshot, on the device after it is restored."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

from gpu.device import Device, best_device
from gpu.lanes import in_lanes
from gpu.own_weights import OwnWeights, own_weights
from gpu.planar_upscaler import PlanarUpscaler, TorchPlanarUpscaler
from gpu.registry import CRISP, CRISP_DETAIL, CRISP_SHARE, CRISP_SIBLING, OWN
from gpu.upscaler import NcnnUpscaler, TorchUpscaler
from gpu.weights import Blend, Folders, Weights, resolve
from jobs.clip import scale_for
from jobs.ports import Picture, Upscaler
from jobs.spec import Look
from reel.errors import WeightsMissing

Upscalers = Callable[[Look, float], Upscaler]


@dataclass(frozen=True, slots=True)
class Networks:
    """Weights in memory, verified. Without those of the crisp look, `missing` says so to whoever asks for it."""

    own: OwnWeights
    crisp: Weights | None
    missing: WeightsMissing | None

    def on(self, device: Device) -> Upscalers:
        """Return what gives a look's network on a device, each loaded once, with the first picture for it."""
        threads = os.cpu_count() or 1

        @cache
        def natural(scale: int) -> Upscaler:
            if device == "cuda":
                return TorchPlanarUpscaler(self.own, scale, device="cuda")
            return PlanarUpscaler(self.own, scale, threads=threads)

        @cache
        def crisp() -> Upscaler:
            if self.crisp is None:
                raise self.missing or WeightsMissing
            if device == "cuda":
                return TorchUpscaler(self.crisp, device="cuda", detail=CRISP_DETAIL)
            return NcnnUpscaler(self.crisp, threads=threads, detail=CRISP_DETAIL)

        return lambda look, enlargement: (
            natural(scale_for(enlargement, OWN.shape.scales)) if look == "natural" else crisp()
        )

    def on_best_device(self) -> Upscalers:
        """Return the networks on the container's GPU; where they are sure to run, that of the crisp look is there."""
        device = best_device()
        upscalers = self.on(device)
        if device == "cuda" and self.crisp is not None:
            upscalers("crisp", 1.0)
        return upscalers


class OneAtATime:
    """An upscaler that has one picture in memory where it would have a batch, or one for each core: see Upscaler."""

    takes: Literal["rgb", "planes"]

    def __init__(self, whole: Upscaler) -> None:
        self._whole = whole
        self.network, self.weights_sha256, self.blend = whole.network, whole.weights_sha256, whole.blend
        self.detail, self.scale, self.takes = whole.detail, whole.scale, whole.takes

    def upscale(self, picture: Picture) -> Picture:
        """See Upscaler."""
        return self._whole.upscale(picture)

    def stream(self, pictures: Iterable[Picture]) -> Generator[Picture]:
        """See Upscaler."""
        return in_lanes(self._whole.upscale, pictures, 1)


def one_at_a_time(upscalers: Upscalers) -> Upscalers:
    """Return what gives the same networks, which take less memory and more time."""
    made: dict[Upscaler, Upscaler] = {}

    def smaller(look: Look, enlargement: float) -> Upscaler:
        whole = upscalers(look, enlargement)
        return made.setdefault(whole, OneAtATime(whole))

    return smaller


def load(weights_dir: Path) -> Networks:
    """Read all weights, without touching a GPU, and torch too where there is one. Raises WeightsMismatch."""
    with suppress(ImportError):
        import gpu.networks  # noqa: F401 - a snapshot holds what was imported before it: torch takes seconds
    try:
        return Networks(own_weights(), _crisp(Folders(configured=weights_dir, cache=None)), None)
    except WeightsMissing as absent:
        return Networks(own_weights(), None, absent)


def _crisp(folders: Folders) -> Weights:
    return replace(resolve(CRISP, folders), blend=Blend(resolve(CRISP_SIBLING, folders), CRISP_SHARE))
