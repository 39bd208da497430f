"""The one way any job executes: claim, heartbeat, body, commit point; and every error mapped to what it is."""

from __future__ import annotations

import errno
import json
import logging
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any, cast

from jobs.archive import archive
from jobs.compile import compile_clips
from jobs.demo import film
from jobs.extract import extract
from jobs.framing import frame
from jobs.ingest import ingest
from jobs.overlay import overlay
from jobs.ports import Outcome, Progress, Record
from jobs.preview import preview
from jobs.small_copy import small_copy
from jobs.spec import Frozen, Spec
from jobs.tools import Report, Tools
from jobs.trim import trim
from jobs.window import make_window
from reel import keys
from reel.errors import (
    AlreadyExists,
    AnswerLost,
    Cancelled,
    IllegalMove,
    Internal,
    Json,
    OutOfMemory,
    ReelError,
    StorageFull,
)

HEARTBEAT_S = 5.0
ANNOUNCE_S = 0.5  # at most two snapshots a second: a relay and a terminal need no more

_log = logging.getLogger(__name__)

Body = Callable[[Any, Tools, Report], Frozen]
BODIES: Mapping[str, Body] = MappingProxyType[str, Body](
    {
        "framing": frame,
        "preview": preview,
        "ingest": ingest,
        "overlay": overlay,
        "extract": extract,
        "compile": compile_clips,
        "demo": film,
        "window": make_window,
        "trim": trim,
        "archive": archive,
        "small_copy": small_copy,
    }
)

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class Result:
    """How a job ended, as its `result.json` says it: `value` if it is done, `error` (an envelope) if not."""

    job: str
    outcome: Outcome
    value: dict[str, Json] | None = None
    error: dict[str, Json] | None = None


def run(spec: Spec, tools: Tools) -> Result:
    """Execute a job once; return how it ended. A job that has ended already is not executed again.

    The commit point is its result object, created only once: whoever loses that race takes the winner's word.
    """
    ended = read_result(spec, tools)
    if ended:
        return ended
    tools.ledger.create(Record(job=spec.job, user=spec.user, kind=spec.kind))
    try:
        claimed = tools.ledger.claim(spec.job)
    except IllegalMove:  # it ended just now, or was cancelled before this attempt began
        if not (read_result(spec, tools) or _is_cancelled(spec.job, tools)):
            raise
        return _commit(spec, tools, _cancelled(spec, Cancelled()))
    report = _Reporter(claimed, tools)
    with _heartbeat(report):
        result = _execute(spec, tools, report)
    report.beat()  # the last progress, which may have come too soon after the one before to be told
    return _commit(spec, tools, result)


def read_result(spec: Spec, tools: Tools) -> Result | None:
    """Return how a job ended, or None while it has not."""
    key = keys.result(spec.user, spec.job)
    return Result(**json.loads(tools.store.read(key))) if tools.store.exists(key) else None


def _execute(spec: Spec, tools: Tools, report: _Reporter) -> Result:
    try:
        value = BODIES[spec.kind](spec, tools, report)
    except Cancelled as stopped:
        return _cancelled(spec, stopped)
    except ReelError as fault:
        return Result(spec.job, "failed", error=fault.envelope())
    except Exception as surprise:  # noqa: BLE001 - the one blanket catch: whatever happens, the job ends with a reason
        fault = _known(surprise)
        if fault.code == Internal.code:
            _log.exception("job %s failed", spec.job)
        return Result(spec.job, "failed", error=fault.envelope())
    return Result(spec.job, "done", value=cast("dict[str, Json]", value.model_dump(mode="json")))


def _cancelled(spec: Spec, stopped: Cancelled) -> Result:
    return Result(spec.job, "cancelled", error=stopped.envelope())


def _is_cancelled(job: str, tools: Tools) -> bool:
    """Tell whether the person cancelled, as far as the ledger knows: without it the work goes on."""
    try:
        return tools.ledger.read(job).state in {"cancelling", "cancelled"}
    except ReelError:
        return False


def _known(surprise: Exception) -> ReelError:
    """Name an error of the machine."""
    if isinstance(surprise, OSError) and surprise.errno in _FULL:
        return StorageFull()
    if isinstance(surprise, MemoryError) or (isinstance(surprise, OSError) and surprise.errno == errno.ENOMEM):
        return OutOfMemory()
    return Internal(f"Something went wrong on our side: {type(surprise).__name__}.", reason=str(surprise)[:500])


def _commit(spec: Spec, tools: Tools, result: Result) -> Result:
    body = json.dumps({"job": result.job, "outcome": result.outcome, "value": result.value, "error": result.error})
    create = partial(tools.store.put, keys.result(spec.user, spec.job), body.encode(), create_only=True)
    try:
        try:
            create()
        except AnswerLost:  # asked again, the store says whether there is a result now, this one or another
            create()
    except AlreadyExists:
        won = read_result(spec, tools)
        assert won is not None
        result = won
    event = {"done": "commit", "cancelled": "stop", "failed": "fail"}[result.outcome]
    with suppress(ReelError):  # the result decides, whatever the ledger says or lost
        tools.announce(tools.ledger.move(spec.job, cast("Any", event), result.error))
    return result


class _Reporter:
    """The Report of one attempt: measures, beats, and stops the body when the person cancelled."""

    def __init__(self, record: Record, tools: Tools) -> None:
        self._record, self._tools = record, tools
        self._progress = Progress("starting")
        self._began_s, self._began_done, self._announced_s = tools.clock(), 0, float("-inf")
        self._lock = threading.Lock()

    def __call__(self, *, done: int | None = None, total: int | None = None, phase: str | None = None) -> None:
        """See Report. A phase that names a total counts anew; else progress never goes back."""
        with self._lock:
            now_s, before = self._tools.clock(), self._progress
            begins = phase is not None and phase != before.phase
            now = replace(
                before,
                phase=phase or before.phase,
                done=max(0 if begins and total is not None else before.done, done or 0),
                total=before.total if total is None else total,
            )
            if begins:
                self._began_s, self._began_done, self._announced_s = now_s, now.done, float("-inf")
            self._progress = self._measured(now, now_s)
            if now_s - self._announced_s >= ANNOUNCE_S:
                self._announced_s = now_s
                self._beat(now_s)
        if _is_cancelled(self._record.job, self._tools):
            raise Cancelled

    def beat(self) -> None:
        """Say that the attempt lives."""
        with self._lock:
            self._beat(self._tools.clock())

    def _beat(self, now_s: float) -> None:
        with suppress(ReelError):  # a ledger that is away loses beats, never the job
            self._tools.announce(self._tools.ledger.beat(self._record.job, self._record.attempt, now_s, self._progress))

    def _measured(self, now: Progress, now_s: float) -> Progress:
        """Work out fps and ETA from the frames that this phase has really done."""
        elapsed_s, made = now_s - self._began_s, now.done - self._began_done
        if elapsed_s <= 0 or made <= 0:
            return replace(now, fps=None, eta_s=None)
        fps = made / elapsed_s
        return replace(now, fps=fps, eta_s=max(0, now.total - now.done) / fps)


@contextmanager
def _heartbeat(report: _Reporter) -> Generator[None]:
    """Beat from the side, so that a long network call is not taken for a dead worker."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(HEARTBEAT_S):
            report.beat()

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
