"""The networks of one machine: what a look runs for an enlargement, and with which weights."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import cache

from gpu.device import Device
from gpu.own_weights import own_weights
from gpu.planar_upscaler import PlanarUpscaler, TorchPlanarUpscaler
from gpu.registry import CRISP, CRISP_DETAIL, CRISP_SHARE, CRISP_SIBLING, CRISP_STAND_IN, OWN
from gpu.upscaler import NcnnUpscaler, TorchUpscaler
from gpu.weights import Blend, Folders, Weights, resolve
from jobs.clip import scale_for
from jobs.ports import Upscaler
from jobs.spec import Look
from local.wiring import Settings
from reel.errors import WeightsMissing

INSTEAD = "Nothing is missing for the natural look: --look natural, for clips that name no look of their own."


def upscalers(
    settings: Settings, note: Callable[[str], None], device: Callable[[], Device], threads: int | None = None
) -> Callable[[Look, float], Upscaler]:
    """Return what loads the network that a look runs for an enlargement, once.

    Each thread has a picture of its own in memory; without a number there is one a core.
    """
    threads = threads or os.cpu_count() or 1

    @cache
    def natural(scale: int) -> Upscaler:
        if device() == "cuda":
            return TorchPlanarUpscaler(own_weights(), scale, device="cuda")
        return PlanarUpscaler(own_weights(), scale, threads=threads)

    @cache
    def crisp() -> Upscaler:
        weights, detail = crisp_weights(settings, note)
        if device() == "cuda":
            return TorchUpscaler(weights, device="cuda", detail=detail)
        return NcnnUpscaler(weights, threads=threads, detail=detail)

    return lambda look, enlargement: natural(scale_for(enlargement, OWN.shape.scales)) if look == "natural" else crisp()


def crisp_weights(settings: Settings, note: Callable[[str], None]) -> tuple[Weights, float]:
    """Return the best weights of the crisp look that this machine has or can get, and how much detail is given back.

    `note` is told how to get better ones. Raises WeightsMissing and WeightsMismatch.
    """
    folders = Folders(configured=settings.weights_dir, cache=settings.cache_dir / "weights")
    try:
        general = resolve(CRISP, folders)
    except WeightsMissing as absent:
        stand_in = _stand_in(absent, folders)
        note(f"{absent.message} Until then {CRISP_STAND_IN} stands in. {INSTEAD}")
        return stand_in, 0.0
    try:
        sibling = resolve(CRISP_SIBLING, folders)
    except WeightsMissing as absent:
        note(f"{absent.message} Until then {CRISP} runs without it.")
        return general, CRISP_DETAIL
    return replace(general, blend=Blend(sibling, CRISP_SHARE)), CRISP_DETAIL


def _stand_in(absent: WeightsMissing, folders: Folders) -> Weights:
    try:
        return resolve(CRISP_STAND_IN, folders)
    except WeightsMissing as neither:
        message = f"{absent.message} {CRISP_STAND_IN}, which could stand in, is missing too. {INSTEAD}"
        raise WeightsMissing(message, **absent.details) from neither
