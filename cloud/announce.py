"""The cord of the doorbell: what a record says of its job, posted to the relay."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from endpoints.snapshots import snapshot_of
from jobs.ports import Announce, Record
from relay.poster import Poster
from relay.protocol import BadMessage
from relay.signing import KeyRing
from storage.clock import Clock

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Relay:
    """Where the relay is, https://ws.example.com, and the keys that it shares."""

    url: str
    keys: KeyRing

    @property
    def publish_url(self) -> str:
        """Where workers post."""
        return f"{self.url}/publish"

    @property
    def socket_url(self) -> str:
        """Where browsers listen."""
        return f"ws{self.url.removeprefix('http')}/ws"


@contextmanager
def announcing(relay: Relay | None) -> Generator[Announce]:
    """Give an Announce; in the end what waits is posted. Without a relay nobody is told: everything is polled."""
    if relay is None:
        yield _nobody
        return
    with closing(Poster(relay.publish_url, relay.keys, Clock())) as poster:
        yield lambda record: _tell(poster, record)


def _tell(poster: Poster, record: Record) -> None:
    try:
        poster.post(snapshot_of(record))
    except BadMessage as fault:
        _log.warning("the relay cannot be told how job %s is: %s", record.job, fault)


def _nobody(record: Record) -> None:
    """Tell nobody of a record."""
