"""The account's export: everything that a person made, to be taken away."""

from __future__ import annotations

import json
import sqlite3
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from endpoints.begin import begin, job_id
from endpoints.caller import Writing
from endpoints.errors import errors
from endpoints.jobs import JobOut, shown_jobs
from endpoints.models import Asked
from jobs.spec import ArchiveMember, ArchiveSpec
from reel import keys
from reel.refusals import QuotaExceeded
from storage import jobs
from storage.operations import applied_before
from storage.takeout import Takeout, takeout

router = APIRouter(tags=["account"])


class Taking(Asked):
    """What to take away."""

    originals: Annotated[bool, Field(description="with the footage itself, which may be many GB")] = False


@router.post("/api/account/export", summary="Take everything away", status_code=202, responses=errors(409))
def export_account(caller: Writing, asked: Taking) -> JobOut:
    """Put all that a person made into one archive: what was marked and edited, clip lists, reels; footage if asked."""
    caller.limiter.take("exports", caller.who)
    user, name = caller.owner(), job_id(caller)
    document = keys.download(user, name, "json")

    def taken(connection: sqlite3.Connection) -> Takeout | None:
        if applied_before(connection, caller.operation):
            return None
        _require_no_other(connection)
        return takeout(connection, user, caller.now)

    found = caller.read(taken)
    if found:
        caller.services.objects.put(document, json.dumps(found.document, indent=1, ensure_ascii=False).encode())

    def plan(connection: sqlite3.Connection) -> tuple[ArchiveSpec]:
        _require_no_other(connection)
        assert found is not None, "what was applied before is not planned again"
        footage = found.originals if asked.originals else ()
        members = (ArchiveMember(name="account.json", key=document), *found.clip_lists, *found.reels, *footage)
        return (ArchiveSpec(user=user, job=name, members=members),)

    return shown_jobs(caller, begin(caller, plan))[0]


def _require_no_other(connection: sqlite3.Connection) -> None:
    if jobs.open_count(connection, ["archive"]):
        raise QuotaExceeded("An archive is being made already. Wait for it, or cancel it.")
