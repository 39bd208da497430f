"""The program of a worker: takes jobs of one lane for as long as whoever started it lives."""

from __future__ import annotations

import os
import sys
import time
from argparse import Namespace
from contextlib import suppress
from functools import partial

from gpu.device import Device, best_device
from jobs.spec import Look
from jobs.tools import Tools
from local.announce import Announcing
from local.console import Console
from local.home import open_scratch
from local.lanes import WALL_S, Lane
from local.ledger import SqliteLedger
from local.ledger_file import LedgerFile
from local.logs import warn_on_terminal
from local.networks import upscalers
from local.orders import WorkerOrders, read_orders
from local.presence import Presence
from local.queue import Queue
from local.wiring import Settings
from local.worker import Settings as Manner
from local.worker import Worker, work
from relay.poster import Poster
from relay.signing import KeyRing
from storage.clock import Clock
from storage.objects import Objects

NETWORKED: frozenset[Lane] = frozenset({"heavy", "light"})
MEMORY_SHARE = {"heavy": 0.75, "intake": 0.5, "light": 0.5, "window": 0.5}
"""Of the machine's memory, what a worker of a lane may take: so much that only footage made for it takes more."""
LEAST_MEMORY_BYTES = 3 * 2**30
NICE = {"heavy": 10, "intake": 10, "light": 5, "window": 7}
"""By how much a worker of a lane steps back, so that the API answers at once while something is rendered."""


def worker(arguments: Namespace, settings: Settings, console: Console) -> None:  # noqa: ARG001 - a command's form
    """Be a worker until told to stop, let go of, or worn."""
    orders = read_orders(WorkerOrders, sys.stdin.buffer.readline())
    warn_on_terminal()
    with suppress(OSError):
        os.nice(NICE[orders.lane])
    told = Settings(orders.data_dir, orders.weights_dir)
    device = best_device() if orders.lane in NETWORKED else "cpu"
    if orders.lane == "heavy":
        _note_look(told, device)
    poster = Poster(orders.publish_url, KeyRing.parse(orders.relay_keys), Clock())
    code = work(_worker(orders, told, device, poster), Presence(told.workers_dir), sys.stdin.buffer)
    poster.close()
    os._exit(code)  # a job may still hang in a thread


def _worker(orders: WorkerOrders, settings: Settings, device: Device, poster: Poster) -> Worker:
    file = LedgerFile(settings.ledger_path)
    ledger, queue, store = SqliteLedger(file), Queue(file), Objects(orders.store)
    announce = Announcing(poster.post)
    scratch = open_scratch(settings)
    note = partial(print, file=sys.stderr, flush=True)
    whole, smaller = (upscalers(settings, note, lambda: device, threads) for threads in (None, 1))

    def tools(after_too_much: bool) -> Tools:
        networks = smaller if after_too_much else whole
        return Tools(store, ledger, announce, networks, scratch, time.monotonic)

    # CUDA maps far more memory than there is, so that no limit fits it.
    memory_bytes = None if device == "cuda" else max(LEAST_MEMORY_BYTES, int(_memory() * MEMORY_SHARE[orders.lane]))
    manner = Manner(orders.name, orders.lane, WALL_S[orders.lane], memory_bytes)
    return Worker(manner, ledger, queue, store, tools, time.monotonic, announce)


def _note_look(settings: Settings, device: Device) -> None:
    """Write down which look clips get that name none: the API's process cannot find out by itself."""
    look: Look = "crisp" if device == "cuda" else "natural"
    arriving = settings.look_path.with_name(f"look.{os.getpid()}")
    arriving.write_text(look)
    arriving.replace(settings.look_path)


def _memory() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
