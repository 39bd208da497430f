"""The relay's bench measures what it says, with a few tabs and one kill."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import machine, relay, tabs
from bench.footage import Benched


def test_it_measures_memory_the_way_and_a_kill(monkeypatch: pytest.MonkeyPatch):
    small = {"SOCKETS": 50, "WARM_SOCKETS": 5, "USERS": 2, "TABS_EACH": 2, "PUBLISHES": 3, "KILLS": 2, "UP_S": (0, 0.1)}
    for name, value in small.items():
        monkeypatch.setattr(relay, name, value)
    monkeypatch.setattr(machine, "BLOCKS", 1)
    monkeypatch.setattr(tabs, "POLLS_S", (0.2,))
    line = relay.measure(Benched(Path(), Path()))
    assert list(line)[:4] == ["kb_per_connection", "fanout_p99_ms", "fanout_p50_ms", "missed_terminal"]
    assert (line["missed_terminal"], line["terminals"], line["sockets"]) == (0, 2 * 2 * 2 * 2, 50)
    assert float(str(line["fanout_p99_ms"])) >= float(str(line["fanout_p50_ms"])) > 0


def test_what_a_tab_does_not_know_is_missed():
    job = relay._snapshot("ann", "j", 1)
    knows, lags, other = (tabs.Tab(number, user, [], lambda _: {}) for number, user in enumerate(["ann", "ann", "bob"]))
    knows.known["j"] = job
    lags.known["j"] = relay._snapshot("ann", "j", 0)
    assert relay._missed([knows, lags, other], [job]) == 1
