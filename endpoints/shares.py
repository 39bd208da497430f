"""Shares: links that show a reel to whoever has them, until they expire or are revoked."""

from __future__ import annotations

import base64
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, TypeAlias

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from endpoints.caller import Caller, Reading, Writing, moment
from endpoints.errors import errors
from endpoints.models import USUAL_LIMIT, After, Asked, Id, Limit, Listed, Moment, PathId, Shown
from endpoints.secret import secret_of
from endpoints.session import origin_of, qr_of
from reel import keys
from reel.errors import AlreadyExists, BadField, Json, NotFound
from storage import athletes, projects, reels, shares
from storage.sessions import digest_of
from storage.shares import MOST_NAME, Share
from storage.views import Views, Watched

router = APIRouter(tags=["gallery"])

USUAL_DAYS: Final = 30
MOST_DAYS: Final = 365
TOKEN_BYTES: Final = 18


def views_of(request: Request) -> Views:
    """Return who counts how often shares are watched."""
    return request.app.state.views


Counted: TypeAlias = Annotated[Views, Depends(views_of)]


class ShareOut(Shown):
    """A link that was given out. Whom it was given to nobody knows."""

    id: Id
    reel_id: Id
    shown_name: Annotated[str, Field(description="all that its page says of the player")]
    download: Annotated[bool, Field(description="whether its page lets the reel be saved")]
    open: Annotated[bool, Field(description="whether it still opens")]
    created_at: Moment
    expires_at: Moment
    revoked_at: Moment | None
    views: Annotated[int, Field(description="how many people watched it, each counted once a day; crawlers are not")]
    viewed_at: Annotated[Moment | None, Field(description="when last, to the day")]


class SharedOut(ShareOut):
    """A link that was made just now. Its address is in this answer, and nowhere else."""

    qr_svg: Annotated[str, Field(description="the address as a picture")]
    url: Annotated[str, Field(examples=["https://app.reelballers.com/s/nq0lZ7Vb1sYk3WcT5uJx8g2e"])]


class NewShare(Asked):
    """A link to be: open for `days`, or until `expires_at`; at most a year."""

    id: Id
    shown_name: Annotated[
        str | None, Field(max_length=MOST_NAME, examples=["Mia"], description="null: the athlete's first name")
    ] = None
    download: bool = False
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] | None = None
    expires_at: Annotated[str, Field(max_length=40, examples=["2026-06-17T10:30:00Z"])] | None = None


@router.post("/api/reels/{reel_id}/shares", summary="Share a reel", status_code=201, responses=errors(404, 409))
def add_share(caller: Writing, request: Request, counted: Counted, reel_id: PathId, asked: NewShare) -> SharedOut:
    """Make a link under the client's id. The same once more, from the same browser, is the same link."""
    expires_at = _expiry(asked, caller)
    secret = secret_of(caller, request, f"share {asked.id}")
    if secret is None:
        raise NotFound("There is no such reel.", what="reel", id=reel_id)
    token = base64.urlsafe_b64encode(secret[:TOKEN_BYTES]).decode()
    digest = digest_of(token)

    def shown(connection: sqlite3.Connection, _answer: Json) -> ShareOut:
        there = shares.get(connection, asked.id)
        if (there.reel_id, there.token_sha256) != (reel_id, digest):
            raise AlreadyExists("There is a share under this id already.", id=asked.id)
        return _share_out(there, caller, watched.get(there.id))

    def command(connection: sqlite3.Connection) -> Json:
        name = _first_name(connection, reel_id) if asked.shown_name is None else asked.shown_name
        share = Share(asked.id, reel_id, digest, name, asked.download, caller.now, expires_at)
        shares.add(connection, share)
        return {"id": asked.id}

    caller.read(lambda connection: reels.get(connection, reel_id))
    watched = counted.of_reel(caller.user, reel_id)
    # Before the row: one without the other opens nothing, and what is open is listed.
    said = json.dumps({"user": caller.user, "share": asked.id}).encode()
    caller.services.objects.put(keys.share(digest), said)
    made = caller.write(command, shown)
    url = f"{origin_of(caller.services.policy, caller.host)}/s/{token}"
    return SharedOut(**made.model_dump(), url=url, qr_svg=qr_of(url))


@router.get("/api/reels/{reel_id}/shares", summary="List a reel's shares", responses=errors(404))
def list_shares(
    caller: Reading, counted: Counted, reel_id: PathId, after: After = None, limit: Limit = USUAL_LIMIT
) -> Listed[ShareOut]:
    """Return the links to a reel, also those that are closed, the newest first."""
    watched = counted.of_reel(caller.user, reel_id)

    def query(connection: sqlite3.Connection) -> Listed[ShareOut]:
        reels.get(connection, reel_id)
        page = shares.page(connection, reel_id, after, limit)
        return Listed[ShareOut](
            items=tuple(_share_out(share, caller, watched.get(share.id)) for share in page.items), next=page.next
        )

    return caller.read(query)


@router.get("/api/shares/{share_id}", summary="Read a share", responses=errors(404))
def read_share(caller: Reading, counted: Counted, share_id: PathId) -> ShareOut:
    """Return one link, without its address."""
    share = caller.read(lambda connection: shares.get(connection, share_id))
    return _share_out(share, caller, counted.of_reel(caller.user, share.reel_id).get(share.id))


@router.delete("/api/shares/{share_id}", summary="Revoke a share", status_code=204, responses=errors(404))
def revoke_share(caller: Writing, share_id: PathId) -> Response:
    """Close a link for good; it stays in the list."""

    def command(connection: sqlite3.Connection) -> Json:
        shares.revoke(connection, share_id, caller.now)
        return None

    caller.write(command, lambda _connection, _answer: None)
    return Response(status_code=204)


def _expiry(asked: NewShare, caller: Caller) -> str:
    """Return when a link closes. Raises BadField."""
    now = datetime.fromtimestamp(caller.services.clock.time_s(), UTC)
    if asked.expires_at is None:
        return moment((now + timedelta(days=asked.days or USUAL_DAYS)).timestamp())
    if asked.days is not None:
        raise BadField("/expires_at", "says something else than days: give one of them")
    try:
        then = datetime.fromisoformat(asked.expires_at)
    except ValueError:
        raise BadField("/expires_at", "has to be a moment like 2026-06-17T10:30:00Z") from None
    if then.tzinfo is None:
        raise BadField("/expires_at", "has to say its zone: a Z at its end, say")
    try:
        until = then.astimezone(UTC)
    except OverflowError:
        raise BadField("/expires_at", "is no time that a clock shows") from None
    if not now < until <= now + timedelta(days=MOST_DAYS):
        raise BadField("/expires_at", f"has to be ahead, by at most {MOST_DAYS} days")
    return moment(until.timestamp())


def _first_name(connection: sqlite3.Connection, reel_id: str) -> str:
    project_id = reels.get(connection, reel_id).project_id
    athlete_id = projects.get(connection, project_id).athlete_id if project_id else None
    return athletes.get(connection, athlete_id).name.split()[0] if athlete_id else ""


def _share_out(share: Share, caller: Caller, watched: Watched | None) -> ShareOut:
    return ShareOut(
        id=share.id,
        reel_id=share.reel_id,
        shown_name=share.shown_name,
        download=share.download,
        open=share.open_at(caller.now),
        created_at=share.created_at,
        expires_at=share.expires_at,
        revoked_at=share.revoked_at,
        views=watched.views if watched else 0,
        viewed_at=f"{watched.last_on}T00:00:00.000Z" if watched and watched.last_on else None,
    )
