"""The caller: who asks, and the way to what is theirs. A browser without a session is a guest from its first write on.

Until then it reads what a user without a database reads: nothing, in the same form as everything.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Final, TypeAlias, TypeVar, cast
from uuid import uuid4

from fastapi import Depends, Header, Request
from fastapi.concurrency import run_in_threadpool

from endpoints.device_names import device_name
from endpoints.limiting import Limiter, Of
from endpoints.services import Services
from endpoints.visit import Visit, visit_of
from reel.errors import AnswerLost, Json, StorageFull, StoreUnavailable
from storage.jobs import Open, opened
from storage.operations import Operation
from storage.sessions import Session, fresh_user

T = TypeVar("T")

NOBODY: Final = "nobody"
"""Has no database and never gets one: ids of users begin with u and 32 digits."""
PLAIN_COOKIE, SECURE_COOKIE = "reel_session", "__Host-reel_session"

Command: TypeAlias = Callable[[sqlite3.Connection], Json]
Key: TypeAlias = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{1,255}$",
        description="the same key again gets the same answer, for seven days",
    ),
]


@dataclass(slots=True)
class Caller:
    """One request's caller. `operation` names what a write asks for, so that asking twice does it once."""

    services: Services
    limiter: Limiter
    visit: Visit
    session: Session | None
    address: str
    host: str
    device: str
    operation: Operation
    now: str
    settles: bool = False
    """Whether the first read folds in what jobs ended meanwhile, so that nobody sees it late."""
    _user: str | None = field(default=None)

    @property
    def user(self) -> str:
        """Who asks, NOBODY while nothing was written."""
        return self._user or (self.session.user if self.session else NOBODY)

    @property
    def who(self) -> str:
        """Whom rates are counted by."""
        return self.session.user if self.session else self.address

    def owner(self) -> str:
        """Return who asks; a browser without a session becomes a guest now. Raises TooManyRequests."""
        if self.user == NOBODY:
            self.limiter.take("new_guests", self.address)
            self._user = fresh_user()
            self.sign_in(self.services.sessions.begin(self._user, self.device))
        return self.user

    def sign_in(self, token: str) -> None:
        """Let this browser have a session from now on."""
        self.visit.cookies.append(self._cookie(token, round(self.services.sessions.lives.longest_s)))

    def sign_out(self) -> None:
        """Let this browser forget its session."""
        self.visit.cookies.append(self._cookie("", 0))

    def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `query` says of what the caller owns. Raises what it raises, and StoreUnavailable."""
        if self.settles:
            return self._read_settled(query)
        return self.services.databases.read(self.user, query, self.visit.timing)

    def settle(self, found: Sequence[Open] | None = None) -> None:
        """Fold in what ended; where that cannot be written just now, what is there already can still be read."""
        if self.user != NOBODY:
            with suppress(StoreUnavailable, AnswerLost, StorageFull):
                self.services.open_jobs.settle(self.user, self.visit.timing, found)

    def write(self, command: Command, shown: Callable[[sqlite3.Connection, Json], T]) -> T:
        """Apply a command once, durably; return what `shown` makes of the rows then and of the command's answer.

        The answer is remembered with the operation, so it is kept small. A repeat runs no command: `shown` then reads
        what is there now. Raises what both raise, and what UserDatabases.write raises.
        """
        made: list[T] = []

        def applied(connection: sqlite3.Connection) -> Json:
            answer = command(connection)
            made.append(shown(connection, answer))
            return answer

        answer = self.services.databases.write(self.owner(), self.operation, applied, self.visit.timing)
        return made[-1] if made else self.read(lambda connection: shown(connection, answer))

    def also(self, what: str, command: Command) -> Json:
        """Apply one more command of the same request, once: `what` tells it from the others of that request."""
        mine = self.operation
        another = Operation(f"{what}-{hashlib.sha256(mine.id.encode()).hexdigest()}", mine.body_sha256, mine.route)
        return self.services.databases.write(self.owner(), another, command, self.visit.timing)

    def _read_settled(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """Read, with no job open by one request to the store; else settle first, by what that one said."""
        self.settles = False

        def unless_open(connection: sqlite3.Connection) -> tuple[Sequence[Open], list[T]]:
            rows = opened(connection)
            return rows, [] if rows else [query(connection)]

        rows, found = self.services.databases.read(self.user, unless_open, self.visit.timing)
        if found:
            return found[0]
        self.settle(rows)
        return self.read(query)

    def _cookie(self, token: str, life_s: int) -> str:
        secure = self.services.policy.secure_cookie
        name = SECURE_COOKIE if secure else PLAIN_COOKIE
        return f"{name}={token}; Path=/; Max-Age={life_s}; HttpOnly; SameSite=Lax{'; Secure' if secure else ''}"


async def reading(request: Request) -> Caller:
    """Return the caller of a read."""
    return await _caller(request, "reads", Operation("read", "", ""))


async def settled(request: Request) -> Caller:
    """Return the caller of a read that shows what jobs make."""
    caller = await reading(request)
    caller.settles = True
    return caller


async def writing(request: Request, key: Key = None) -> Caller:
    """Return the caller of a write."""
    body = await request.body()
    said = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode() + body).hexdigest()
    route = f"{request.method} {request.scope['route'].path}"
    return await _caller(request, "writes", Operation(key or f"once-{uuid4().hex}", said, route))


Reading: TypeAlias = Annotated[Caller, Depends(reading)]
Settled: TypeAlias = Annotated[Caller, Depends(settled)]
"""In the place of Reading, where what is shown is made by jobs."""
Writing: TypeAlias = Annotated[Caller, Depends(writing)]


async def _caller(request: Request, kind: Of, operation: Operation) -> Caller:
    """Return who asks."""
    services = cast("Services", request.app.state.services)
    limiter = cast("Limiter", request.app.state.limiter)
    caller = Caller(
        services=services,
        limiter=limiter,
        visit=visit_of(request),
        session=await _session(request, services),
        address=address_of(request, services.policy.address_header),
        host=request.headers.get("host", ""),
        device=device_name(request.headers.get("user-agent", "")),
        operation=operation,
        now=moment(services.clock.time_s()),
    )
    limiter.take(kind, caller.who)
    return caller


async def _session(request: Request, services: Services) -> Session | None:
    """Return the caller's session; one that this process does not remember is asked of the store, in a thread."""
    token = request.cookies.get(SECURE_COOKIE if services.policy.secure_cookie else PLAIN_COOKIE)
    at_hand = services.sessions.at_hand(token)
    return at_hand if at_hand or not token else await run_in_threadpool(services.sessions.of, token)


def address_of(request: Request, header: str | None) -> str:
    """Return where a request came from. Without a proxy's word, of which one is always written, all share a rate."""
    if header is not None:
        return request.headers.get(header, "")[:100]
    return request.client.host if request.client else ""


def moment(time_s: float) -> str:
    """Return a time as it is kept and told: RFC 3339 in UTC, to the millisecond, so that text sorts as time does."""
    return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
