"""A running service, tried from outside by a guest of its own, who leaves nothing: what a deploy has to pass.

    health version headers refusals page        whether it is there, which one, and hardened
    guest upload footage live                   whether a browser gets in, and its bytes through
    draft reel share                            whether work is done, and shown to whoever has the link
    leaving                                     whether all of it goes again, also after something went wrong

Works at any home's door: it speaks HTTP, and knows nothing of what is behind it.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from cloud.guest import Answer, Guest, fetched, sent
from media.synth import Match, write
from reel.geometry import Size
from relay.protocol import WRONG_ORIGIN
from storage.ids import uuid7

PATIENCE_S: Final = 300.0
"""For one job, a cold start included."""
ASK_EVERY_S: Final = 0.5
BUSY_S: Final = 30.0
"""For something behind the service that did not answer: it says when to come again."""
OPEN_S: Final = 30.0
"""For the relay to say hello: Fly wakes its machine first."""
HARDENED: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Of every answer."""
PRIVATE: Final[Mapping[str, str]] = {
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'",
    "Referrer-Policy": "no-referrer",
}
"""Of the page of a shared reel, each as a part of what it says."""
_FILM: Final = Match(size=Size(192, 108), rate=Fraction(10), duration_s=Fraction(2), players=4)
_ENDED: Final = frozenset({"done", "failed", "cancelled"})


class Wrong(Exception):
    """Something is not as it has to be: at which step, and what."""

    def __init__(self, step: str, what: str) -> None:
        super().__init__(f"{step}: {what}")
        self.step, self.what = step, what


@dataclass
class Tried:
    """One try: the guest, what it has by now, and where it is told."""

    guest: Guest
    version: str | None
    film: Path
    say: Callable[[str], None]
    patience_s: float = PATIENCE_S
    game: str = field(default_factory=uuid7)
    source: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    project: str = field(default_factory=uuid7)
    reel: str = ""
    has_page: bool = False
    """Whether the editor's page is served at the same address: its origin is the one that the relay lets in."""


def smoke(guest: Guest, version: str | None, say: Callable[[str], None], patience_s: float = PATIENCE_S) -> None:
    """Try a service; `version` is the release that it has to be, None: any. Raises Wrong."""
    with TemporaryDirectory(prefix="smoke-") as folder:
        film = Path(folder) / "match.mp4"
        write(_FILM, film)
        tried = Tried(guest, version, film, say, patience_s)
        try:
            for step in STEPS:
                _take(step, tried)
        finally:
            if guest.cookie:
                _take(leaving, tried)


def _take(step: Callable[[Tried], str], tried: Tried) -> None:
    try:
        tried.say(f"{step.__name__}: {step(tried)}")
    except (Fault, OSError, HTTPException, ValueError, KeyError, IndexError) as fault:
        what = str(fault) if isinstance(fault, Fault) else f"{type(fault).__name__}: {fault}"
        raise Wrong(step.__name__, what) from fault


class Fault(Exception):
    """What a step found."""


def _need(holds: object, what: str) -> None:
    if not holds:
        raise Fault(what)


# Whether it is there, which one, and hardened


def health(tried: Tried) -> str:
    """See whether it answers at all."""
    said = _asked(tried, "GET", "/api/health").json
    _need(said == {"status": "ok"}, f"it says {said}")
    return "ok"


def version(tried: Tried) -> str:
    """See whether it is the release that it has to be."""
    said = _asked(tried, "GET", "/api/version").json
    _need(tried.version in {None, said["version"]}, f"this is {said['version']}, not {tried.version}")
    return f"{said['version']}, at home {said['home']}"


