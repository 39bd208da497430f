"""The doorbell's cord: what a record says of its job, however that gets to the hub."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from endpoints.snapshots import snapshot_of
from jobs.ports import Record
from relay.protocol import BadMessage, Snapshot

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Announcing:
    """An Announce that gives each record's snapshot to `tell`, which neither waits nor raises."""

    tell: Callable[[Snapshot], object]

    def __call__(self, record: Record) -> None:
        """See Announce."""
        try:
            snapshot = snapshot_of(record)
        except BadMessage as fault:
            _log.warning("the doorbell cannot say how job %s is: %s", record.job, fault)
            return
        self.tell(snapshot)
