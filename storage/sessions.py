"""Sessions: which device is whose. A device holds a random token, the store its sha256 and the user.

_sessions/{sha256}.json   {"user", "begun_s", "seen_s"}
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Final

from reel import keys
from reel.errors import NotFound
from storage.clock import Clock
from storage.ids import uuid7
from storage.objects import Objects

IDLE_S: Final = 30 * 24 * 3600.0
LONGEST_S: Final = 90 * 24 * 3600.0
NOTED_EVERY_S: Final = 24 * 3600.0  # that a device was seen is written once a day
REMEMBERED_S: Final = 30.0  # in this process: so long another one's sign-out may go unnoticed
MOST_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Session:
    """A device that is signed in. Times are in seconds since 1970."""

    digest: str
    user: str
    begun_s: float
    seen_s: float

    def stands_at(self, now_s: float) -> bool:
        """Say whether it is still good."""
        return now_s - self.seen_s < IDLE_S and now_s - self.begun_s < LONGEST_S


class Sessions:
    """All sessions, in the bucket. Safe for threads. Every method raises StoreUnavailable."""

    def __init__(self, objects: Objects, clock: Clock) -> None:
        self._objects, self._clock = objects, clock
        self._known: OrderedDict[str, tuple[float, Session]] = OrderedDict()  # by digest, with when it was read
        self._lock = Lock()

    def begin(self, user: str) -> str:
        """Let a new device in; return its token, which is nowhere else."""
        token = secrets.token_urlsafe(32)
        now_s = self._clock.time_s()
        session = Session(digest_of(token), user, begun_s=now_s, seen_s=now_s)
        self._objects.put(keys.device(user, session.digest), json.dumps({"begun_s": now_s}).encode())
        self._write(session)
        return token

    def of(self, token: str | None) -> Session | None:
        """Return the session of a token; None for one that is unknown or too old."""
        if not token or len(token) > 200:
            return None
        session = self._read(digest_of(token))
        now_s = self._clock.time_s()
        if session is None or not session.stands_at(now_s):
            return None
        if now_s - session.seen_s > NOTED_EVERY_S:
            session = Session(session.digest, session.user, session.begun_s, seen_s=now_s)
            self._write(session)
        return session

    def end(self, session: Session) -> None:
        """Sign a device out; again is fine."""
        self._objects.delete(keys.session(session.digest))
        self._objects.delete(keys.device(session.user, session.digest))
        with self._lock:
            self._known.pop(session.digest, None)

    def _read(self, digest: str) -> Session | None:
        steady_s = self._clock.steady_s()
        with self._lock:
            read_s, session = self._known.get(digest, (0.0, None))
        if session and steady_s - read_s < REMEMBERED_S:
            return session
        try:
            said = json.loads(self._objects.read(keys.session(digest)))
        except NotFound:
            return None
        session = Session(digest, said["user"], said["begun_s"], said["seen_s"])
        self._remember(session)
        return session

    def _write(self, session: Session) -> None:
        said = {"user": session.user, "begun_s": session.begun_s, "seen_s": session.seen_s}
        self._objects.put(keys.session(session.digest), json.dumps(said).encode())
        self._remember(session)

    def _remember(self, session: Session) -> None:
        with self._lock:
            self._known[session.digest] = (self._clock.steady_s(), session)
            self._known.move_to_end(session.digest)
            while len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)


def digest_of(secret: str) -> str:
    """Return what the store knows of a secret that only its holder has."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def fresh_user() -> str:
    """Return the id of a new user."""
    return f"u{uuid7().replace('-', '')}"
