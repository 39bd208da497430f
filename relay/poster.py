"""The worker's side: posts snapshots to the relay from a thread of its own, and never keeps a job waiting."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Final
from urllib.parse import urlsplit

from relay.protocol import Clock, Snapshot, newest
from relay.signing import KeyRing, publish_headers

EVERY_S: Final = 0.5
"""Of one job at most two posts a second."""
UNHEARD_EVERY_S: Final = 15.0
"""Of one job while nobody listens, but for changes of its phase or state: so late does one hear who comes then."""
TIMEOUT_S: Final = 2.0
MOST_WAITING: Final = 256  # jobs: a relay that is away for long loses the oldest
AWAY_S: Final = (1.0, 2.0, 4.0, 8.0, 15.0)  # between tries while the relay is away
LOG_EVERY_S: Final = 60.0

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Told:
    """What was last posted of a job, when, and how many listened."""

    snapshot: Snapshot
    at_s: float
    listeners: int


class Poster:
    """Posts to POST `url`, an http or https address. `post` returns at once and never raises; what is lost is lost.

    Of each job the newest snapshot waits. The one that says how a job ended is always posted, if the relay is there.
    """

    def __init__(self, url: str, keys: KeyRing, clock: Clock) -> None:
        address = urlsplit(url)
        self._kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
        self._netloc, self._path, self._keys, self._clock = address.netloc, address.path or "/", keys, clock
        self._line: HTTPConnection | None = None
        self._waiting: dict[str, Snapshot] = {}
        self._told: dict[str, _Told] = {}
        self._failures, self._again_s, self._logged_s = 0, float("-inf"), float("-inf")
        self._changed = threading.Condition()
        self._closing, self._thread = False, threading.Thread(target=self._work, name="poster", daemon=True)

    def post(self, snapshot: Snapshot) -> None:
        """Let a snapshot be posted, unless a newer one of its job waits or was posted."""
        with self._changed:
            told = self._told.get(snapshot.job)
            known = self._waiting.get(snapshot.job, told.snapshot if told else None)
            if self._closing or newest(known, snapshot) is known:
                return
            self._waiting[snapshot.job] = snapshot
            self._bound(self._waiting)
            if not self._thread.is_alive():
                self._thread.start()
            self._changed.notify()

    def close(self, within_s: float = TIMEOUT_S) -> None:
        """Post what waits, as far as `within_s` lasts, and stop."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(within_s)

    def _bound(self, kept: dict[str, Any]) -> None:
        """Let go of the oldest, where there are too many."""
        if len(kept) > MOST_WAITING:
            del kept[next(iter(kept))]

    def _work(self) -> None:
        while (snapshot := self._next()) is not None:
            listeners = self._posted(snapshot)
            with self._changed:
                if listeners is None:
                    self._waiting[snapshot.job] = newest(self._waiting.get(snapshot.job), snapshot)
                    self._bound(self._waiting)
                else:
                    self._told.pop(snapshot.job, None)
                    if not snapshot.ended:
                        self._told[snapshot.job] = _Told(snapshot, self._clock.steady_s(), listeners)
                        self._bound(self._told)
        if self._line:
            self._line.close()

    def _next(self) -> Snapshot | None:
        """Wait for the snapshot whose turn it is and take it out; None when there is no more to do."""
        with self._changed:
            while True:
                if self._closing and (not self._waiting or self._failures):
                    return None
                now_s = self._clock.steady_s()
                due_s, job = min(
                    ((self._due_s(snapshot), job) for job, snapshot in self._waiting.items()),
                    default=(float("inf"), ""),
                )
                if due_s <= now_s:
                    return self._waiting.pop(job)
                self._changed.wait(None if due_s == float("inf") else due_s - now_s)

    def _due_s(self, snapshot: Snapshot) -> float:
        told = self._told.get(snapshot.job)
        if self._closing or told is None:
            return self._again_s
        was = told.snapshot
        changes = (was.attempt, was.phase, was.state) != (snapshot.attempt, snapshot.phase, snapshot.state)
        return max(self._again_s, told.at_s + (EVERY_S if told.listeners or changes else UNHEARD_EVERY_S))

    def _posted(self, snapshot: Snapshot) -> int | None:
        """Post a snapshot; return how many listen, 0 if it was refused for good, None if the relay is away."""
        body = snapshot.text.encode()
        headers = publish_headers(self._keys, body, self._clock.time_s()) | {"Content-Type": "application/json"}
        try:
            status, answer = self._asked(body, headers)
        except (OSError, HTTPException) as away:
            return self._is_away(f"{type(away).__name__}: {away}")
        if status >= 500 or status == 429 or (status == 401 and b"wrong_time" in answer):
            return self._is_away(f"it answered {status}")  # a clock lags for a moment where a machine was suspended
        self._failures, self._again_s = 0, float("-inf")
        if status != 200:
            self._say(f"The relay refused a snapshot with {status}.")
            return 0
        return _listeners(answer)

    def _asked(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Ask on the line that is open; where the relay closed it meanwhile, on a new one."""
        fresh = self._line is None
        try:
            return self._exchange(body, headers)
        except (OSError, HTTPException):
            if fresh:
                raise
        return self._exchange(body, headers)

    def _exchange(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        line = self._line = self._line or self._kind(self._netloc, timeout=TIMEOUT_S)
        try:
            line.request("POST", self._path, body, dict(headers))
            answer = line.getresponse()
            return answer.status, answer.read()
        except BaseException:
            line.close()
            self._line = None
            raise

    def _is_away(self, why: str) -> None:
        wait_s = AWAY_S[min(self._failures, len(AWAY_S) - 1)]
        self._failures += 1
        self._again_s = self._clock.steady_s() + wait_s
        self._say(f"The relay cannot be reached ({why}). Jobs go on without it.")

    def _say(self, what: str) -> None:
        """Log, at most once a minute."""
        now_s = self._clock.steady_s()
        if now_s - self._logged_s >= LOG_EVERY_S:
            self._logged_s = now_s
            _log.warning(what)


def _listeners(answer: bytes) -> int:
    """Return how many listen; what cannot be read says that somebody may."""
    try:
        told = json.loads(answer)
    except ValueError:
        return 1
    listeners = told.get("listeners") if isinstance(told, dict) else None
    return listeners if isinstance(listeners, int) else 1
