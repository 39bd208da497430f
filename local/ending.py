"""How a job ends outside of an attempt: its result, created once, decides; the ledger follows it."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any, cast

from jobs.ports import Outcome, Record, Store
from local.queue import Queue
from reel import keys
from reel.errors import AlreadyExists, BadField, Json
from storage.results import read_result


def conclude(
    user: str, job: str, outcome: Outcome, error: dict[str, Json], store: Store, queue: Queue
) -> Record | None:
    """End a job that nobody works on. One that has a result by now keeps it.

    Raises StoreUnavailable, StorageFull and AnswerLost, after which it may be asked again.
    """
    body = json.dumps({"job": job, "outcome": outcome, "value": None, "error": error})
    with suppress(AlreadyExists):
        store.put(keys.result(user, job), body.encode(), create_only=True)
    return follow(user, job, store, queue)


def follow(user: str, job: str, store: Store, queue: Queue) -> Record | None:
    """Close a job as its result says; None, changing nothing, while it has none. Raises StoreUnavailable."""
    key = keys.result(user, job)
    if not store.exists(key):
        return None
    try:
        ended = read_result(store.read(key))
    except BadField:  # settling calls it a failure, too
        return queue.close(job, "failed", {"code": "internal", "message": "The result of this job cannot be read."})
    return queue.close(job, ended.outcome, cast("dict[str, Any] | None", ended.error))
