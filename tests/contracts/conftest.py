"""The cloud's adapters: over the stand-in of Modal's control plane, and over Modal itself where a token is set."""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import modal
import pytest

from cloud.calls import Calls
from cloud.dispatch import Dispatch
from cloud.entries import Entries
from cloud.hands import Hands
from cloud.inbox import Inbox
from cloud.ledger import DictLedger
from cloud.line import Line
from cloud.order import whose
from cloud.sweeper import Sweeper
from cloud.turns import Turns
from cloud.wiring import by_name
from jobs.memory import MemoryAnnounce, MemoryStore
from jobs.ports import Ledger, Store
from tests.conftest import CHECKOUT
from tests.modal_standin.client import pointed_at
from tests.modal_standin.standin import Standin, running

HELD = CHECKOUT / "tests" / "modal_standin" / "held"
TOKEN = ("MODAL_TOKEN_ID", "MODAL_TOKEN_SECRET")


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standin]:
    """A stand-in, and this process's client pointed at it: not longer than these tests last, others have their own."""
    with running(tmp_path_factory.mktemp("account")) as standin, pointed_at(standin):
        yield standin


@pytest.fixture(scope="module")
def line() -> Iterator[Line]:
    """The one line of this process."""
    with closing(Line(within_s=30)) as line:
        yield line


@pytest.fixture
def ledger_of_dict(account: Standin, line: Line) -> Iterator[DictLedger]:
    """A ledger on a Dict of the stand-in."""
    with modal.Dict.ephemeral() as entries:
        yield DictLedger(Entries(entries, line))
    assert account.account.broken == []


@pytest.fixture(scope="module")
def holding(account: Standin) -> Standin:
    """The stand-in, with an app that takes orders and leaves them as they are."""
    account.cli("deploy", "app.py", cwd=HELD)
    return account


@pytest.fixture
def dispatch_of_modal(
    holding: Standin, line: Line
) -> Iterator[tuple[Dispatch, Ledger, Store, Callable[[], str | None]]]:
    """A Dispatch whose jobs nobody does, and the next of them that somebody could do."""
    store, before = MemoryStore(), len(holding.account.calls)
    with modal.Dict.ephemeral() as entries, modal.Queue.ephemeral() as queue:
        named = Entries(entries, line)
        ledger, calls = DictLedger(named), Calls(by_name("held"), line)
        hands = Hands(ledger, Turns(named), calls, store, Inbox(queue, line), MemoryAnnounce(), time.time)

        def take() -> str | None:
            for call in list(holding.account.calls.values())[before:]:
                job = whose(pickle.loads(call.inputs[0].item.args)[0][0])[0]
                if ledger.read(job).state == "queued":
                    return job
            return None

        yield Dispatch(hands, Sweeper(hands)), ledger, store, take


@pytest.fixture
def ledger_of_modal(line: Line) -> Iterator[DictLedger]:
    """A ledger on a Dict of Modal itself."""
    token = [os.environ.get(name, "") for name in TOKEN]
    if not all(token) or token[0] == "ak-standin":
        pytest.skip(f"set {' and '.join(TOKEN)} to run this on Modal itself")
    with modal.Client.from_credentials(*token) as client, modal.Dict.ephemeral(client=client) as entries:
        yield DictLedger(Entries(entries, line))
