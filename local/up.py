"""The command that serves everything on one machine: the API here, the store and the workers beside it.

    this process                      the API, the doorbell, settling, tidying up
    ├── python -m local store         users' objects, on a port of its own; not with a bucket elsewhere
    └── python -m local worker ×3     one lane each: whatever opens footage

Each child hangs on a leash: it ends when this process does, however that dies. What one of them had in hand is in the
store and in the ledger's file, and goes on with the next.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
import threading
import time
from argparse import Namespace
from collections.abc import Callable, Generator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from local.announce import Announcing
from local.chore import Chore
from local.console import Console
from local.doorbell import Doorbell
from local.kept import Kept
from local.lanes import Lane
from local.logs import log_to
from local.objectstore import local_endpoint
from local.occupied import occupied
from local.orders import StoreOrders, WorkerOrders
from local.programs import Program, scrubbed
from local.served import api_of, served
from local.services import CHECKOUT, open_services
from local.settling import EVERY_S, Settling
from local.site import Site, home_address, listening, port_for_the_store
from local.tidying import LOOK_EVERY_S, Tidying
from local.wiring import Settings
from local.workers import Workers
from reel import keys
from reel.errors import Internal, Json, OutputUnwritable, StoreUnavailable
from relay.signing import KeyRing
from storage.clock import Clock
from storage.endpoint import Endpoint
from storage.objects import Objects

EDITOR: Final = CHECKOUT / "web/out"
"""What `./run up` built before it started this."""
KEEP_FREE_BYTES: Final = 2 * 10**9
"""Of the disk, so that a machine that is full still works; whoever brings more is told so (507)."""
_READY_S: Final = 30.0  # a store on a slow disk has looked through its folder by then
_HEARD_S: Final = 0.2  # how soon Ctrl-C is heard where the system gave the signal to another thread, which wakes nobody
_WARNING: Final = (
    "Every device in this network can reach this service now, and guests can upload to it. Use --lan at home only."
)


def up(arguments: Namespace, settings: Settings, console: Console) -> None:
    """Serve until Ctrl-C or SIGTERM. Raises BadInput for a port or a folder that is taken, OutputUnwritable."""
    settings = replace(settings, data_dir=settings.data_dir.resolve())
    lan = home_address() if arguments.lan else None
    with ExitStack() as stack:
        lock = stack.enter_context(occupied(settings.data_dir))
        sockets = stack.enter_context(listening(settings.port, Site(0, 0, lan).addresses))
        port = sockets[0].getsockname()[1]
        site = Site(port, port_for_the_store(port + 1, Site(0, 0, lan).addresses), lan, arguments.dev)
        _make_folders(settings)
        log_to(settings.log_path)
        told = stack.enter_context(_told_to_stop())

        endpoint = settings.bucket or stack.enter_context(_store(settings, site))
        relay_keys = f"home:{secrets.token_hex(32)}"
        ring = KeyRing.parse(relay_keys)
        doorbell = Doorbell(ring, site.origins, Clock())
        announce = Announcing(doorbell.tell)
        opened = stack.enter_context(open_services(settings, site, endpoint, ring, announce))
        doorbell.beside = api_of(opened.services, EDITOR, partial(_elsewhere, settings, site))
        server = stack.enter_context(served(doorbell, sockets))

        program = _worker_program(settings, site, endpoint, relay_keys)
        stack.enter_context(Workers(program, opened.sweeper))
        settling = Settling(opened.services.open_jobs, opened.ledger, announce)
        chore = stack.enter_context(Chore("settling", settling, EVERY_S))
        settling.wake = chore.wake
        doorbell.heard = settling.hear
        stack.enter_context(Chore("tidying up", Tidying(settings, opened.services), LOOK_EVERY_S))

        server.warm_up()
        lock.write_text(site.url)
        _say(settings, site, console)
        while not told.wait(_HEARD_S) and server.is_alive():
            pass
        if not told.is_set():
            raise Internal("The web server ended by itself: the log says why.")
        console.note("Stopping")
        server.stop()


def _elsewhere(settings: Settings, site: Site, host: str) -> tuple[str, str]:
    """Return the origins that the page of a host needs beside its own: the store's, and that of live progress."""
    store = settings.bucket.url if settings.bucket else site.store_url(host)
    return store, site.socket_url(host).removesuffix("/ws")


