"""The segments of a framing: what of the AI picture is there while the rest is still being made."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from endpoints.caller import Reading
from endpoints.errors import errors
from endpoints.models import USUAL_LIMIT, After, Limit, Listed, Shown
from endpoints.named import ById
from storage import jobs, segments
from storage.pages import page_of, place

router = APIRouter(tags=["jobs"])


class SegmentOut(Shown):
    """A piece of a framed video: its frames [begin_frame, begin_frame + frames), as a file of its own without sound."""

    begin_frame: int
    frames: int
    media: Annotated[
        str | None,
        Field(description="where it is; null while it is not there", examples=["/api/media/segment/ab12…"]),
    ]


@router.get("/api/jobs/{id}/segments", summary="List a framing's segments", responses=errors(404))
def list_segments(caller: Reading, job_id: ById, after: After = None, limit: Limit = USUAL_LIMIT) -> Listed[SegmentOut]:
    """Return the pieces of the video that a framing makes, in order, and where those are that are there by now.

    None while it has not begun, and of a job that is no framing. The first begins with frame 0, and each where the one
    before ends: where clips give way to each other, that is a piece too.
    """
    caller.read(lambda connection: jobs.get(connection, job_id))
    objects = caller.services.objects
    (begin,) = place(after, (-1,))
    left = [one for one in segments.of_job(objects, caller.user, job_id) if one.begin_frame > int(begin)]
    page = page_of(left[: limit + 1], limit, lambda one: (one.begin_frame,))
    found = segments.there(objects, caller.user, page.items)
    items = [
        SegmentOut(
            begin_frame=one.begin_frame,
            frames=one.frames,
            media=f"/api/media/segment/{one.digest}" if one.digest in found else None,
        )
        for one in page.items
    ]
    return Listed[SegmentOut](items=tuple(items), next=page.next)
