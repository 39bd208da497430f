"""The doorbell's cord: what a record says of its job, however that gets to the hub."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from jobs.ports import Record
from relay.protocol import BadMessage, Snapshot, shortened

_log = logging.getLogger(__name__)


def snapshot_of(record: Record) -> Snapshot:
    """Return what is told of a job. Raises BadMessage for what the protocol cannot say."""
    progress, error = record.progress, record.error or {}
    return Snapshot(
        user=record.user,
        job=record.job,
        attempt=record.attempt,
        seq=record.seq,
        phase=progress.phase,
        done=progress.done,
        total=progress.total,
        fps=progress.fps,
        eta_s=progress.eta_s,
        state=record.state,
        message=shortened(str(error.get("message", ""))),
    )


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