def _make_folders(settings: Settings) -> None:
    for folder in (settings.cache_dir, settings.workers_dir, settings.scratch_dir, settings.log_path.parent):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise OutputUnwritable(f"{folder} cannot be made: {fault.strerror}.") from fault


@contextmanager
def _told_to_stop() -> Generator[threading.Event]:
    """Give what is set by Ctrl-C, SIGTERM or a terminal that closes. The second time it ends at once.

    The children's leashes end with this process, so that even then nothing is left behind.
    """
    told = threading.Event()

    def hear(*_: object) -> None:
        if told.is_set():
            os._exit(130)
        told.set()

    before = {name: signal.signal(name, hear) for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield told
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


@contextmanager
def _store(settings: Settings, site: Site) -> Generator[Endpoint]:
    """Keep the embedded store running; give it once it answers. Raises StoreUnavailable."""
    endpoint = local_endpoint(settings.store_dir, site.store_port)
    orders = StoreOrders(
        folder=settings.store_dir,
        port=site.store_port,
        lan=site.lan,
        origins=tuple(sorted(site.origins)),
        keep_free_bytes=KEEP_FREE_BYTES,
    )
    with Kept("store", _program("store", orders.line, settings)):
        _wait_for(endpoint)
        yield endpoint


def _wait_for(endpoint: Endpoint) -> None:
    """Return when the store there answers, and to our keys. Raises StoreUnavailable."""
    ends_s = time.monotonic() + _READY_S
    address = urlsplit(endpoint.url)
    while not _listens(address.hostname or "", address.port or 0):  # asked in vain, the client would wait for seconds
        if time.monotonic() > ends_s:
            raise StoreUnavailable("The store did not start.")
        time.sleep(0.02)
    with closing(Objects(endpoint)) as objects:
        objects.exists(f"{keys.ACTIVE_PREFIX}none.json")


def _listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1.0).close()
    except OSError:
        return False
    return True


def _worker_program(
    settings: Settings, site: Site, endpoint: Endpoint, relay_keys: str
) -> Callable[[Lane, str], Program]:
    """Return what says how a worker of a lane is started under a name."""

    def program(lane: Lane, name: str) -> Program:
        orders = WorkerOrders(
            name=name,
            lane=lane,
            data_dir=settings.data_dir,
            weights_dir=settings.weights_dir.resolve() if settings.weights_dir else None,
            store=endpoint,
            publish_url=f"http://127.0.0.1:{site.port}/publish",
            relay_keys=relay_keys,
        )
        return _program("worker", orders.line, settings)

    return program


def _program(name: str, told: bytes, settings: Settings) -> Program:
    return Program([sys.executable, "-m", "local", name], scrubbed(settings.scratch_dir), CHECKOUT, told)


def _say(settings: Settings, site: Site, console: Console) -> None:
    """Say where it is and what is there."""
    kept = f"the bucket {settings.bucket.bucket}" if settings.bucket else str(settings.store_dir)
    if site.lan_url:
        console.note(_WARNING)
    lines = [
        f"Reel Ballers is at {site.url}",
        *([f"and for other devices of this network at {site.lan_url}"] if site.lan_url else []),
        f"What users own is in {kept}, the log in {settings.log_path}. Ctrl-C stops it.",
        *([] if (EDITOR / "index.html").is_file() else ["The editor is not built; the API is there without it."]),
    ]
    fields: dict[str, Json] = {
        "url": site.url,
        "lan_url": site.lan_url,
        "store_port": None if settings.bucket else site.store_port,
        "data_dir": str(settings.data_dir),
    }
    console.result(fields, "\n".join(lines))
