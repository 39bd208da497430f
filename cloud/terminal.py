"""What `modal run app.py::…` does at this end: it hands a job over, says how far it is, and brings the result home."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from cloud.calls import Function
from cloud.costs import NOTED, costs_of, summed
from cloud.machines import MACHINES
from cloud.wiring import PAUSED, Wired, settings_from, wired
from jobs.from_edit import framing_spec, overlay_spec
from jobs.ports import Record
from jobs.retries import LOST
from jobs.spec import FramingSpec, Look, SourceRef, Spec
from jobs.state import ENDED
from reel import keys
from reel.edit import EditDocument, parse
from reel.errors import BadField, BadInput, NotFound, from_envelope
from reel.keys import LOCAL_USER
from storage.ids import uuid7
from storage.results import Ended, read_result

LOOK_S: Final = 1.0
CHUNK_BYTES: Final = 8 * 2**20


def frame(function: Function, source: str, edit: str, out: str, look: str) -> None:
    """Frame an edit on Modal and bring the video home. Raises what it failed with."""
    with wired(settings_from(), function) as home:
        spec = _framing(home, source, _document(edit), look)
        _deliver(home, _done(home, spec), Path(out))


def reel(function: Function, source: str, edit: str, out: str, look: str) -> None:
    """Frame an edit, draw what it has on top, bring the reel home. Raises what it failed with."""
    with wired(settings_from(), function) as home:
        document = _document(edit)
        framing = _framing(home, source, document, look)
        _done(home, framing)
        _draw(home, document, framing, Path(out))


def overlay(function: Function, source: str, edit: str, framed: str, out: str) -> None:
    """Draw what an edit has on top onto its framing, a file; bring the reel home. Raises what it failed with."""
    with wired(settings_from(), function) as home:
        document = _document(edit)
        framing = _framing(home, source, document, "natural")  # nothing is rendered: any look has the same frames
        if not Path(framed).is_file():
            raise BadInput(f"{framed} is not there; ::frame makes it, of the same edit.")
        _put(home, framing.output_key, Path(framed))
        _draw(home, document, framing, Path(out))


def smoke(measure: Any, pictures: int) -> None:
    """Say what a GPU container is made of. Raises BadInput if something is not as it should be."""
    told = measure.remote("smoke", pictures)
    _say(json.dumps(told))
    missing = [name for name in ("gpu", "weights", "bucket", "fps") if not told[name]]
    if missing or "libx264" not in told["encoders"]:
        raise BadInput(f"Not as it should be: {', '.join(missing) or 'encoders'}.")


def ops(function: Function, do: str, job: str) -> None:
    """Look after the running app. Raises BadInput for what cannot be done."""
    doing: dict[str, Callable[[Wired], None]] = {
        "status": _status,
        "jobs": _jobs,
        "requeue": lambda home: _requeue(home, job),
        "spend": _spend,
        "pause": lambda home: home.entries.put(PAUSED, "{}"),
        "restore": lambda home: home.entries.drop(PAUSED),
    }
    if do not in doing:
        raise BadInput(f"--do is one of {', '.join(doing)}.")
    with wired(settings_from(), function) as home:
        doing[do](home)
    _say(f"{do}: done")


def _status(home: Wired) -> None:
    open_jobs = sum(1 for _ in home.objects.keys(keys.ACTIVE_PREFIX))
    paused = home.entries.read(PAUSED)[0] is not None
    _say(json.dumps({"open_jobs": open_jobs, "watched": home.post.is_held(), "paused": paused}))


def _jobs(home: Wired) -> None:
    for key in home.objects.keys(keys.ACTIVE_PREFIX):
        job = key.removeprefix(keys.ACTIVE_PREFIX).removesuffix(".json")
        try:
            record = home.dispatch.read(job).record
        except NotFound:
            _say(json.dumps({"job": job, "state": "unknown"}))
        else:
            _say(_line(record))


def _requeue(home: Wired, job: str) -> None:
    record, spec, turn = home.hands.ledger.read(job), home.hands.turns.spec(job), home.hands.turns.last(job)
    if record.state not in {"queued", "running"} or spec is None or turn is None:
        raise BadInput(f"This job is {record.state}: there is nothing to do again.")
    if not home.hands.next_turn(spec, record, turn, LOST):
        raise BadInput("This job has had all its attempts.")


def _spend(home: Wired) -> None:
    turns = [costs_of(text) for name, text in home.entries.all() if NOTED in name]
    known = [cost for turn in turns for cost in turn]
    machines = {name: summed([cost for cost in known if cost.machine == name]) for name in MACHINES}
    by_machine = {name: of["dollars"] for name, of in machines.items() if of["containers"]}
    _say(json.dumps({"turns": len(turns), "dollars": summed(known)["dollars"], "by_machine": by_machine}))


def _document(path: str) -> EditDocument:
    """Read a saved edit whose clips come from one source. Raises BadInput and BadField."""
    try:
        document = parse(json.loads(Path(path).read_text("utf-8")))
    except (OSError, ValueError) as fault:
        raise BadInput(f"{path} cannot be read as an edit: {fault}") from fault
    if len({clip.source_id for clip in document.clips}) > 1:
        raise BadField("/clips", "The clips come from several sources; one cannot stand for them.")
    return replace(document, clips=tuple(replace(clip, source_id=None) for clip in document.clips))


def _framing(home: Wired, source: str, document: EditDocument, look: str) -> FramingSpec:
    if look not in {"crisp", "natural"}:
        raise BadInput("--look is crisp or natural.")
    ref = _adopted(home, Path(source)) if Path(source).is_file() else _found(home, source)
    names = {clip.id: clip.label for clip in document.clips}
    return framing_spec(
        document,
        user=LOCAL_USER,
        job=uuid7(),
        project=uuid7(),
        sources=[ref],
        names=names,
        look=cast("Look", look),
        draft=False,
    )


def _adopted(home: Wired, path: Path) -> SourceRef:
    """Bring a file into the bucket, once."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    source = keys.uuid_of(digest)
    suffix = path.suffix.lower().removeprefix(".")
    key = keys.original(LOCAL_USER, source, source, suffix if suffix in keys.ORIGINAL_EXTENSIONS else "mp4")
    if not home.objects.exists(key):
        _put(home, key, path)
    return SourceRef(id=source, key=key, sha256=digest)


