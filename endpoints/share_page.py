"""The shared reel: what whoever has the link sees. No login, no cookie, no script; who watches is counted, not known.

The one page that this room renders itself: it has to open anywhere at once, and to say nothing beyond what the family
chose to show.
"""

from __future__ import annotations

import json
import sqlite3
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from string import Template
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Path, Request
from starlette.background import BackgroundTask
from starlette.responses import HTMLResponse, RedirectResponse, Response

from endpoints.caller import address_of, moment
from endpoints.errors import answer, errors
from endpoints.file_names import file_name
from endpoints.limiting import Limiter
from endpoints.services import Services
from endpoints.visit import Visit, visit_of
from endpoints.watchers import is_watched, note_watched
from reel import keys
from reel.errors import NotFound, ReelError
from reel.geometry import OUTPUT_SIZES, Aspect
from reel.refusals import Refused, ShareClosed
from storage import reels, shares
from storage.sessions import digest_of
from storage.shares import Share

router = APIRouter(tags=["shared"])

MEDIA_LIFE_S: Final = 3600
"""As long as a page may stay open and still seek. A link that is revoked may play on for so long, to who had it."""

_HIDDEN: Final = {"X-Robots-Tag": "noindex, nofollow, noarchive", "Cache-Control": "no-store"}
_TITLE: Final = "Reel Ballers"
_FAULTS: Final = {
    403: ("This reel is only to be watched", "Ask whoever sent you the link if you would like to keep it."),
    404: ("Nothing here", "Links are long: ask for it again, and copy all of it."),
    410: ("This link is closed", "Ask whoever sent it to you for a new one."),
    429: ("Too much at once", "Wait a moment, and load the page again."),
}
_OTHER_FAULT: Final = ("This does not work just now", "Load the page again in a moment.")
_EMPTY_GOAL: Final = (
    '<svg viewBox="0 0 96 56" width="144" height="84" fill="none" stroke="currentColor" stroke-width="2"'
    ' stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M8 52V6h80v46M2 52h92"/>'
    '<path opacity=".4" stroke-width="1" d="M8 6l10 8v38M88 6l-10 8v38M18 14h60M18 24h60M18 34h60M18 44h60'
    'M28 14v38M38 14v38M48 14v38M58 14v38M68 14v38"/></svg>'
)

_STYLE: Final = """
:root{color-scheme:dark;--ground:#0B100E;--panel:#121A17;--line:#2A3833;--text:#EAF2EE;--quiet:#9DB0A7;--next:#3DDC84}
*{box-sizing:border-box}
html,body{height:100%;margin:0}
body{display:flex;flex-direction:column;align-items:center;background:var(--ground);color:var(--text);
font:16px/24px Inter,system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{flex:1;min-height:0;width:100%;display:flex;flex-direction:column;align-items:center;justify-content:center;
gap:16px;padding:16px}
video{width:auto;max-width:100%;height:calc(100dvh - 176px);min-height:120px;object-fit:contain;border-radius:10px;
background:#000}
h1{margin:0;font-size:20px;font-weight:600;text-align:center;overflow-wrap:anywhere}
svg{color:var(--quiet);max-width:100%}
p{margin:0;max-width:40ch;color:var(--quiet);text-align:center}
a.next{display:inline-block;padding:8px 24px;border-radius:10px;background:var(--next);color:var(--ground);
font-weight:600;text-decoration:none}
a.next:focus-visible,video:focus-visible{outline:2px solid var(--text);outline-offset:2px}
footer{padding:16px;color:var(--quiet);font-size:12px;line-height:16px}
""".strip()

_PAGE: Final = Template(
    "<!doctype html>\n"
    '<html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="robots" content="noindex, nofollow, noarchive"><meta name="referrer" content="no-referrer">'
    '<meta name="color-scheme" content="dark"><meta name="theme-color" content="#0B100E">'
    '<meta property="og:title" content="$heading"><title>$heading</title><style>$style</style></head>'
    "<body><main>$inside</main><footer>Made with Reel Ballers</footer></body></html>\n"
)
_STYLE_HASH: Final = b64encode(sha256(_STYLE.encode()).digest()).decode()

Token = Annotated[str, Path(description="what stands at the end of the link's address")]


@dataclass(frozen=True, slots=True)
class Shared:
    """What a link shows: the newest version of a reel, and its cover."""

    user: str
    share: Share
    key: str
    cover: str
    aspect: Aspect


