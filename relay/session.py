"""One socket's side of the hub: what waits to be sent to it, what it says, and how it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from relay.protocol import GONE, PING, TOO_MANY, TOO_SLOW, Clock, Close, Snapshot, newest

LAG_S: Final = 30.0
"""For so long something may wait while nothing is taken; then the socket is closed."""
HELLO_EVERY_S: Final = 25.0
"""After so long without a frame a hello is sent: shorter than the 30 to 60 s after which proxies cut an idle line."""
MOST_WAITING: Final = 256  # jobs in a mailbox; a browser that comes has at most 100 waiting
MOST_SAID_A_MINUTE: Final = 60
LONGEST_SAID: Final = 1024  # characters


class Session:
    """A socket that listens. `ended` is None while it does, then how to close it.

    There is one place per job for what waits: a slow socket gets each job's newest snapshot, not those between.
    """

    def __init__(
        self,
        user: str,
        clock: Clock,
        hello: Callable[[], str],
        *,
        news: Callable[[], None],
        over: Callable[[Session], None],
        subprotocol: str | None,
    ) -> None:
        self.user, self.subprotocol = user, subprotocol
        self.ended: Close | None = None
        self._clock, self._hello, self._news, self._over = clock, hello, news, over
        self._owes_hello = False
        self._waiting: dict[str, Snapshot] = {}  # by job, the one that waits longest first
        self._began_s = self._moved_s = self._minute_s = clock.steady_s()
        self._said = 0

    # What the server calls

    def outgoing(self) -> Iterator[str]:
        """Iterate the frames to send, each made when it is asked for; ends when nothing waits. Send one, ask again."""
        while self.ended is None and (frame := self._take()) is not None:
            yield frame

    def receive(self, said: str | bytes) -> None:
        """Take what the socket said: PING is answered, all else ignored, too much of it ends the session."""
        if self.ended is not None:
            return
        now_s = self._clock.steady_s()
        if now_s - self._minute_s >= 60:
            self._minute_s, self._said = now_s, 0
        self._said += 1
        if self._said > MOST_SAID_A_MINUTE or len(said) > LONGEST_SAID:
            self.end(TOO_MANY)
        elif said == PING:
            self.greet()

    def close(self) -> None:
        """Note that the socket is gone; again does nothing."""
        self.end(GONE)

    # What the hub calls

    def greet(self) -> None:
        """Send a hello, before all that waits."""
        self._wait_from_now()
        self._owes_hello = True
        self._news()

    def tell(self, snapshot: Snapshot) -> None:
        """Send a snapshot unless a newer one of its job waits; takes the place of an older one."""
        if self.ended is not None:
            return
        self._wait_from_now()
        self._waiting[snapshot.job] = newest(self._waiting.get(snapshot.job), snapshot)
        if len(self._waiting) > MOST_WAITING:
            self.end(TOO_SLOW)
        else:
            self._news()

    def tick(self) -> None:
        """End the session if it lags; greet if all was quiet for a while."""
        still_s = self._clock.steady_s() - self._moved_s
        if self._waits and still_s > LAG_S:
            self.end(TOO_SLOW)
        elif not self._waits and still_s >= HELLO_EVERY_S:
            self.greet()

    def end(self, how: Close) -> None:
        """End the session, once; what waits is dropped, since the browser will ask the API anyway."""
        if self.ended is not None:
            return
        self.ended = how
        self._waiting.clear()
        self._owes_hello = False
        self._over(self)

    @property
    def age_s(self) -> float:
        """Since it connected."""
        return self._clock.steady_s() - self._began_s

    @property
    def _waits(self) -> bool:
        return self._owes_hello or bool(self._waiting)

    def _wait_from_now(self) -> None:
        if not self._waits:
            self._moved_s = self._clock.steady_s()

    def _take(self) -> str | None:
        if not self._waits:
            return None
        self._moved_s = self._clock.steady_s()
        if self._owes_hello:
            self._owes_hello = False
            return self._hello()
        return self._waiting.pop(next(iter(self._waiting))).text