def headers(tried: Tried) -> str:
    """See whether answers are hardened, and kept by nobody."""
    wanted = dict(HARDENED) | {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'"}
    if tried.guest.is_secure:
        wanted["Strict-Transport-Security"] = "max-age="
    _require_headers(_asked(tried, "GET", "/api/health"), wanted)
    return f"{len(wanted)} as they have to be"


def refusals(tried: Tried) -> str:
    """See whether what is not there, and what comes from another site, is refused in the API's own words."""
    nothing = _asked(tried, "GET", f"/api/{uuid7()}", wanted={404})
    _need(nothing.json.get("code") == "not_found", f"what is not there is answered by {nothing.json}")
    strange = {"Origin": "https://elsewhere.example"}
    foreign = _asked(tried, "POST", "/api/games", {"id": tried.game, "opponent": "x"}, wanted={403}, more=strange)
    _need(foreign.json.get("code") == "wrong_origin", f"a write of another site is answered by {foreign.json}")
    return "in its own words"


def page(tried: Tried) -> str:
    """See whether the editor is there, if it is served at this address; a script that is gone is not a page."""
    front = tried.guest.ask("GET", "/")
    if front.status == 404 and front.kind == "application/json":
        return "the editor is elsewhere"
    _need(front.status == 200 and front.kind == "text/html", f"/ answers {front.status} as {front.kind}")
    _require_headers(front, {"Content-Security-Policy": "default-src 'none'"})
    gone = tried.guest.ask("GET", f"/assets/{uuid7()}.js")
    _need(gone.status == 404, f"a script that is not there answers {gone.status}")
    tried.has_page = True
    return "the editor is here"


# Whether a browser gets in, and its bytes through


def guest(tried: Tried) -> str:
    """Become a guest by a first write."""
    _asked(tried, "POST", "/api/games", {"id": tried.game, "opponent": "Smoke test"}, wanted={201})
    wanted = ["HttpOnly", "SameSite=Lax", *(["Secure", "__Host-"] if tried.guest.is_secure else [])]
    missing = [word for word in wanted if word.lower() not in tried.guest.said.lower()]
    _need(not missing, f"the session's cookie lacks {' and '.join(missing)}")
    return "its session's cookie is as it has to be"


def upload(tried: Tried) -> str:
    """Bring a film, part by part, straight to the store; wait until it was looked over."""
    size_bytes = tried.film.stat().st_size
    digest = hashlib.sha256(tried.film.read_bytes()).hexdigest()
    asked = {"id": uuid7(), "name": "match.mp4", "size_bytes": size_bytes, "fingerprint": digest}
    begun = _asked(tried, "POST", f"/api/games/{tried.game}/uploads", asked, wanted={200, 201}).json
    tried.source = begun["source"]["id"]
    path, part_bytes = f"/api/uploads/{tried.source}", begun["upload"]["part_bytes"]
    numbers = list(range(1, begun["upload"]["part_count"] + 1))
    for part in _asked(tried, "POST", f"{path}/parts", {"parts": numbers}).json["parts"]:
        start = (part["part"] - 1) * part_bytes
        status = sent(part["url"], tried.film.read_bytes()[start : start + part["size_bytes"]], tried.guest.url)
        _need(status == 200, f"the store answers {status} to a part")
    _asked(tried, "POST", f"{path}/complete", {}, wanted={200, 202})
    source = _until(
        tried,
        lambda: _asked(tried, "GET", f"/api/sources/{tried.source}").json,
        lambda found: found["state"] not in {"uploading", "ingesting"},
    )
    _need(source["state"] == "ready", f"the film is {source['state']}: {source.get('error')}")
    tried.facts = source["facts"]
    return f"{size_bytes} bytes, looked over"


def footage(tried: Tried) -> str:
    """Read a piece of the film back from the store, as a player does."""
    address = tried.guest.ask("GET", f"/api/media/original/{tried.source}").location
    status, body = fetched(address, (0, 99))
    _need((status, body) == (206, tried.film.read_bytes()[:100]), f"the store answers {status}, {len(body)} bytes")
    return "a piece of it came back as it was"


def live(tried: Tried) -> str:
    """Listen to live progress, where there is any."""
    ticket = _asked(tried, "POST", "/api/ws-ticket", wanted={201}).json
    if not ticket["url"]:
        return "no relay: everything is polled"
    offered = [Subprotocol(ticket["protocol"]), Subprotocol(ticket["ticket"])]
    origin = Origin(tried.guest.url)
    try:
        with connect(ticket["url"], origin=origin, subprotocols=offered, proxy=None, open_timeout=OPEN_S) as socket:
            said = json.loads(socket.recv(timeout=OPEN_S))
    except ConnectionClosed as closed:
        if not tried.has_page and closed.rcvd and closed.rcvd.code == WRONG_ORIGIN.code:
            return "the relay is there, and lets the editor's own pages in alone"
        raise Fault(f"the relay hangs up: {closed}") from closed
    except WebSocketException as refused:
        raise Fault(f"the relay refuses: {refused}") from refused
    _need("relay" in said, f"the relay begins with {said}")
    return f"the relay {said['relay']} says hello"


# Whether work is done, and shown to whoever has the link


def draft(tried: Tried) -> str:
    """Mark a clip and frame it without a network. The other framing is stopped: a GPU would be paid for."""
    (n, d), begin, clip = tried.facts["time_base"], tried.facts["in_pts"], uuid7()
    span = {"time_base": [n, d], "in_pts": begin, "out_pts": begin + d // n}
    marked = {"id": clip, "source_id": tried.source, "rating": 5} | span
    _asked(tried, "POST", f"/api/games/{tried.game}/clips", marked, wanted={201})
    _asked(tried, "POST", "/api/projects", {"id": tried.project, "clip_ids": [clip], "aspect": "1:1"}, wanted={201})
    asked = {"stage": "framing", "use_default_crops": True}
    jobs = _asked(tried, "POST", f"/api/projects/{tried.project}/exports", asked, wanted={202}).json["jobs"]
    for job in jobs:
        if not job["draft"]:
            _asked(tried, "DELETE", f"/api/jobs/{job['id']}")
    return _worked(tried, [job for job in jobs if job["draft"]])


def reel(tried: Tried) -> str:
    """Make the reel of the draft."""
    asked = {"stage": "overlay", "draft_will_do": True}
    jobs = _asked(tried, "POST", f"/api/projects/{tried.project}/exports", asked, wanted={202}).json["jobs"]
    told = _worked(tried, jobs)
    [made] = _asked(tried, "GET", "/api/reels").json["items"]
    tried.reel = made["id"]
    status, body = fetched(tried.guest.ask("GET", made["media"]).location, (0, 11))
    _need((status, body[4:8]) == (206, b"ftyp"), f"the store answers {status} for the reel")
    return told


def share(tried: Tried) -> str:
    """Show the reel to somebody who is not signed in; close the link again."""
    asked = {"id": uuid7(), "shown_name": "Smoke"}
    made = _asked(tried, "POST", f"/api/reels/{tried.reel}/shares", asked, wanted={201}).json
    path, stranger = f"/s/{made['url'].rpartition('/s/')[2]}", tried.guest.stranger()
    shown = stranger.ask("GET", path)
    _need(shown.status == 200 and b"<video" in shown.body, f"the shared page answers {shown.status}")
    _require_headers(shown, PRIVATE)
    _need(not shown.cookie, "the shared page sets a cookie")
    _asked(tried, "DELETE", f"/api/shares/{asked['id']}", wanted={200, 204})
    closed = stranger.ask("GET", path).status
    _need(closed == 410, f"a link that was closed answers {closed}")
    return "its page shows the reel, is private, and closes"


def leaving(tried: Tried) -> str:
    """Delete the account with all that it has."""
    _asked(tried, "DELETE", "/api/account", {"confirm": "delete"}, wanted={204})
    said = _asked(tried, "GET", "/api/session").json
    _need(said["user"] is None, "the guest is still signed in")
    return "nothing is left of the guest"


STEPS: Final[Sequence[Callable[[Tried], str]]] = (
    *(health, version, headers, refusals, page),
    *(guest, upload, footage, live),
    *(draft, reel, share),
)


def _asked(
    tried: Tried,
    method: str,
    path: str,
    body: Any = None,
    wanted: Collection[int] = (200,),
    more: Mapping[str, str] | None = None,
) -> Answer:
    more, ends_s = {"Idempotency-Key": uuid7(), **(more or {})}, time.monotonic() + BUSY_S
    answer = tried.guest.ask(method, path, body, more)
    while answer.status == 503 and "Retry-After" in answer.headers and time.monotonic() < ends_s:
        time.sleep(min(float(answer.headers["Retry-After"]), BUSY_S))  # as a page does that is told to come again
        answer = tried.guest.ask(method, path, body, more)
    if answer.status not in wanted:
        told = answer.json.get("message", "") if answer.kind == "application/json" else ""
        raise Fault(f"{method} {path} answers {answer.status} {told}".strip())
    return answer


def _worked(tried: Tried, jobs: Sequence[Mapping[str, Any]]) -> str:
    """Wait for jobs that have to succeed."""
    for job in jobs:
        ask = partial(_asked, tried, "GET", f"/api/jobs/{job['id']}")
        ended = _until(tried, lambda ask=ask: ask().json, lambda found: found["state"] in _ENDED)
        why = (ended.get("error") or {}).get("message", "")
        _need(ended["state"] == "done", f"the {ended['kind']} {ended['state']}: {why}")
    return f"{len(jobs)} done"


def _until(tried: Tried, ask: Callable[[], Any], holds: Callable[[Any], bool]) -> Any:
    ends_s = time.monotonic() + tried.patience_s
    while not holds(found := ask()):
        if time.monotonic() > ends_s:
            raise Fault(f"nothing came of it within {tried.patience_s:.0f} s: it is {found['state']}")
        time.sleep(ASK_EVERY_S)
    return found


def _require_headers(answer: Answer, wanted: Mapping[str, str]) -> None:
    lacking = [name for name, part in wanted.items() if part.lower() not in answer.headers.get(name, "").lower()]
    _need(not lacking, f"the answer lacks {', '.join(lacking)}")