def _pages(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the documentation of errors that are pages to people and JSON to programs."""
    documented = errors(*statuses)
    for status in statuses:
        content = documented[status]["content"]
        documented[status] |= {"content": content | {"text/html": {"schema": {"type": "string"}}}}
    return documented


_ERRORS: Final = _pages(403, 404, 410, 422, 429, 500, 503)
_MOVED: Final[dict[int | str, dict[str, Any]]] = {302: {"description": "to the video, for a while"}}


@router.get("/s/{token}", summary="Watch a shared reel", response_class=HTMLResponse, responses=_ERRORS)
@router.head("/s/{token}", include_in_schema=False)
def watch(request: Request, token: Token) -> Response:
    """Return the page that shows a shared reel."""

    def page(services: Services) -> Response:
        found = _found(services, token)
        address = _address(services, request, found, filename=None)
        page = _page(200, _heading(found.share), _player(token, found), media=_origin(address))
        if is_watched(request) and not _is_program(request):
            page.background = BackgroundTask(note_watched(request, services, found.user, found.share, token))
        return page

    return _answered(request, page)


@router.get(
    "/s/{token}/video",
    summary="Play a shared reel",
    status_code=302,
    response_class=Response,
    responses=_MOVED | _ERRORS,
)
def video(request: Request, token: Token) -> Response:
    """Redirect to the newest version of a shared reel."""

    def moved(services: Services) -> Response:
        return _redirect(_address(services, request, _found(services, token), filename=None))

    return _answered(request, moved)


@router.get(
    "/s/{token}/cover",
    summary="The cover of a shared reel",
    status_code=302,
    response_class=Response,
    responses=_MOVED | _ERRORS,
)
def cover(request: Request, token: Token) -> Response:
    """Redirect to the picture that stands where the reel will play."""

    def moved(services: Services) -> Response:
        signer, found = services.signer(request.headers.get("host", "")), _found(services, token)
        return _redirect(signer.presign_get(found.cover, MEDIA_LIFE_S, filename=None, content_type="image/jpeg"))

    return _answered(request, moved)


@router.get(
    "/s/{token}/download",
    summary="Save a shared reel",
    status_code=302,
    response_class=Response,
    responses=_MOVED | _ERRORS,
)
def download(request: Request, token: Token) -> Response:
    """Redirect to the newest version of a shared reel, to be saved, if the link allows it."""

    def moved(services: Services) -> Response:
        found = _found(services, token)
        if not found.share.download:
            raise Refused("This reel can be watched, but not saved.")
        return _redirect(_address(services, request, found, filename=file_name(found.share.shown_name, "mp4")))

    return _answered(request, moved)


def _found(services: Services, token: str) -> Shared:
    """Return what a link shows. Raises NotFound, ShareClosed, StoreUnavailable."""
    digest, nothing = digest_of(token), NotFound("There is no such link. Was it copied whole?")
    try:
        said = json.loads(services.objects.read(keys.share(digest)))
    except NotFound:
        raise nothing from None

    def query(connection: sqlite3.Connection) -> Shared:
        share = shares.get(connection, said["share"])
        if share.token_sha256 != digest:  # a crash came between the object and its row
            raise NotFound
        newest = reels.get(connection, share.reel_id).newest
        return Shared(said["user"], share, newest.key, keys.poster(said["user"], share.reel_id), newest.aspect)

    try:
        found = services.databases.read(said["user"], query)
    except NotFound:
        raise nothing from None
    if not found.share.open_at(moment(services.clock.time_s())):
        raise ShareClosed
    return found


def _answered(request: Request, make: Any) -> Response:
    """Return what `make` makes of the services, or the error as a page, or as JSON to a program that asks for it."""
    services: Services = request.app.state.services
    limiter: Limiter = request.app.state.limiter
    visit = visit_of(request)
    try:
        limiter.take("reads", f"shared {address_of(request, services.policy.address_header)}")
        response = make(services)
    except ReelError as fault:
        response = answer(fault, visit) if _is_program(request) else _fault_page(fault, visit)
    response.headers.update(_HIDDEN)
    return response


def _is_program(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return "application/json" in accepted and "text/html" not in accepted


def _address(services: Services, request: Request, found: Shared, *, filename: str | None) -> str:
    signer = services.signer(request.headers.get("host", ""))
    return signer.presign_get(found.key, MEDIA_LIFE_S, filename=filename, content_type="video/mp4")


def _redirect(address: str) -> Response:
    return RedirectResponse(address, 302)


def _heading(share: Share) -> str:
    return f"{share.shown_name}’s reel" if share.shown_name else "A football reel"


def _player(token: str, found: Shared) -> str:
    size = OUTPUT_SIZES[found.aspect]
    place = f"/s/{escape(token)}"
    saved = f'<a class="next" href="{place}/download">Save video</a>' if found.share.download else ""
    return (
        f'<video controls playsinline preload="metadata" width="{size.width}" height="{size.height}"'
        f' src="{place}/video" poster="{place}/cover"></video><h1>{escape(_heading(found.share))}</h1>{saved}'
    )


def _fault_page(fault: ReelError, visit: Visit) -> Response:
    said = answer(fault, visit)  # which has the status, logs and says when to come again
    heading, what_now = _FAULTS.get(said.status_code, _OTHER_FAULT)
    inside = f"{_EMPTY_GOAL}<h1>{escape(heading)}</h1><p>{escape(fault.message)} {escape(what_now)}</p>"
    page = _page(said.status_code, _TITLE, inside)
    page.headers.update({name: value for name, value in said.headers.items() if name == "retry-after"})
    return page


def _page(status: int, heading: str, inside: str, media: str = "") -> Response:
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; media-src 'self' {media}; img-src 'self' {media};"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    text = _PAGE.substitute(heading=escape(heading), style=_STYLE, inside=inside)
    return HTMLResponse(text, status, {"Content-Security-Policy": policy.replace(" ;", ";")})


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
