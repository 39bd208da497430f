"""Sessions: which device is whose. A device holds a random token, the store its sha256 and the user.

_sessions/{sha256}.json           {"user", "begun_s", "seen_s", "replaces"?, "ends_s"?}
{user}/devices/{sha256}.json      {"name", "begun_s"}: put first and removed last, so that no session goes unlisted

A session that is used gets a successor before it is too old, so that a guest who comes by keeps what is theirs. The
one before it ends when the browser shows that it has the new token, not sooner: the answer may have been lost.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Lock
from typing import Any, Final

from reel import keys
from reel.errors import Conflict, NotFound
from storage.clock import Clock
from storage.ids import uuid7
from storage.objects import Objects
from storage.rows import missing

DAY_S: Final = 24 * 3600.0
NOTED_EVERY_S: Final = DAY_S  # that a device was seen is written once a day
GRACE_S: Final = 3600.0  # for requests that are still under way with the token before
REMEMBERED_S: Final = 30.0  # in this process: so long another one's sign-out may go unnoticed
MOST_REMEMBERED: Final = 10_000
MOST_NAME: Final = 60  # characters of a device's name


@dataclass(frozen=True, slots=True)
class Lives:
    """How long a session stands: unused, at the longest, and until it gets a successor when its browser comes by."""

    idle_s: float = 30 * DAY_S
    longest_s: float = 90 * DAY_S
    renewed_after_s: float = 30 * DAY_S


USUAL_LIVES: Final = Lives()


@dataclass(frozen=True, slots=True)
class Session:
    """A device that is signed in. Times are in seconds since 1970; `replaces` is the digest of the session before."""

    digest: str
    user: str
    begun_s: float
    seen_s: float
    replaces: str | None = None
    ends_s: float | None = None

    @property
    def device_id(self) -> str:
        """What the device is called in addresses."""
        return keys.uuid_of(self.digest)

    def stands_at(self, now_s: float, lives: Lives) -> bool:
        """Say whether it is still good."""
        ended = self.ends_s is not None and now_s >= self.ends_s
        return not ended and now_s - self.seen_s < lives.idle_s and now_s - self.begun_s < lives.longest_s


@dataclass(frozen=True, slots=True)
class Device:
    """A device of a user, as their account lists it."""

    id: str
    name: str
    begun_s: float
    seen_s: float


class Sessions:
    """All sessions, in the bucket. Safe for threads. Every method raises StoreUnavailable and AnswerLost."""

    def __init__(self, objects: Objects, clock: Clock, lives: Lives = USUAL_LIVES) -> None:
        self.lives = lives
        self._objects, self._clock = objects, clock
        self._known: OrderedDict[str, tuple[float, Session, str]] = OrderedDict()  # by digest: when read, what, etag
        self._lock = Lock()

    def begin(self, user: str, name: str = "", replaces: Session | None = None) -> str:
        """Let a device in; return its token, which is nowhere else. It may be the successor of a session of its own."""
        token = secrets.token_urlsafe(32)
        now_s = self._clock.time_s()
        session = Session(digest_of(token), user, now_s, now_s, replaces.digest if replaces else None)
        self._objects.put(keys.device(user, session.digest), _json({"name": name[:MOST_NAME], "begun_s": now_s}))
        self._write(session, None)
        return token

    def at_hand(self, token: str | None) -> Session | None:
        """Return the session of a token that is remembered and has nothing to be noted of; else None: ask `of`."""
        if not token or len(token) > 200:
            return None
        session = self._remembered(digest_of(token))
        now_s = self._clock.time_s()
        if session is None or not session.stands_at(now_s, self.lives):
            return None
        return None if session.replaces or now_s - session.seen_s > NOTED_EVERY_S else session

    def of(self, token: str | None) -> Session | None:
        """Return the session of a token; None for one that is unknown or too old."""
        if not token or len(token) > 200:
            return None
        now_s = self._clock.time_s()
        session = self._read(digest_of(token))
        if session is None or not session.stands_at(now_s, self.lives):
            return None
        if session.replaces:
            self._retire(session.replaces, now_s + GRACE_S)
            return self._noted(replace(session, seen_s=now_s, replaces=None))
        if now_s - session.seen_s > NOTED_EVERY_S:
            return self._noted(replace(session, seen_s=now_s))
        return session

    def renewed(self, session: Session) -> str | None:
        """Return the token of a successor if it is time for one."""
        if session.ends_s is not None or self._clock.time_s() - session.begun_s < self.lives.renewed_after_s:
            return None
        return self.begin(session.user, self._name_of(session.user, session.digest), session)

    def end(self, session: Session) -> None:
        """Sign a device out; again is fine."""
        self._end(session.user, session.digest)

    def end_all(self, user: str) -> None:
        """Sign all of a user's devices out."""
        for digest in self._digests(user):
            self._end(user, digest)
        with self._lock:
            for digest in [digest for digest, (_, session, _) in self._known.items() if session.user == user]:
                del self._known[digest]

    def devices(self, user: str) -> list[Device]:
        """Return a user's devices that are signed in, those that came last first."""
        now_s = self._clock.time_s()
        found: list[Device] = []
        for digest in self._digests(user):
            session = self._read(digest)
            if session and session.stands_at(now_s, self.lives) and session.replaces is None and not session.ends_s:
                name = self._name_of(user, digest)
                found.append(Device(session.device_id, name, session.begun_s, session.seen_s))
        return sorted(found, key=lambda device: (device.begun_s, device.id), reverse=True)

    def end_device(self, user: str, device_id: str) -> None:
        """Sign one of a user's devices out. Raises NotFound."""
        for digest in self._digests(user):
            if keys.uuid_of(digest) == device_id:
                self._end(user, digest)
                return
        raise missing("device", device_id)

    def _end(self, user: str, digest: str) -> None:
        self._objects.delete(keys.session(digest))
        self._objects.delete(keys.device(user, digest))
        self._forget(digest)

    def _retire(self, digest: str, ends_s: float) -> None:
        """Let a session end soon: its successor has arrived. One that is gone stays so."""
        self._forget(digest)
        before = self._read(digest)
        if before and before.ends_s is None:
            self._noted(replace(before, ends_s=ends_s))

    def _noted(self, session: Session) -> Session | None:
        """Write what is new of a session. If it was changed meanwhile, that stands; None if it was ended."""
        try:
            self._write(session, self._etag(session.digest))
        except (Conflict, NotFound):
            self._forget(session.digest)
            return self._read(session.digest)
        return session

    def _read(self, digest: str) -> Session | None:
        if remembered := self._remembered(digest):
            return remembered
        try:
            fetched = self._objects.fetch(keys.session(digest))
        except NotFound:
            self._forget(digest)
            return None
        assert fetched is not None, "asked without an etag, a store answers with the object"
        session = Session(digest, **json.loads(fetched.body))
        self._remember(session, fetched.etag)
        return session

    def _remembered(self, digest: str) -> Session | None:
        steady_s = self._clock.steady_s()
        with self._lock:
            known = self._known.get(digest)
        return known[1] if known and steady_s - known[0] < REMEMBERED_S else None

    def _etag(self, digest: str) -> str:
        """Return what the session was when it was read. Raises NotFound if it is not known any more."""
        with self._lock:
            known = self._known.get(digest)
        if known is None:
            raise NotFound
        return known[2]

    def _write(self, session: Session, etag: str | None) -> None:
        said = {"user": session.user, "begun_s": session.begun_s, "seen_s": session.seen_s}
        more = {"replaces": session.replaces, "ends_s": session.ends_s}
        said |= {name: value for name, value in more.items() if value is not None}
        self._remember(session, self._objects.replace(keys.session(session.digest), _json(said), etag))

    def _remember(self, session: Session, etag: str) -> None:
        with self._lock:
            self._known[session.digest] = (self._clock.steady_s(), session, etag)
            self._known.move_to_end(session.digest)
            while len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)

    def _forget(self, digest: str) -> None:
        with self._lock:
            self._known.pop(digest, None)

    def _digests(self, user: str) -> list[str]:
        prefix = keys.devices_prefix(user)
        return [key.removeprefix(prefix).removesuffix(".json") for key in self._objects.keys(prefix)]

    def _name_of(self, user: str, digest: str) -> str:
        with suppress(NotFound):
            return json.loads(self._objects.read(keys.device(user, digest)))["name"]
        return ""


def digest_of(secret: str) -> str:
    """Return what the store knows of a secret that only its holder has."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def fresh_user() -> str:
    """Return the id of a new user."""
    return f"u{uuid7().replace('-', '')}"


def user_since(user: str) -> datetime | None:
    """Return when a user's id was made; None of an id that does not tell."""
    if len(user) != 33 or not user.startswith("u"):
        return None
    with suppress(ValueError, OverflowError):
        return datetime.fromtimestamp(int(user[1:13], 16) / 1000, UTC)
    return None


def _json(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said).encode()
