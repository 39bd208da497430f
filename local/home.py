"""One process of the command line: a store in a folder, and the tools that its jobs are given."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gpu.device import Device, best_device
from jobs.memory import MemoryLedger
from jobs.ports import Announce
from jobs.spec import Look
from jobs.tools import Tools
from local.folder import FolderStore
from local.networks import upscalers
from local.wiring import Settings
from reel.errors import StoreUnavailable

STALE_SCRATCH_S = 24 * 3600  # longer than any job of this machine: what a killed one left behind


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
    scratch = open_scratch(settings)
    _sweep(store.incoming, time.time() - STALE_SCRATCH_S)
    tools = Tools(
        store=store,
        ledger=MemoryLedger(),
        announce=announce,
        upscaler=upscalers(settings, note, known_device),
        scratch=scratch,
        clock=time.monotonic,
    )
    return Home(settings, store, tools, lambda: "crisp" if known_device() == "cuda" else "natural")


def open_scratch(settings: Settings) -> Path:
    """Return the folder for what jobs need while they run, without what killed ones left. Raises StoreUnavailable."""
    try:
        settings.scratch_dir.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise StoreUnavailable(f"{settings.data_dir} cannot be written: {fault.strerror}.") from fault
    _sweep(settings.scratch_dir, time.time() - STALE_SCRATCH_S)
    return settings.scratch_dir


def _sweep(folder: Path, before_s: float) -> None:
    for left in folder.iterdir() if folder.is_dir() else ():
        with suppress(FileNotFoundError):  # another process has just finished with it
            if left.lstat().st_mtime >= before_s:
                continue
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink()
