"""The hub: who listens, what is known, and the way from a posted snapshot to its user's sockets. No sockets here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from relay.history import History
from relay.protocol import (
    NEW_TICKET,
    RESTART,
    SUBPROTOCOL,
    TOO_MANY,
    WRONG_ORIGIN,
    BadMessage,
    Clock,
    Close,
    Snapshot,
    hello,
    parse,
)
from relay.session import Session
from relay.signing import KeyRing, Refused, check_publish
from relay.tickets import Door, Guest

MOST_SOCKETS: Final = 5000  # what a machine of 256 MB carries
MOST_SOCKETS_PER_USER: Final = 20  # tabs, and those that are dead but not yet known to be
SOCKET_LIFE_S: Final = 6 * 3600.0  # then a new ticket shows that the person is still signed in


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: its status and its JSON."""

    status: int
    body: str


class Hub:
    """Sockets by user. Keeps nothing that is not elsewhere; all its calls come from one thread (see the package)."""

    def __init__(
        self,
        keys: KeyRing,
        origins: frozenset[str],
        clock: Clock,
        *,
        relay: str,
        epoch: str,
        most_sockets: int = MOST_SOCKETS,
        most_sockets_per_user: int = MOST_SOCKETS_PER_USER,
    ) -> None:
        """`origins` may connect ("https://app.example"). `relay` names this relay, `epoch` this life of its process."""
        self._keys, self._origins, self._clock = keys, origins, clock
        self._relay, self._epoch = relay, epoch
        self._most_sockets, self._most_sockets_per_user = most_sockets, most_sockets_per_user
        self._door, self._history = Door(keys, clock), History(clock)
        self._users: dict[str, dict[Session, None]] = {}  # each user's sessions, in the order in which they came
        self._sockets = 0
        self.draining = False

    @property
    def sockets(self) -> int:
        """How many listen."""
        return self._sockets

    @property
    def jobs(self) -> int:
        """Of how many jobs the newest snapshot is kept."""
        return len(self._history)

    def connect(
        self, offered: Sequence[str], origin: str | None, *, news: Callable[[], None], over: Callable[[], None]
    ) -> Session:
        """Let a socket in that offers these subprotocols; its hello and what is known of its user's jobs wait in it.

        `news` is called when there is something to send, `over` when the session has ended. One that is refused has
        ended when this returns. Neither may call back into the hub.
        """
        admitted = self._admit(offered, origin)
        refused = isinstance(admitted, Close)

        def end(session: Session) -> None:
            self._leave(session)
            over()

        session = Session(
            "" if refused else admitted.user,
            self._clock,
            lambda: hello(self._relay, self._epoch, self._clock.time_s()),
            news=news,
            over=end,
            subprotocol=SUBPROTOCOL if SUBPROTOCOL in offered else None,
        )
        if refused:
            session.end(admitted)
            return session
        self._users.setdefault(session.user, {})[session] = None
        self._sockets += 1
        session.greet()
        for snapshot in self._history.of(session.user):
            session.tell(snapshot)
        return session

    def publish(self, snapshot: Snapshot) -> int:
        """Tell a snapshot to its user's sockets, unless it is old; return how many listen."""
        sessions = tuple(self._users.get(snapshot.user, ()))
        if self._history.learn(snapshot):
            for session in sessions:
                session.tell(snapshot)
        return len(self._users.get(snapshot.user, ()))

    def post(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer POST /publish: 200 {"listeners": n}, or {"code", "message"} with 401, 413 or 422."""
        try:
            check_publish(self._keys, headers, body, self._clock.time_s())
            return _answer(200, listeners=self.publish(parse(body)))
        except Refused as refused:
            return _answer(refused.status, code=refused.code, message=refused.message)
        except BadMessage as bad:
            return _answer(422, code="bad_message", message=str(bad))

    def tick(self) -> None:
        """See to what time brings: sockets that lag, are quiet or have been here too long; what may be forgotten."""
        self._door.forget()
        self._history.forget()
        for session in self._sessions():
            if session.age_s > SOCKET_LIFE_S:
                session.end(NEW_TICKET)
            else:
                session.tick()

    def drain(self, at_most: int) -> int:
        """Let nobody in any more and send some away, so that not all come back at once; return how many are left."""
        self.draining = True
        for session in tuple(islice(self._sessions(), at_most)):
            session.end(RESTART)
        return self.sockets

    def _admit(self, offered: Sequence[str], origin: str | None) -> Guest | Close:
        if self.draining:
            return RESTART
        if origin not in self._origins:
            return WRONG_ORIGIN
        admitted = self._door.admit(offered)
        if isinstance(admitted, Close):
            return admitted
        crowd = len(self._users.get(admitted.user, ()))
        return TOO_MANY if crowd >= self._most_sockets_per_user or self.sockets >= self._most_sockets else admitted

    def _sessions(self) -> tuple[Session, ...]:
        return tuple(session for sessions in self._users.values() for session in sessions)

    def _leave(self, session: Session) -> None:
        sessions = self._users.get(session.user, {})
        if session in sessions:
            del sessions[session]
            self._sockets -= 1
        if not sessions:
            self._users.pop(session.user, None)


def _answer(status: int, **body: int | str) -> Answer:
    return Answer(status, json.dumps(body, ensure_ascii=False, separators=(",", ":")))
