"""The embedded object store: an S3 subset on a port of its own, for a machine that has no account anywhere.

Bound to the loopback, and to the home network where that is asked for; kept in one folder, which several processes may
serve at once; safe when killed at any moment.
"""

from __future__ import annotations

import ipaddress
import json
import os
import resource
import secrets
import socket
import sqlite3
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from local.objects_app import ObjectStore, Rules
from reel.errors import BadField, StoreUnavailable
from storage.endpoint import Endpoint

__all__ = ["Rules", "local_endpoint", "running", "serve"]

BUCKET = "reel-ballers-users"
KEPT_ALIVE_S = 120  # longer than clients leave a connection idle: one that is closed under a write is an answer lost
PLAIN = Rules()
MOST_FILES = 65_536  # a 10 GB object that is read from end to end has 640 pieces open


def local_endpoint(folder: Path, port: int) -> Endpoint:
    """Return where this installation's store is, with its own random secret, made on the first call.

    Raises StoreUnavailable.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pair = _kept_pair(folder / "keys.json")
    except (OSError, ValueError) as fault:
        raise StoreUnavailable(f"The keys of the store in {folder} cannot be read or written.") from fault
    return Endpoint(f"http://127.0.0.1:{port}", BUCKET, pair["access_key_id"], pair["secret_access_key"])


def serve(
    folder: Path,
    endpoint: Endpoint,
    rules: Rules = PLAIN,
    ready: Callable[[], None] | None = None,
    lan: str | None = None,
) -> None:
    """Serve `folder` at the endpoint until the process is told to stop; `ready` is called when it answers.

    With `lan`, an address of this machine, others can reach it there. Raises BadField for an endpoint that others could
    reach unasked, StoreUnavailable.
    """
    with ExitStack() as stack:
        listening = [stack.enter_context(_bound(endpoint))]
        if lan is not None:
            listening.append(stack.enter_context(_listening(lan, urlsplit(endpoint.url).port or 0)))
        store = stack.enter_context(_store(folder, endpoint, rules))
        server = _Server(store, ready)
        server.run(listening)


@contextmanager
def running(
    folder: Path, endpoint: Endpoint, rules: Rules = PLAIN, clock: Callable[[], float] = time.time
) -> Generator[Endpoint]:
    """Serve `folder` in a thread; give the endpoint, with the port that was free if it asks for port 0."""
    with _bound(endpoint) as listening:
        host = urlsplit(endpoint.url).hostname or ""
        there = replace(endpoint, url=f"http://{_in_address(host)}:{listening.getsockname()[1]}")
        with _store(folder, there, rules, clock) as store:
            server = _Server(store)
            thread = Thread(target=server.run, args=([listening],), name="objectstore", daemon=True)
            thread.start()
            try:
                yield there  # the socket listens already: who connects waits for the server
            finally:
                server.should_exit = True
                thread.join()


class _Silent(H11Protocol):
    """HTTP without an access log, whoever sets one up: the address of a request is a key to the object."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.access_log = False


class _Server(uvicorn.Server):
    """uvicorn for one app, which says when it answers."""

    def __init__(self, store: ObjectStore, ready: Callable[[], None] | None = None) -> None:
        super().__init__(
            uvicorn.Config(
                store,  # pyright: ignore[reportArgumentType]
                http=_Silent,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=True,
                proxy_headers=False,
                timeout_keep_alive=KEPT_ALIVE_S,
                timeout_graceful_shutdown=5,
            )
        )
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        if self._ready:
            self._ready()


@contextmanager
def _store(
    folder: Path, endpoint: Endpoint, rules: Rules, clock: Callable[[], float] = time.time
) -> Generator[ObjectStore]:
    _allow_many_files()
    try:
        store = ObjectStore(folder, endpoint, rules, clock)
    except (OSError, sqlite3.Error) as fault:
        raise StoreUnavailable(f"The store in {folder} cannot be opened: {fault}.") from fault
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _bound(endpoint: Endpoint) -> Generator[socket.socket]:
    """Bind the endpoint's address, which has to be the loopback's."""
    address = urlsplit(endpoint.url)
    host = "127.0.0.1" if address.hostname == "localhost" else address.hostname or ""
    try:
        loopback = ipaddress.ip_address(host)
    except ValueError:
        loopback = None
    if address.scheme != "http" or loopback is None or not loopback.is_loopback:
        raise BadField("/endpoint", f"{endpoint.url!r} is not on the loopback: others could reach it")
    with _listening(host, address.port or 0) as listening:
        yield listening


@contextmanager
def _listening(host: str, port: int) -> Generator[socket.socket]:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
        except OSError as fault:
            raise StoreUnavailable(f"Port {port} is taken: is the store running already?") from fault
        listening.listen(128)
        yield listening


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _allow_many_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):  # some systems allow less than they say
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _kept_pair(path: Path) -> dict[str, str]:
    """Read the key pair, made if it is not there; of several processes that make one, all read the first one's."""
    if not path.exists():
        arriving = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        pair = {"access_key_id": f"local-{secrets.token_hex(8)}", "secret_access_key": secrets.token_hex(32)}
        with os.fdopen(os.open(arriving, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(pair, file)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(arriving, path)
        arriving.unlink()
    pair = json.loads(path.read_text())
    if not isinstance(pair, dict) or not {"access_key_id", "secret_access_key"} <= pair.keys():
        raise ValueError(f"{path} holds no key pair")
    return pair
