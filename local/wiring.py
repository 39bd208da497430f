"""Where the adapters meet the ports on one machine; and the only place here that reads the environment."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gpu.upscaler import NcnnUpscaler
from gpu.weights import Folders, Weights, resolve
from jobs.memory import MemoryLedger
from jobs.ports import Announce, Upscaler
from jobs.spec import Look
from jobs.tools import Tools
from local.folder import FolderStore
from reel.errors import StoreUnavailable, WeightsMissing

# What each look runs, best first: the official network, then what a machine that only reaches a package registry has.
NETWORKS: Mapping[Look, tuple[str, ...]] = {"crisp": ("realesr-general-x4v3", "realesr-animevideov3-x4")}

STALE_SCRATCH_S = 24 * 3600  # longer than any job of this machine: what a killed one left behind


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator can set. docs/deploy.md lists it, a test compares."""

    data_dir: Path
    weights_dir: Path | None = None

    @property
    def cache_dir(self) -> Path:
        """Objects, segments, weights: what can be made again."""
        return self.data_dir / "cache"


def settings_from(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; what is not set has its default."""
    weights = environ.get("REEL_WEIGHTS_DIR")
    return Settings(Path(environ.get("DATA_DIR") or "data"), Path(weights) if weights else None)


@dataclass(frozen=True, slots=True)
class Home:
    """One process on this machine: its store, and the tools that jobs are given."""

    settings: Settings
    store: FolderStore
    tools: Tools


def open_home(settings: Settings, announce: Announce, note: Callable[[str], None]) -> Home:
    """Wire one process up; `note` is told what a person has to know. Raises StoreUnavailable without a folder."""
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
        upscaler=upscalers(settings, note),
        scratch=scratch,
        clock=time.monotonic,
    )
    return Home(settings, store, tools)


def upscalers(settings: Settings, note: Callable[[str], None]) -> Callable[[Look], Upscaler]:
    """Return what loads the network of a look, once."""

    @cache
    def load(look: Look) -> Upscaler:
        return NcnnUpscaler(find_weights(settings, look, note), threads=os.cpu_count() or 1)

    return load


def find_weights(settings: Settings, look: Look, note: Callable[[str], None]) -> Weights:
    """Return the best weights of a look that this machine has or can get; `note` is told how to get better ones.

    Raises WeightsMissing, WeightsMismatch.
    """
    folders = Folders(configured=settings.weights_dir, cache=settings.cache_dir / "weights")
    *better, last = NETWORKS[look]
    missing: list[str] = []
    for name in better:
        try:
            return resolve(name, folders)
        except WeightsMissing as absent:
            missing.append(absent.message)
    found = resolve(last, folders)
    for message in missing:
        note(f"{message} Until then {last} stands in.")
    return found


def _sweep(folder: Path, before_s: float) -> None:
    for left in folder.iterdir() if folder.is_dir() else ():
        with suppress(FileNotFoundError):  # another process has just finished with it
            if left.lstat().st_mtime >= before_s:
                continue
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink()
