"""Snapshots: what the doorbell is told of a job, in both homes."""

from __future__ import annotations

from jobs.ports import Record
from relay.protocol import Snapshot, shortened


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
