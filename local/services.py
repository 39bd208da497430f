"""The API's process: every adapter that it is made of. Nothing here opens footage or runs a network."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Generator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Final, cast

from endpoints.policy import UNLIMITED, Policy
from endpoints.services import Services
from jobs.ports import Announce
from jobs.spec import Look
from local.dispatch import Dispatch
from local.ledger import SqliteLedger
from local.ledger_file import LedgerFile
from local.presence import Presence
from local.queue import Queue
from local.site import Site
from local.sweeper import Sweeper
from local.wiring import Settings
from relay.signing import KeyRing
from relay.tickets import issue
from storage.clock import Clock
from storage.endpoint import Endpoint
from storage.objects import Objects
from storage.open_jobs import OpenJobs
from storage.schema import MIGRATIONS
from storage.sessions import DAY_S, Lives, Sessions
from storage.userdb import Manner, UserDatabases

HOME_LIVES: Final = Lives(idle_s=400 * DAY_S, longest_s=400 * DAY_S)
"""As long as browsers keep a cookie: whoever comes back after a summer finds everything. Each visit renews it."""

CHECKOUT: Final = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Opened:
    """The services, and what the API's process itself needs beside them."""

    services: Services
    ledger: SqliteLedger
    sweeper: Sweeper


@contextmanager
def open_services(
    settings: Settings, site: Site, endpoint: Endpoint, keys: KeyRing, announce: Announce
) -> Generator[Opened]:
    """Wire the API's process up; `endpoint` is the bucket as it reaches it. Raises StoreUnavailable for the ledger."""
    clock, here = Clock(), settings.bucket is None
    with ExitStack() as stack:
        objects = stack.enter_context(closing(Objects(endpoint)))
        file = stack.enter_context(closing(LedgerFile(settings.ledger_path)))
        manner = Manner(pace_s=0.0, shown=str) if here else Manner(shown=str)
        databases = UserDatabases(objects, MIGRATIONS, settings.databases_dir, manner)
        ledger, queue = SqliteLedger(file), Queue(file)
        sweeper = Sweeper(queue, objects, Presence(settings.workers_dir), time.monotonic, announce)
        dispatch = Dispatch(ledger, queue, sweeper)
        services = Services(
            databases=databases,
            objects=objects,
            dispatch=dispatch,
            open_jobs=OpenJobs(databases, objects, dispatch, clock),
            sessions=Sessions(objects, clock, HOME_LIVES),
            ticket=lambda user: issue(keys, user, clock.time_s()),
            signer=Signers(objects, endpoint, site) if here else lambda _host: objects,
            policy=policy(site, settings),
            clock=clock,
            version=version(),
        )
        yield Opened(services, ledger, sweeper)


def policy(site: Site, settings: Settings) -> Policy:
    """Return what one machine allows: all, to its own pages."""
    return Policy(
        home="local",
        origins=site.origins,
        hosts=site.hosts,
        secure_cookie=False,
        shows_money=False,
        look=partial(known_look, settings),
        quota_bytes=None,
        most_running_exports=None,
        exports_open=lambda: True,
        rates=UNLIMITED,
        address_header=None,
        socket_url=site.socket_url,
    )


class Signers:
    """The embedded store by the name under which a browser reaches it: a signature covers the Host header.

    What is given for a name only signs: this process asks the store on the loopback.
    """

    def __init__(self, objects: Objects, endpoint: Endpoint, site: Site) -> None:
        self._endpoint, self._site = endpoint, site
        self._known, self._lock = {endpoint.url: objects}, Lock()

    def __call__(self, host: str) -> Objects:
        """Return what signs for the browser that asked for `host`; for a foreign one, for the loopback."""
        url = self._site.store_url(host)
        with self._lock:
            if url not in self._known:  # one for each name that the site has, so never many
                self._known[url] = Objects(replace(self._endpoint, url=url))
            return self._known[url]


def known_look(settings: Settings) -> Look:
    """Return the look of clips that name none: crisp where a worker has found CUDA."""
    try:
        said = settings.look_path.read_text()
    except OSError:
        return "natural"
    return cast("Look", said) if said in {"crisp", "natural"} else "natural"


def version() -> str:
    """Return what tells one release of this checkout from another, so that an open editor notices a new one."""
    digest = hashlib.sha256()
    for path in (*sorted(CHECKOUT.glob("*/*.py")), *CHECKOUT.glob("web/out/index.html")):
        digest.update(path.read_bytes())
    return f"local-{digest.hexdigest()[:12]}"
