"""Chores: done again and again, woken, not ended by what goes wrong."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest

from local.chore import Chore
from local.kept import Kept
from local.programs import Program
from reel.errors import StoreUnavailable
from tests.local.working import until


def test_it_is_done_at_once_and_whenever_it_is_woken():
    done: list[int] = []
    with Chore("counting", lambda: done.append(1), every_s=3600) as chore:
        for count in range(1, 4):
            until(lambda: len(done) == count)  # noqa: B023
            chore.wake()
    assert len(done) >= 3


def test_it_is_done_by_itself():
    done: list[int] = []
    with Chore("counting", lambda: done.append(1), every_s=0.01):
        until(lambda: len(done) > 3)


def test_woken_while_it_is_done_it_is_done_once_more():
    begun, go = threading.Semaphore(0), threading.Semaphore(0)

    def do() -> None:
        begun.release()
        assert go.acquire(timeout=30)

    with Chore("slow", do, every_s=3600) as chore:
        assert begun.acquire(timeout=30)
        chore.wake()
        go.release()
        assert begun.acquire(timeout=30)
        go.release()


def test_what_goes_wrong_is_said_once_and_does_not_end_it(caplog: pytest.LogCaptureFixture):
    asked: list[int] = []

    def do() -> None:
        asked.append(1)
        if len(asked) < 5:
            raise StoreUnavailable

    with caplog.at_level(logging.WARNING), Chore("settling", do, every_s=0.01):
        until(lambda: len(asked) > 6)
    assert [record.getMessage() for record in caplog.records] == ["settling: The store did not answer."]


def test_a_fault_of_ours_is_shown_and_does_not_end_it(monkeypatch: pytest.MonkeyPatch):
    asked: list[int] = []
    shown: list[object] = []
    monkeypatch.setattr(threading, "excepthook", lambda fault: shown.append(fault.exc_type))

    def do() -> None:
        asked.append(1)
        if len(asked) == 1:
            raise KeyError("a bug")

    with Chore("buggy", do, every_s=0.01):
        until(lambda: len(asked) > 2)
    assert shown == [KeyError]


def test_a_program_that_cannot_be_started_is_said_and_tried_again(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    with Kept("store", Program([str(tmp_path / "none")], {}, tmp_path)):
        until(lambda: len(caplog.records) > 1)
    assert "the store ended with No such file or directory" in caplog.records[0].getMessage()
