"""Uploads: footage straight from the browser to the store, in parts that can be sent again after a cut."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Final, Literal, TypeVar
from uuid import uuid4

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field

from endpoints.begin import ingest_id, ingest_spec
from endpoints.caller import Caller, Command, Reading, Writing
from endpoints.errors import errors
from endpoints.models import USUAL_LIMIT, After, Asked, Id, Limit, Listed, Moment, PathId, Shown
from endpoints.sources import SourceOut
from reel.errors import Conflict, Json, NotFound
from reel.fields import LARGEST_INTEGER
from reel.refusals import QuotaExceeded
from storage import jobs, sources, upload_rows
from storage.upload_rows import Upload
from storage.uploads import MOST_BYTES, MOST_NAME, MOST_URLS, Arrived, PartUrl, Uploads, Wanted
from storage.usage import usage

router = APIRouter(tags=["uploads"])

T = TypeVar("T")

MOST_PART: Final = 10_000  # what S3 numbers

Part = Annotated[int, Field(ge=1, le=sources.MOST_PARTS, description="1 is the first half", examples=[1])]
FileName = Annotated[str, Field(min_length=1, max_length=MOST_NAME, examples=["First half.MP4"])]
Fingerprint = Annotated[
    str,
    Field(
        pattern="^[0-9a-f]{64}$",
        description="sha256, in hexadecimal, of the size as decimal text and the first, the middle and the last MiB",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    ),
]
ContentType = Annotated[
    str, Field(max_length=100, pattern=r"^[a-z]+/[a-zA-Z0-9.+-]+$", description="as the browser names the file's type")
]


class NewUpload(Asked):
    """A file that is to come, and which part of the game it is."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01970d3a-1b2c-7d4e-8f50-61a2b3c4d5e6",
                    "part": 1,
                    "name": "First half.MP4",
                    "size_bytes": 1_482_301_544,
                    "fingerprint": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                    "content_type": "video/mp4",
                }
            ]
        }
    )

    id: Id
    part: Part = 1
    name: FileName
    size_bytes: Annotated[
        int, Field(ge=0, le=LARGEST_INTEGER, description=f"at most {MOST_BYTES:,}", examples=[1_482_301_544])
    ]
    fingerprint: Fingerprint
    content_type: ContentType = "application/octet-stream"


class UploadOut(Shown):
    """An upload, and how far it is by the store. All parts are `part_bytes` long but the last."""

    id: Id
    game_id: Id
    part: int
    name: str
    size_bytes: int
    fingerprint: str
    part_bytes: int
    part_count: int
    arrived_parts: tuple[int, ...]
    arrived_bytes: int
    completed_at: Moment | None
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, arrived: Arrived) -> UploadOut:
        """Return an upload as the API says it."""
        upload = arrived.upload
        return cls(
            id=upload.id,
            game_id=upload.game_id,
            part=upload.part,
            name=upload.name,
            size_bytes=upload.size_bytes,
            fingerprint=upload.fingerprint,
            part_bytes=upload.part_bytes,
            part_count=upload.part_count,
            arrived_parts=arrived.parts,
            arrived_bytes=arrived.arrived_bytes,
            completed_at=upload.completed_at,
            created_at=upload.created_at,
            updated_at=upload.touched_at,
        )


class BegunOut(Shown):
    """What became of a wish to upload. `already`: the file is there as this source, and `upload` is null.

    `resumed`: another tab or an earlier visit began it; go on with the parts that have not arrived, under its id.
    """

    how: Literal["new", "resumed", "already"]
    source: SourceOut
    upload: UploadOut | None


class PartsWanted(Asked):
    """Which parts are to be sent next."""

    parts: Annotated[
        tuple[Annotated[int, Field(ge=1, le=MOST_PART)], ...],
        Field(min_length=1, max_length=MOST_URLS, strict=False, examples=[[1, 2, 3]]),
    ]


class PartOut(Shown):
    """Where one part is to be PUT, exactly `size_bytes` of it, within an hour."""

    part: int
    size_bytes: int
    url: Annotated[str, Field(examples=["http://localhost:8001/reel/…?partNumber=1&…"])]

    @classmethod
    def of(cls, part: PartUrl) -> PartOut:
        """Return a part as the API says it."""
        return cls(part=part.number, size_bytes=part.size_bytes, url=part.url)


class PartsOut(Shown):
    """Where parts are to be PUT."""

    parts: tuple[PartOut, ...]


@dataclass(frozen=True, slots=True)
class Database:
    """The caller's database as uploads take it. `checked` may still refuse what a command did, in its transaction."""

    caller: Caller
    checked: Callable[[sqlite3.Connection], None] = lambda _: None

    def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """See storage.uploads.Database."""
        return self.caller.read(query)

    def write(self, command: Command) -> Json:
        """See storage.uploads.Database. A request that came before is looked at anew: what it needs now may differ.

        That does nothing twice, as every command of an upload goes by what is there.
        """
        ran = False

        def applied(connection: sqlite3.Connection) -> Json:
            nonlocal ran
            ran = True
            answer = command(connection)
            self.checked(connection)
            return answer

        answer = self.caller.write(applied, lambda _connection, answer: answer)
        return answer if ran else self.caller.also(f"again-{uuid4().hex}", applied)


