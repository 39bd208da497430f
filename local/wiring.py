"""Where the adapters meet the ports on one machine; and the only place here that reads the environment."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from gpu.device import Device, best_device
from gpu.own_weights import own_weights
from gpu.planar_upscaler import PlanarUpscaler, TorchPlanarUpscaler
from gpu.registry import CRISP, CRISP_DETAIL, CRISP_SHARE, CRISP_SIBLING, CRISP_STAND_IN, OWN
from gpu.upscaler import NcnnUpscaler, TorchUpscaler
from gpu.weights import Blend, Folders, Weights, resolve
from jobs.clip import LEAST_ENLARGEMENT
from jobs.memory import MemoryLedger
from jobs.ports import Announce, Upscaler
from jobs.spec import Look
from jobs.tools import Tools
from local.folder import FolderStore
from reel.errors import BadInput, StoreUnavailable, WeightsMissing
from storage.endpoint import Endpoint

INSTEAD = "Nothing is missing for the natural look: --look natural, for clips that name no look of their own."

STALE_SCRATCH_S = 24 * 3600  # longer than any job of this machine: what a killed one left behind


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator can set. docs/deploy.md lists it, a test compares."""

    data_dir: Path
    weights_dir: Path | None = None
    bucket: Endpoint | None = None
    """Where users' objects are kept; None: in `data_dir`, by the embedded store."""

    @property
    def cache_dir(self) -> Path:
        """Objects, segments, weights: what can be made again."""
        return self.data_dir / "cache"


def settings_from(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; what is not set has its default. Raises BadInput for a bucket that is named in part."""
    weights = environ.get("REEL_WEIGHTS_DIR")
    return Settings(Path(environ.get("DATA_DIR") or "data"), Path(weights) if weights else None, _bucket(environ))


def _bucket(environ: Mapping[str, str]) -> Endpoint | None:
    named = {
        "R2_ENDPOINT_URL": environ.get("R2_ENDPOINT_URL"),
        "R2_BUCKET_NAME": environ.get("R2_BUCKET_NAME"),
        "R2_ACCESS_KEY_ID": environ.get("R2_ACCESS_KEY_ID"),
        "R2_SECRET_ACCESS_KEY": environ.get("R2_SECRET_ACCESS_KEY"),
    }
    if not any(named.values()):
        return None
    missing = [name for name, value in named.items() if not value]
    if missing:
        raise BadInput(f"To use a bucket, set {' and '.join(missing)} too.")
    return Endpoint(*(str(value) for value in named.values()))


@dataclass(frozen=True, slots=True)
class Home:
    """One process on this machine: its store, the tools that jobs are given, the look of clips that name none."""

    settings: Settings
    store: FolderStore
    tools: Tools
    look: Callable[[], Look]


def open_home(
    settings: Settings,
    announce: Announce,
    note: Callable[[str], None],
    device: Callable[[], Device] = best_device,
) -> Home:
    """Wire one process up; `note` is told what a person has to know. Raises StoreUnavailable without a folder."""
    known_device = cache(device)  # asked as late as can be: to look for CUDA may load torch, which takes seconds
    store = FolderStore(settings.cache_dir / "objects")
    scratch = settings.cache_dir / "scratch"
    try:
        scratch.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise StoreUnavailable(f"{settings.data_dir} cannot be written: {fault.strerror}.") from fault
    for folder in (scratch, store.incoming):
        _sweep(folder, time.time() - STALE_SCRATCH_S)
    tools = Tools(
        store=store,
        ledger=MemoryLedger(),
        announce=announce,
        upscaler=upscalers(settings, note, known_device),
        scratch=scratch,
        clock=time.monotonic,
    )
    return Home(settings, store, tools, lambda: "crisp" if known_device() == "cuda" else "natural")


def upscalers(
    settings: Settings, note: Callable[[str], None], device: Callable[[], Device]
) -> Callable[[Look, float], Upscaler]:
    """Return what loads the network that a look runs for an enlargement, once."""
    threads = os.cpu_count() or 1

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

    return lambda look, enlargement: natural(natural_scale(enlargement)) if look == "natural" else crisp()


def natural_scale(enlargement: float) -> int:
    """Return the scale by which our own network runs: the next one up, from which the rest is resized down."""
    enough = (scale for scale in OWN.shape.scales if enlargement <= scale * LEAST_ENLARGEMENT)
    return next(enough, OWN.shape.scales[-1])


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


def _sweep(folder: Path, before_s: float) -> None:
    for left in folder.iterdir() if folder.is_dir() else ():
        with suppress(FileNotFoundError):  # another process has just finished with it
            if left.lstat().st_mtime >= before_s:
                continue
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink()