def _draw(home: Wired, document: EditDocument, framing: FramingSpec, out: Path) -> None:
    """Make a reel of a framing that is in the bucket, and bring it home; of both nothing is left there."""
    spec = overlay_spec(document, framing, job=uuid7(), reel=uuid7(), version=1)
    try:
        _deliver(home, _done(home, spec), out)
    finally:
        for key in (framing.output_key, keys.poster(spec.user, spec.reel)):
            home.objects.delete(key)


def _put(home: Wired, key: str, path: Path) -> None:
    _say(f"Uploading {path.name}")
    with tempfile.TemporaryDirectory() as folder:  # what is put is taken
        home.objects.put_file(key, Path(shutil.copy(path, folder)))


def _found(home: Wired, key: str) -> SourceRef:
    """Return an object of the bucket as a source. Raises NotFound."""
    digest = hashlib.sha256()
    with home.objects.open(key) as reader:
        while chunk := cast("BinaryIO", reader).read(CHUNK_BYTES):
            digest.update(chunk)
    return SourceRef(id=keys.uuid_of(digest.hexdigest()), key=key, sha256=digest.hexdigest())


def _done(home: Wired, spec: Spec) -> dict[str, Any]:
    """Hand a job over and wait for it; return its value. Raises what it failed with."""
    home.dispatch.submit(spec)
    with _stopped_by_hand(home, spec.job):
        told = ""
        while (ended := _ended(home, spec)) is None:
            record = home.dispatch.read(spec.job).record
            if _line(record) != told:
                told = _line(record)
                _say(told)
            if record.state in ENDED and _ended(home, spec) is None:
                raise BadInput("The job has ended without a result.")
            time.sleep(LOOK_S)
    home.objects.delete(keys.result(spec.user, spec.job))  # nobody asks for it again
    if ended.outcome != "done":
        raise from_envelope(ended.error or {"code": "internal", "message": "It failed."})
    value = dict(ended.value or {})
    _say(json.dumps({"job": spec.job, "kind": spec.kind} | cast("dict[str, Any]", value.pop("cost", {}))))
    return value


def _ended(home: Wired, spec: Spec) -> Ended | None:
    try:
        return read_result(home.objects.read(keys.result(spec.user, spec.job)))
    except NotFound:
        return None


@contextmanager
def _stopped_by_hand(home: Wired, job: str) -> Generator[None]:
    """Stop the job when the person stops waiting for it."""
    try:
        yield
    except KeyboardInterrupt:
        with suppress(NotFound):
            home.dispatch.cancel(job)
        raise


def _deliver(home: Wired, value: dict[str, Any], out: Path) -> None:
    partial = out.with_name(f".{out.name}.part")
    with home.objects.open(value["key"]) as made, partial.open("wb") as file:
        shutil.copyfileobj(cast("BinaryIO", made), file, CHUNK_BYTES)
    partial.replace(out)
    home.objects.delete(value["key"])
    _say(f"{out}: {out.stat().st_size} bytes")


def _line(record: Record) -> str:
    progress = record.progress
    return json.dumps(
        {
            "job": record.job,
            "state": record.state,
            "attempt": record.attempt,
            "phase": progress.phase,
            "done": progress.done,
            "total": progress.total,
            "fps": progress.fps and round(progress.fps, 1),
            "eta_s": progress.eta_s and round(progress.eta_s, 1),
        }
    )


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
