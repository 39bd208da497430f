"""What a record says of its job, as a snapshot."""

from __future__ import annotations

import ast
import logging

import pytest

from endpoints.snapshots import snapshot_of
from jobs.ports import Progress, Record
from jobs.state import ENDED, OPEN
from local.announce import Announcing
from reel.errors import Internal
from relay.protocol import LONGEST_MESSAGE, MOST_BYTES, STATES, Snapshot, parse
from tests.house.source import modules
from tests.jobs.homes import uuid

RUNNING = Record(uuid(1), "u1", "framing", "running", 2, Progress("rendering", 5, 10, 2.5, 2.0), None, 12.0, 7)


def test_it_says_all_that_a_browser_shows():
    said = snapshot_of(RUNNING)
    assert (said.user, said.job, said.attempt, said.seq, said.state) == ("u1", uuid(1), 2, 7, "running")
    assert (said.phase, said.done, said.total, said.fps, said.eta_s, said.message) == ("rendering", 5, 10, 2.5, 2.0, "")


def test_what_went_wrong_is_said_however_long_it_is():
    failed = Record(uuid(1), "u1", "framing", "failed", error=Internal("x" * 5000 + "\ud800").envelope())
    said = snapshot_of(failed)
    assert len(said.message) == LONGEST_MESSAGE
    assert parse(said.text.encode()) == said
    assert len(said.text) < MOST_BYTES


def test_every_state_can_be_said():
    assert set(STATES) == OPEN | ENDED


def phases() -> set[str]:
    """Return each phase that is named in the work and in this home."""
    found: set[str] = set()
    for module in modules("jobs", "local"):
        for node in ast.walk(module.tree):
            match node:
                case ast.keyword(arg="phase", value=ast.Constant(value=str(name))):
                    found.add(name)
                case ast.Call(func=ast.Name(id="Progress" | "Again"), args=arguments):
                    said = [each.value for each in arguments if isinstance(each, ast.Constant)]
                    found |= {name for name in said if isinstance(name, str)}
    return found


def test_every_phase_can_be_said():
    found = phases()
    assert {"queued", "starting", "rendering", "joining", "retry", "storage_retry"} <= found
    for name in found:
        assert snapshot_of(Record(uuid(1), "u1", "framing", progress=Progress(name))).phase == name


def test_what_cannot_be_said_is_logged_and_costs_nothing(caplog: pytest.LogCaptureFixture):
    told: list[Snapshot] = []
    announce = Announcing(told.append)
    with caplog.at_level(logging.WARNING):
        announce(Record(uuid(1), "Ann the Great", "framing"))
    announce(RUNNING)
    assert told == [snapshot_of(RUNNING)]
    assert "user" in caplog.text
