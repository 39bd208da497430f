"""The gallery: finished reels, each with all its versions."""

from __future__ import annotations

import sqlite3
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field, JsonValue

from endpoints.caller import Settled, Writing
from endpoints.errors import errors
from endpoints.models import USUAL_LIMIT, After, Asked, Id, Limit, Listed, Moment, Rational, Revision, Shown, terms
from endpoints.named import ById
from reel.errors import Json
from reel.geometry import Aspect
from storage import jobs, reels, small_copies
from storage.reels import MOST_NAME, Reel, Version
from storage.small_copies import SmallCopy

router = APIRouter(tags=["gallery"])


class VersionOut(Shown):
    """One finished export. `draft`: it was made of a draft, and is marked as one.

    `outside` names the spotlights whose player is in none of its frames, {clip, spotlight}.
    """

    version: int
    job_id: Id
    draft: bool
    title: str
    aspect: Aspect
    frames: int
    rate: Rational
    duration_s: float
    outside: tuple[dict[str, JsonValue], ...]
    media: Annotated[str, Field(examples=["/api/media/reel/0197…?version=2"])]
    created_at: Moment

    @classmethod
    def of(cls, version: Version) -> VersionOut:
        """Return a version as the API says it."""
        return cls(
            version=version.version,
            job_id=version.job_id,
            draft=version.draft,
            title=version.title,
            aspect=version.aspect,
            frames=version.frames,
            rate=terms(version.rate),
            duration_s=float(version.frames / version.rate),
            outside=tuple(dict(one) for one in version.outside),
            media=f"/api/media/reel/{version.reel_id}?version={version.version}",
            created_at=version.created_at,
        )


class SmallCopyOut(Shown):
    """A version's copy for messengers, of at most 16 MB; a long reel's has fewer lines for it."""

    version: int
    size_bytes: int
    width_px: int
    height_px: int
    media: Annotated[str, Field(examples=["/api/media/small_copy/0197…?version=2"])]

    @classmethod
    def of(cls, copy: SmallCopy) -> SmallCopyOut:
        """Return a copy as the API says it."""
        return cls(
            version=copy.version,
            size_bytes=copy.size_bytes,
            width_px=copy.width_px,
            height_px=copy.height_px,
            media=f"/api/media/small_copy/{copy.reel_id}?version={copy.version}",
        )


class ReelOut(Shown):
    """A reel with its newest version. Until it is renamed it is called as that is; its project may be gone.

    `small_copy` is the newest version's, null until one is asked for and made.
    """

    id: Id
    project_id: Id | None
    name: str
    newest: VersionOut
    version_count: int
    small_copy: SmallCopyOut | None
    media: Annotated[str, Field(examples=["/api/media/reel/0197…"])]
    poster: Annotated[str, Field(examples=["/api/media/poster/0197…"])]
    revision: Revision
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, reel: Reel, copy: SmallCopy | None) -> ReelOut:
        """Return a reel as the API says it."""
        return cls(
            id=reel.id,
            project_id=reel.project_id,
            name=reel.name,
            newest=VersionOut.of(reel.newest),
            version_count=reel.version_count,
            small_copy=SmallCopyOut.of(copy) if copy else None,
            media=f"/api/media/reel/{reel.id}",
            poster=f"/api/media/poster/{reel.id}",
            revision=reel.revision,
            created_at=reel.created_at,
            updated_at=reel.updated_at,
        )

    @classmethod
    def read(cls, connection: sqlite3.Connection, reel_id: str) -> ReelOut:
        """Return a reel as it is now. Raises NotFound."""
        reel = reels.get(connection, reel_id)
        return cls.of(reel, small_copies.of_newest(connection, [reel.id]).get(reel.id))


class ReelChange(Asked):
    """What a reel is to be called; "" for what its newest version is called."""

    revision: Revision
    name: Annotated[str, Field(max_length=MOST_NAME, examples=["Mia, spring"])]


@router.get("/api/reels", summary="List reels")
def list_reels(caller: Settled, after: After = None, limit: Limit = USUAL_LIMIT) -> Listed[ReelOut]:
    """Return finished reels, those with the newest version first."""

    def query(connection: sqlite3.Connection) -> Listed[ReelOut]:
        page = reels.page(connection, after, limit)
        copies = small_copies.of_newest(connection, [reel.id for reel in page.items])
        return Listed[ReelOut](
            items=tuple(ReelOut.of(reel, copies.get(reel.id)) for reel in page.items), next=page.next
        )

    return caller.read(query)


@router.get("/api/reels/{id}", summary="Read a reel", responses=errors(404))
def read_reel(caller: Settled, reel_id: ById) -> ReelOut:
    """Return one reel."""
    return caller.read(lambda connection: ReelOut.read(connection, reel_id))


@router.get("/api/reels/{id}/versions", summary="List a reel's versions", responses=errors(404))
def list_versions(
    caller: Settled, reel_id: ById, after: After = None, limit: Limit = USUAL_LIMIT
) -> Listed[VersionOut]:
    """Return all versions of a reel, the newest first: an older one stays until the reel is deleted."""

    def query(connection: sqlite3.Connection) -> Listed[VersionOut]:
        reels.get(connection, reel_id)
        page = reels.versions(connection, reel_id, after, limit)
        return Listed[VersionOut](items=tuple(VersionOut.of(one) for one in page.items), next=page.next)

    return caller.read(query)


@router.patch("/api/reels/{id}", summary="Rename a reel", responses=errors(404, 409))
def rename_reel(caller: Writing, reel_id: ById, asked: ReelChange) -> ReelOut:
    """Give a reel a name. Stale: 409 with the current one."""

    def command(connection: sqlite3.Connection) -> Json:
        return {"revision": reels.rename(connection, reel_id, asked.name, asked.revision, caller.now).revision}

    return caller.write(command, lambda connection, _answer: ReelOut.read(connection, reel_id))


@router.delete("/api/reels/{id}", summary="Delete a reel", status_code=204, responses=errors(404))
def delete_reel(caller: Writing, reel_id: ById) -> Response:
    """Delete a reel with all its versions, copies and shares, and stop what is being made of it; its project stays."""

    def command(connection: sqlite3.Connection) -> Json:
        reels.remove(connection, reel_id, caller.owner(), caller.now)
        jobs.cancel_about(connection, reel_id, ["overlay", "small_copy"])
        return None

    caller.write(command, lambda _connection, _answer: None)
    caller.services.open_jobs.start(caller.user)
    caller.settle()
    return Response(status_code=204)
