"""What the relay costs and whether it can be relied on: memory of an idle socket, the way of a snapshot, and kills.

Relays are processes of their own with the settings of production, workers post through the product's own Poster, and
tabs behave as the editor does (bench/tabs.py). An end is missed if a tab does not know of it when all has been quiet
for as long as its slowest poll takes.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from random import Random
from time import perf_counter
from typing import Final

from bench.footage import Benched
from bench.load import percentile
from bench.machine import machine_factor
from bench.relays import KEYS, Relay, idle_sockets, relays
from bench.tabs import MOST_S, POLLS_S, Jobs, Tab
from relay.poster import Poster
from relay.protocol import Snapshot
from storage.clock import Clock

SOCKETS, WARM_SOCKETS = 5000, 100
USERS, TABS_EACH, RELAYS = 3, 20, 2
PUBLISHES, APART_S = 200, 0.05
KILLS, JOBS_EACH = 20, 2
DOWN_S: Final = (0.1, 0.6)
UP_S: Final = (0.5, 1.5)
PATIENCE_S: Final = POLLS_S[-1] + MOST_S + 5.0


def measure(_: Benched) -> dict[str, object]:
    """Return the bench's line: KiB of the relay's memory for each socket, milliseconds, and pairs of tab and job."""
    factor = machine_factor()
    kb_per_connection, rss_mb = _memory()
    with relays(RELAYS) as running:
        fanout, (pairs, missed) = asyncio.run(_drill(running))
    return {
        "kb_per_connection": round(kb_per_connection, 1),
        "fanout_p99_ms": round(percentile(fanout, 0.99), 1),
        "fanout_p50_ms": round(percentile(fanout, 0.5), 1),
        "missed_terminal": missed,
        "terminals": pairs,
        "sockets": SOCKETS,
        "rss_mb": round(rss_mb, 1),
        "machine_factor": round(factor, 2),
    }


def _memory() -> tuple[float, float]:
    """Return KiB a socket, beyond what the process has that served some already, and MiB in all."""
    with relays(1) as (relay,):
        with idle_sockets(relay, WARM_SOCKETS):
            pass
        before_kb = relay.rss_kb
        with idle_sockets(relay, SOCKETS) as opened:
            held_kb = relay.rss_kb
    return (held_kb - before_kb) / opened, held_kb / 1024


@dataclass(slots=True)
class Work:
    """The jobs, as the API has them, and the workers' way to the relays."""

    posters: Sequence[Poster]
    jobs: dict[str, Jobs] = field(default_factory=lambda: defaultdict(dict))

    def say(self, snapshot: Snapshot) -> None:
        """Note how a job is, then ring."""
        self.jobs[snapshot.user][snapshot.job] = snapshot
        for poster in self.posters:
            poster.post(snapshot)

    def open_jobs(self, user: str) -> Jobs:
        """Return what the API answers: all, since a tab asks for those that are no longer listed as well."""
        return self.jobs[user]


async def _drill(running: Sequence[Relay]) -> tuple[list[float], tuple[int, int]]:
    with _working(running) as work:
        users = [f"user-{number}" for number in range(USERS)]
        tabs = [Tab(number, users[number % USERS], running, work.open_jobs) for number in range(USERS * TABS_EACH)]
        living = [asyncio.ensure_future(tab.live()) for tab in tabs]
        await _until(lambda: all(tab.epochs for tab in tabs))
        fanout = [await _publish(work, tabs, users, number) for number in range(PUBLISHES)]
        ended = await _kills(running, work, users)
        await _until(lambda: not _missed(tabs, ended))
        for one in living:
            one.cancel()
        await asyncio.gather(*living, return_exceptions=True)
        return fanout, (len(ended) * TABS_EACH, _missed(tabs, ended))


async def _publish(work: Work, tabs: Sequence[Tab], users: Sequence[str], number: int) -> float:
    """Say one thing to each user at once; return after how long the last tab has heard of it."""
    jobs = {user: f"calm-{number}-{user}" for user in users}
    began_s = perf_counter()
    for user, job in jobs.items():
        work.say(_snapshot(user, job, 0))
    await _until(lambda: all(jobs[tab.user] in tab.heard_s for tab in tabs), 0.005)
    if not all(jobs[tab.user] in tab.heard_s for tab in tabs):
        raise AssertionError("with all relays up a tab has not heard of a job")
    await asyncio.sleep(APART_S)
    return max(tab.heard_s[jobs[tab.user]] for tab in tabs) - began_s


async def _kills(running: Sequence[Relay], work: Work, users: Sequence[str]) -> list[Snapshot]:
    """Kill the relays in turn while jobs end; return how the jobs ended."""
    random = Random(1)
    ended: list[Snapshot] = []
    for kill in range(KILLS):
        jobs = [_snapshot(user, f"killed-{kill}-{number}-{user}", 0) for user in users for number in range(JOBS_EACH)]
        ending = [asyncio.ensure_future(_job(work, job, random.uniform(0, UP_S[1]))) for job in jobs]
        await asyncio.sleep(random.uniform(*UP_S))
        relay = running[kill % len(running)]
        await asyncio.to_thread(relay.kill)
        await asyncio.sleep(random.uniform(*DOWN_S))
        await asyncio.to_thread(relay.start)
        ended += [await one for one in ending]
    return ended


async def _job(work: Work, job: Snapshot, ends_after_s: float) -> Snapshot:
    """Go on for a while, then end, as a worker tells it."""
    for step in range(1, 4):
        work.say(replace(job, seq=step, done=step))
        await asyncio.sleep(ends_after_s / 3)
    last = replace(job, seq=9, done=4, state="done")
    work.say(last)
    return last


def _missed(tabs: Sequence[Tab], ended: Sequence[Snapshot]) -> int:
    return sum(tab.known.get(job.job) != job for job in ended for tab in tabs if tab.user == job.user)


def _snapshot(user: str, job: str, seq: int) -> Snapshot:
    return Snapshot(user, job, 1, seq, "rendering", 0, 4, 24.5, 12.0, "running", "")


@contextmanager
def _working(running: Sequence[Relay]) -> Iterator[Work]:
    with ExitStack() as stack:
        yield Work([stack.enter_context(closing(Poster(f"{one.url}/publish", KEYS, Clock()))) for one in running])


async def _until(holds: Callable[[], bool], every_s: float = 0.05) -> None:
    """Wait until something holds, for as long as a tab may take to learn of something."""
    ends_s = perf_counter() + PATIENCE_S
    while not holds() and perf_counter() < ends_s:
        await asyncio.sleep(every_s)