@router.post(
    "/api/games/{game_id}/uploads",
    summary="Begin or go on with an upload",
    status_code=201,
    responses={200: {"model": BegunOut, "description": "Resumed, or already there"}, **errors(404, 409)},
)
def begin_upload(caller: Writing, game_id: PathId, asked: NewUpload, response: Response) -> BegunOut:
    """Begin to bring a file. The same file again, also as another part or game, goes on with the same upload.

    403 `quota_exceeded` where there is no room for it.
    """
    wanted = Wanted(asked.id, game_id, asked.part, asked.name, asked.size_bytes, asked.fingerprint, asked.content_type)
    desk = _desk(caller, lambda connection: _require_room(connection, caller, 0))
    caller.read(lambda connection: _require_room_for(connection, caller, wanted))
    begun = desk.begin(wanted, caller.now)
    source = caller.read(lambda connection: sources.get(connection, begun.source_id))
    arrived = UploadOut.of(desk.state(begun.upload.id)) if begun.upload else None
    response.status_code = 201 if begun.how == "new" else 200
    return BegunOut(how=begun.how, source=SourceOut.of(source), upload=arrived)


@router.get("/api/uploads", summary="List uploads under way")
def list_uploads(caller: Reading, after: After = None, limit: Limit = USUAL_LIMIT) -> Listed[UploadOut]:
    """Return the uploads that are not complete, those begun first first, each with what has arrived of it."""
    page = caller.read(lambda connection: upload_rows.page(connection, after, limit))
    return Listed[UploadOut](items=tuple(_shown(_desk(caller), page.items)), next=page.next)


@router.get("/api/uploads/{upload_id}", summary="Read an upload", responses=errors(404))
def read_upload(caller: Reading, upload_id: PathId) -> UploadOut:
    """Return how far an upload is, by the store; also of a complete one."""
    return UploadOut.of(_desk(caller).state(upload_id))


@router.post("/api/uploads/{upload_id}/parts", summary="Where parts go", responses=errors(404))
def sign_parts(caller: Writing, upload_id: PathId, asked: PartsWanted) -> PartsOut:
    """Return where parts are to be PUT, each for an hour. 404 once the upload is complete or given up."""
    desk = Uploads(caller.user, Database(caller), caller.services.signer(caller.host))
    return PartsOut(parts=tuple(PartOut.of(part) for part in desk.part_urls(upload_id, asked.parts, caller.now)))


@router.post("/api/uploads/{upload_id}/complete", summary="Complete an upload", responses=errors(404))
def complete_upload(caller: Writing, upload_id: PathId) -> SourceOut:
    """Join the parts and look the footage over (`ingest_job`). Again is fine, from another tab too.

    422 with `details.missing` and `details.wrong` while parts have not arrived as they have to be.
    """
    job = ingest_id(caller.user, upload_id)
    if caller.read(lambda connection: upload_rows.get(connection, upload_id)).completed_at is not None:
        return SourceOut.of(caller.read(lambda connection: sources.get(connection, upload_id)))

    def looked_over(connection: sqlite3.Connection, source: sources.Source) -> None:
        jobs.add(connection, ingest_spec(source, caller.user, job), caller.now)

    with caller.services.open_jobs.opening(caller.user, [job]):
        return SourceOut.of(_desk(caller).complete(upload_id, caller.now, looked_over))


@router.delete("/api/uploads/{upload_id}", summary="Give an upload up", status_code=204, responses=errors(404, 409))
def abort_upload(caller: Writing, upload_id: PathId) -> Response:
    """Give an upload up. Clips that were marked meanwhile stay, for another file. 409 once it is complete."""

    def command(connection: sqlite3.Connection) -> Json:
        upload = upload_rows.get(connection, upload_id)
        if upload.completed_at is not None:
            raise Conflict("This upload is complete: delete the game or its footage instead.", id=upload_id)
        upload_rows.drop(connection, upload_id, caller.now)
        return {"key": upload.key, "multipart": upload.multipart}

    gone = caller.write(command, lambda _connection, answer: answer)
    assert isinstance(gone, dict)
    caller.services.objects.abort_upload(str(gone["key"]), str(gone["multipart"]))
    return Response(status_code=204)


def _shown(desk: Uploads, uploads: Iterable[Upload]) -> Iterator[UploadOut]:
    for upload in uploads:
        with suppress(NotFound):  # given up just now
            yield UploadOut.of(desk.state(upload.id))


def _desk(caller: Caller, checked: Callable[[sqlite3.Connection], None] = lambda _: None) -> Uploads:
    return Uploads(caller.user, Database(caller, checked), caller.services.objects)


def _require_room_for(connection: sqlite3.Connection, caller: Caller, wanted: Wanted) -> None:
    """Raise QuotaExceeded if a file that is new would not fit, before anything is begun in the store."""
    known = sources.with_bytes(connection, wanted.fingerprint, wanted.size_bytes)
    if not known and not upload_rows.under_way(connection, wanted.fingerprint, wanted.size_bytes):
        _require_room(connection, caller, wanted.size_bytes)


def _require_room(connection: sqlite3.Connection, caller: Caller, more_bytes: int) -> None:
    most, used = caller.services.policy.quota_bytes, usage(connection).footage_bytes
    if most is not None and used + more_bytes > most:
        raise QuotaExceeded(
            f"There is no room for this: {used / 1e9:.1f} GB of {most / 1e9:.0f} GB are used. Delete a game, or keep"
            " only its clips.",
            used_bytes=used,
            quota_bytes=most,
            size_bytes=more_bytes,
        )
