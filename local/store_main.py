"""The program of the embedded store: serves its folder for as long as whoever started it lives."""

from __future__ import annotations

import os
import signal
import sys
import threading
from argparse import Namespace
from typing import BinaryIO

from local.console import Console
from local.logs import warn_on_terminal
from local.objectstore import Rules, local_endpoint, serve
from local.orders import StoreOrders, read_orders
from local.wiring import Settings


def store(arguments: Namespace, settings: Settings, console: Console) -> None:  # noqa: ARG001 - a command's form
    """Be the embedded store until told to stop, or let go of."""
    orders = read_orders(StoreOrders, sys.stdin.buffer.readline())
    warn_on_terminal()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever holds it
    threading.Thread(target=_follow, args=(sys.stdin.buffer,), name="leash", daemon=True).start()
    rules = Rules(origins=orders.origins, keep_free_bytes=orders.keep_free_bytes)
    serve(orders.folder, local_endpoint(orders.folder, orders.port), rules, lan=orders.lan)


def _follow(leash: BinaryIO) -> None:
    """End when whoever holds the other end is gone, however it died."""
    while leash.read(1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
