"""The account: what it holds, how it is set, how to get it back, and how to delete it."""

from __future__ import annotations

import secrets
import sqlite3
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field

from endpoints.caller import Reading, Writing
from endpoints.errors import errors
from endpoints.models import Asked, Revision, Shown
from endpoints.secret import secret_of
from endpoints.session import logins_of
from reel.annotation import MOST_TAG
from reel.edit import Look
from reel.errors import Json, StaleRevision
from reel.fields import Field as Place
from reel.geometry import Aspect
from storage import settings
from storage.leaving import leave
from storage.logins import CODE_BYTES, code_of
from storage.meter import Stored, stored
from storage.settings import LONGEST_MS, MOST_OWN_TAGS, Around, Settings, Theme
from storage.usage import Usage, usage

router = APIRouter(tags=["account"])

Milliseconds = Annotated[int, Field(ge=0, le=LONGEST_MS)]
Tag = Annotated[str, Field(min_length=1, max_length=MOST_TAG, examples=["Goal"])]
OwnTags = Annotated[list[Tag], Field(max_length=MOST_OWN_TAGS)]


class AroundOut(Shown):
    """How far a new clip reaches before the playhead and behind it; together 1 to 60 s."""

    lead_ms: Milliseconds
    lag_ms: Milliseconds

    @classmethod
    def of(cls, around: Around) -> AroundOut:
        """Return what is around as the API says it."""
        return cls(lead_ms=around.lead_ms, lag_ms=around.lag_ms)


class AroundAsked(Asked):
    """How far a clip that is begun by a tag reaches."""

    lead_ms: Milliseconds
    lag_ms: Milliseconds


class SettingsOut(AroundOut):
    """What is set for the whole account. `look` null leaves it to the home."""

    tag_times: dict[str, AroundOut]
    own_tags: tuple[str, ...]
    minimum_rating: Annotated[int, Field(ge=1, le=5)]
    aspect: Aspect
    look: Look | None
    theme: Theme
    revision: Revision

    @classmethod
    def of_settings(cls, said: Settings) -> SettingsOut:
        """Return settings as the API says them."""
        return cls(
            lead_ms=said.around.lead_ms,
            lag_ms=said.around.lag_ms,
            tag_times={tag: AroundOut.of(around) for tag, around in said.tag_times.items()},
            own_tags=said.own_tags,
            minimum_rating=said.minimum_rating,
            aspect=said.aspect,
            look=said.look,
            theme=said.theme,
            revision=said.revision,
        )


class SettingsChange(Asked):
    """What is to be different; what is left out stays."""

    revision: Revision
    lead_ms: Milliseconds | None = None
    lag_ms: Milliseconds | None = None
    tag_times: dict[Tag, AroundAsked] | None = None
    own_tags: OwnTags | None = None
    minimum_rating: Annotated[int, Field(ge=1, le=5)] | None = None
    aspect: Aspect | None = None
    look: Look | None = None
    theme: Theme | None = None


class AccountChange(Asked):
    """What is to be different."""

    settings: SettingsChange


class UsageOut(Shown):
    """How much there is."""

    games: int
    clips: int
    projects: int
    reels: int
    open_jobs: int
    footage_bytes: Annotated[int, Field(description="of the originals, there or on their way: what the quota counts")]

    @classmethod
    def of(cls, said: Usage) -> UsageOut:
        """Return usage as the API says it."""
        return cls(
            games=said.games,
            clips=said.clips,
            projects=said.projects,
            reels=said.reels,
            open_jobs=said.open_jobs,
            footage_bytes=said.footage_bytes,
        )


class StoredOut(Shown):
    """What is in the store, by what it is; footage with its proxies, framings with their drafts."""

    total_bytes: int
    footage_bytes: int
    reels_bytes: int
    framings_bytes: int
    segments_bytes: int
    raw_clips_bytes: int
    downloads_bytes: int
    history_bytes: int
    other_bytes: int

    @classmethod
    def of(cls, said: Stored) -> StoredOut:
        """Return what is stored as the API says it."""
        return cls(
            total_bytes=said.total_bytes,
            footage_bytes=said.footage_bytes,
            reels_bytes=said.reels_bytes,
            framings_bytes=said.framings_bytes,
            segments_bytes=said.segments_bytes,
            raw_clips_bytes=said.raw_clips_bytes,
            downloads_bytes=said.downloads_bytes,
            history_bytes=said.history_bytes,
            other_bytes=said.other_bytes,
        )


class QuotaOut(Shown):
    """How much there may be; null: as much as there is room for."""

    footage_bytes: int | None
    running_exports: int | None


class AccountOut(Shown):
    """The account."""

    usage: UsageOut
    stored: StoredOut
    quota: QuotaOut
    settings: SettingsOut


class CodeOut(Shown):
    """A recovery code: to be printed, or written down. It is not shown again."""

    code: Annotated[str, Field(examples=["7K3M-2QXN-0VZ8-H5RT-WA6J-9PGC-4DYE"])]


class Leaving(Asked):
    """That it is meant."""

    confirm: Literal["delete"]


@router.get("/api/account", summary="Read the account")
def read_account(caller: Reading) -> AccountOut:
    """Return what the account holds, may hold, and how it is set."""
    held, said = caller.read(lambda connection: (usage(connection), settings.get(connection)))
    policy = caller.services.policy
    return AccountOut(
        usage=UsageOut.of(held),
        stored=StoredOut.of(stored(caller.services.objects, caller.user) if caller.session else Stored()),
        quota=QuotaOut(footage_bytes=policy.quota_bytes, running_exports=policy.most_running_exports),
        settings=SettingsOut.of_settings(said),
    )


@router.patch("/api/account", summary="Change the settings", responses=errors(409))
def change_account(caller: Writing, asked: AccountChange) -> SettingsOut:
    """Change settings; return all. Stale: 409 with the current ones."""
    said = asked.settings.model_dump(mode="json", exclude_unset=True)
    revision = said.pop("revision")

    def command(connection: sqlite3.Connection) -> Json:
        there = settings.get(connection)
        if there.revision != revision:
            raise StaleRevision(current=SettingsOut.of_settings(there).model_dump(mode="json"))
        with Place(said, "/settings").at_fault():
            settings.change(connection, settings.parse(_whole(there, said), revision), caller.now)
        return None

    return caller.write(command, lambda connection, _: SettingsOut.of_settings(settings.get(connection)))


@router.post("/api/account/recovery-code", summary="Make a recovery code", status_code=201)
def make_recovery_code(caller: Writing, request: Request) -> CodeOut:
    """Make the code that gets this account back when every device is lost. A new one replaces the one before."""
    code = code_of(secret_of(caller, request, f"recovery {caller.operation.id}") or secrets.token_bytes(CODE_BYTES))
    logins_of(caller).set_code(caller.owner(), code)
    return CodeOut(code=code)


@router.delete("/api/account", summary="Delete the account", status_code=204)
def delete_account(caller: Writing, asked: Leaving) -> Response:  # noqa: ARG001 - that it was said is all
    """Delete everything, on all devices, for good. Share links close, running jobs end; there is no way back."""
    if caller.session:
        services, user = caller.services, caller.session.user
        leave(services.databases, services.objects, user, caller.now, services.dispatch.cancel)
        services.sessions.end_all(user)
    caller.sign_out()
    return Response(status_code=204)


def _whole(there: Settings, said: dict[str, Json]) -> dict[str, Json]:
    """Return settings as they are with what was said on top. Null is "no longer", which only a look can be."""
    kept = {name: value for name, value in said.items() if value is not None or name == "look"}
    return settings.to_json(there) | kept
