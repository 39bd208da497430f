"""What the app's functions do, one function each. Every container imports this: the rest comes in where it is used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from cloud.calls import Function
    from cloud.networks import Networks, Upscalers

EARLIER_S: Final = 60.0
"""So much before Modal ends a container an attempt is ended by itself, with a reason."""


def api(function: Function, api_url: str) -> Any:
    """Return the API. What it is made of is closed when its container ends."""
    from contextlib import ExitStack

    from cloud.logs import log_to_stdout
    from cloud.wiring import services, settings_from, wired
    from endpoints.app import create_api

    log_to_stdout()
    opened = ExitStack()
    front = create_api(services(opened.enter_context(wired(settings_from(), function)), api_url))

    async def served(scope: Any, receive: Any, send: Any) -> None:
        await front(scope, receive, send)
        if scope["type"] == "lifespan":
            opened.close()

    return served


def work(name: str, order: str, function: Function, upscalers: Upscalers | None = None) -> None:
    """Do what an order says, in the call that this is, on the machine `name`."""
    import tempfile
    import time
    from functools import partial
    from pathlib import Path

    import modal

    from cloud import costs
    from cloud.logs import log_to_stdout
    from cloud.machines import MACHINES
    from cloud.networks import load
    from cloud.order import whose
    from cloud.vet import ask, vetted
    from cloud.wiring import settings_from, wired
    from cloud.worker import Worker
    from jobs.tools import Tools

    log_to_stdout()
    began_s, settings, machine = time.monotonic(), settings_from(), MACHINES[name]
    call = modal.current_function_call_id()
    assert call, "only Modal calls this"
    with wired(settings, function) as home, tempfile.TemporaryDirectory(prefix="scratch-") as scratch:
        networks, hands = upscalers or load(settings.weights_dir).on("cpu"), home.hands
        tools = Tools(home.objects, hands.ledger, hands.announce, networks, Path(scratch), hands.clock)
        first = vetted(partial(ask, function("vet")))
        Worker(hands, lambda _smaller: tools, machine.timeout_s - EARLIER_S, first).work(order, call)
        job, _, turn = whose(order)
        spent = costs.counted(machine, time.monotonic() - began_s, Path(tempfile.gettempdir()))
        costs.note(home.entries, job, turn, spent)


def vet(size_bytes: int, pieces: Mapping[int, bytes], accept_truncated: bool) -> dict[str, Any]:
    """Look a fresh upload over; here is neither a network nor a secret."""
    from cloud.vet import look

    return look(size_bytes, pieces, accept_truncated)


def load_networks() -> Networks:
    """Read the weights, before the snapshot: no setting but where they lie may be read here."""
    from cloud.networks import load
    from cloud.wiring import weights_dir_from

    return load(weights_dir_from())


def watch(function: Function) -> None:
    """Keep watch until no job is open."""
    from cloud import wiring
    from cloud.logs import log_to_stdout

    log_to_stdout()
    with wiring.wired(wiring.settings_from(), function) as home:
        wiring.watch(home).keep()


def backstop(function: Function) -> None:
    """Begin a watch if jobs are open and nobody watches."""
    from cloud.logs import log_to_stdout
    from cloud.wiring import settings_from, wired
    from reel import keys

    log_to_stdout()
    with wired(settings_from(), function) as home:
        if next(iter(home.objects.keys(keys.ACTIVE_PREFIX)), None) is not None:
            home.post.call(home.hands.calls)


def tidy(function: Function) -> None:
    """Tidy up for all users; of what waits for somebody who leaves, the hourly look takes care."""
    from cloud.logs import log_to_stdout
    from cloud.wiring import settings_from, wired
    from endpoints.caller import moment
    from storage.tidy import tidy as tidy_all

    log_to_stdout()
    with wired(settings_from(), function) as home:
        tidy_all(home.open_jobs.databases, home.objects, moment(home.clock.time_s()))
