"""What the app's functions do, one function each. Every container imports this: the rest comes in where it is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from cloud.calls import Function
    from cloud.networks import Networks, Upscalers

EARLIER_S: Final = 60.0
"""So much before Modal ends a container an attempt is ended by itself, with a reason."""


BEGAN: Final = "the API's container has read its code"


def api(function: Function, api_url: str) -> Any:
    """Return the API. What it is made of is closed when its container ends."""
    import logging
    import time
    from contextlib import ExitStack

    began_s = time.monotonic()
    from cloud.logs import log_to_stdout
    from cloud.wiring import services, settings_from, wired
    from endpoints.app import create_api

    log_to_stdout()
    logging.getLogger(__name__).info(BEGAN, extra={"import_s": round(time.monotonic() - began_s, 3)})
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
    from functools import partial
    from pathlib import Path

    import modal

    from cloud import costs
    from cloud.helping import Asking
    from cloud.logs import log_to_stdout
    from cloud.machines import MACHINES
    from cloud.networks import load, one_at_a_time
    from cloud.order import Order, whose
    from cloud.vet import ask, vetted
    from cloud.wiring import settings_from, wired
    from cloud.worker import Worker
    from jobs.part import Help
    from jobs.tools import Tools

    meter = costs.metered(name, Path(tempfile.gettempdir()))
    log_to_stdout()
    settings, (job, _, turn) = settings_from(), whose(order)
    call = modal.current_function_call_id()
    assert call, "only Modal calls this"
    with wired(settings, function) as home, tempfile.TemporaryDirectory(prefix="scratch-") as scratch:
        networks, hands = upscalers or load(settings.weights_dir).on("cpu"), home.hands
        helped: list[costs.Cost] = []

        def tools(smaller: bool) -> Tools:
            taken = one_at_a_time(networks) if smaller else networks
            return Tools(home.objects, hands.ledger, hands.announce, taken, Path(scratch), hands.clock)

        def spent() -> dict[str, Any]:
            return costs.summed([*costs.noted(home.entries, job, turn - 1), meter.read(), *helped])

        def helpers(order: Order, attempt: Callable[[], int]) -> Help | None:
            asking = Asking(hands.calls, home.entries, order.user, order.job, attempt, settings.fan_out_s, helped)
            return asking if name == "framing" else None

        first = vetted(partial(ask, function("vet")))
        Worker(hands, tools, MACHINES[name].timeout_s - EARLIER_S, first, spent, helpers).work(order, call)
        costs.note(home.entries, job, turn, [meter.read(), *helped])


def assist(order: str, function: Function, upscalers: Upscalers) -> None:
    """Help with a framing that another container has in hand."""
    import tempfile
    from pathlib import Path

    from cloud import costs, helping
    from cloud.heard import HeardLedger
    from cloud.logs import log_to_stdout
    from cloud.wiring import settings_from, wired
    from jobs.tools import Tools

    meter = costs.metered("framing", Path(tempfile.gettempdir()))
    log_to_stdout()
    with wired(settings_from(), function) as home, tempfile.TemporaryDirectory(prefix="scratch-") as scratch:
        ledger = HeardLedger(home.hands.ledger, home.clock.time_s)
        tools = Tools(home.objects, ledger, home.hands.announce, upscalers, Path(scratch), home.clock.time_s)
        helping.assist(order, home.entries, ledger, tools, meter.read)


def vet(size_bytes: int, pieces: Mapping[int, bytes], accept_truncated: bool) -> dict[str, Any]:
    """Look a fresh upload over; here is neither a network nor a secret."""
    from cloud.vet import look

    return look(size_bytes, pieces, accept_truncated)


def load_networks() -> Networks:
    """Read the weights, before the snapshot: no setting but where they lie may be read here."""
    from cloud.networks import load
    from cloud.wiring import weights_dir_from

    return load(weights_dir_from())


def measure(name: str, pictures: int, networks: Networks | None = None, upscalers: Upscalers | None = None) -> Any:
    """Measure something of this container: "smoke" says what it is made of, the rest are experiments."""
    from cloud import measures, smoke
    from cloud.networks import load
    from cloud.wiring import weights_dir_from

    networks = networks or load(weights_dir_from())
    upscalers = upscalers or networks.on("cpu")
    if name == "smoke":
        return smoke.report(networks, upscalers, pictures)
    if name in {"E1", "E6"}:
        return smoke.enlarged(upscalers, pictures)
    return measures.measured(name, pictures, upscalers)


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
