"""Errors over HTTP: the domain states a fact, this picks the status; and how every operation documents its own."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from endpoints.visit import PLACE, Visit, visit_of
from reel import refusals
from reel.errors import BadInput, BadSource, Internal, ReelError, by_code

STATUS: Final[Mapping[str, int]] = (
    dict.fromkeys(by_code(), 500)
    | dict.fromkeys(by_code(BadInput), 422)
    | dict.fromkeys(by_code(BadSource), 422)
    | dict.fromkeys(by_code(refusals.Refused), 403)
    | {
        "not_found": 404,
        "already_exists": 409,
        "conflict": 409,
        "stale_project": 409,
        "stale_revision": 409,
        "illegal_move": 409,
        "cancelled": 409,
        "clips_not_framed": 409,
        "step_closed": 409,
        "account_not_empty": 409,
        "source_gone": 410,
        "share_closed": 410,
        "idempotency_key_reused": 422,
        "too_many_requests": 429,
        "exports_paused": 503,
        "store_unavailable": 503,
        "answer_lost": 503,
        "out_of_memory": 503,
        "schema_too_new": 503,
        "storage_full": 507,
    }
)
"""The status of every error there is, by its code."""

RETRY_AFTER_S: Final = 2  # a store that is away, or a start that is under way

_PLAIN: Final[Mapping[int, tuple[str, str]]] = {
    404: ("not_found", "There is nothing here."),
    405: ("method_not_allowed", "This cannot be done here."),
    413: ("body_too_large", "This request is too large."),
    415: ("unsupported_media_type", "This has to be sent as JSON."),
}
_EXAMPLES: Final[Mapping[int, tuple[str, str]]] = _PLAIN | {
    403: ("wrong_origin", "Another site asked for this."),
    404: ("not_found", "There is no such game."),
    409: ("stale_revision", "This was changed elsewhere in the meantime."),
    410: ("source_gone", "The original footage is no longer there."),
    422: ("bad_field", "/rating: has to be from 1 to 5"),
    429: ("too_many_requests", "Too much at once. Wait a moment."),
    500: ("internal", "Something went wrong on our side."),
    503: ("store_unavailable", "The store did not answer."),
    507: ("storage_full", "The disk is full."),
}
EVERYWHERE: Final = (403, 405, 413, 415, 422, 429, 500, 503, 507)
"""What any operation may answer."""

_log = logging.getLogger("endpoints")


class ErrorOut(BaseModel):
    """What every answer that is no success says. `details.field` is a JSON pointer into what was sent."""

    model_config = ConfigDict(frozen=True)

    code: str = Field(description="stable, for machines", examples=["stale_revision"])
    message: str = Field(description="what is wrong, and what helps, in a sentence for people")
    details: dict[str, JsonValue]
    request_id: str | None


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the documentation of an operation's errors beside those of EVERYWHERE."""
    return {status: _documented(status) for status in statuses}


def answer(fault: ReelError, visit: Visit) -> JSONResponse:
    """Return the answer that an error is."""
    status = STATUS.get(fault.code, 500)
    headers = {"Retry-After": str(_retry_after_s(fault))} if status in {429, 503} else None
    if status >= 500:
        _log.warning("%s: %s", fault.code, fault.message, extra={"request_id": visit.request_id})
    return JSONResponse(fault.envelope(visit.request_id), status, headers)


def refusal(status: int, visit: Visit, message: str | None = None, code: str | None = None) -> JSONResponse:
    """Return the answer to a request that no error of ours fits: there is nothing at this address, say."""
    usual_code, usual_message = _PLAIN.get(status) or (_snake(status), HTTPStatus(status).phrase)
    fault = ReelError(message or usual_message)
    envelope = fault.envelope(visit.request_id) | {"code": code or usual_code}
    return JSONResponse(envelope, status)


def bad_field(pointer: str, message: str, visit: Visit) -> JSONResponse:
    """Return the answer to a request with a wrong value."""
    text = f"{pointer}: {message}" if pointer else message
    body = {"code": "bad_field", "message": text, "details": {"field": pointer}, "request_id": visit.request_id}
    return JSONResponse(body, 422)


def install(api: FastAPI) -> None:
    """Let every error answer as an envelope."""

    async def of_ours(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, ReelError)
        return answer(fault, visit_of(request))

    async def of_validation(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, RequestValidationError)
        first = fault.errors()[0]
        pointer = "".join(f"/{_escaped(str(part))}" for part in first["loc"][1:])
        return bad_field(pointer, str(first["msg"]), visit_of(request))

    async def of_http(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, HTTPException)
        response = refusal(fault.status_code, visit_of(request))
        response.headers.update(fault.headers or {})
        return response

    api.add_exception_handler(ReelError, of_ours)
    api.add_exception_handler(RequestValidationError, of_validation)
    api.add_exception_handler(HTTPException, of_http)


class Safe:
    """An app that answers whatever goes wrong inside: a surprise is logged, and said as an error of ours."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        begun = False

        async def noting(message: Any) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        visit: Visit = scope[PLACE]
        try:
            await self._app(scope, receive, noting)
        except Exception:  # the one blanket catch of this room: every request gets an answer
            _log.exception("request %s failed", visit.request_id)
            if begun:
                raise
            await answer(Internal(), visit)(scope, receive, send)


def _documented(status: int) -> dict[str, Any]:
    code, message = _EXAMPLES[status]
    example = {"code": code, "message": message, "details": {}, "request_id": "5c9f3f0e5f3b4c3f8d7a0b1c2d3e4f50"}
    return {
        "model": ErrorOut,
        "description": HTTPStatus(status).phrase,
        "content": {"application/json": {"example": example}},
    }


def _retry_after_s(fault: ReelError) -> int:
    told = fault.details.get("retry_after_s")
    return max(1, round(told)) if isinstance(told, int | float) else RETRY_AFTER_S


def _snake(status: int) -> str:
    return HTTPStatus(status).phrase.lower().replace(" ", "_").replace("-", "_")


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
