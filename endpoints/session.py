"""The session: which account this browser is in, and the ways into one from another device."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Annotated, Literal, TypeAlias

import segno
from fastapi import APIRouter, Request, Response
from pydantic import Field

from endpoints.caller import Caller, Reading, Writing, moment
from endpoints.errors import errors
from endpoints.models import USUAL_LIMIT, After, Asked, Limit, Listed, Moment, PathId, Shown
from endpoints.policy import Policy
from reel.refusals import AccountNotEmpty, Refused, WrongOrigin
from relay.protocol import SUBPROTOCOL
from storage.logins import Logins
from storage.pages import LAST_TEXT, page_of, place
from storage.sessions import Device, Session, user_since
from storage.usage import usage

router = APIRouter(tags=["session"])

LeaveBehind: TypeAlias = Annotated[
    bool, Field(description="true: what this browser's own guest has may be left behind, for good")
]


class UserOut(Shown):
    """Whose account this is."""

    guest: Annotated[bool, Field(description="known by their devices and recovery code alone")]
    since: Moment | None


class DeviceOut(Shown):
    """A device that is signed in."""

    id: str
    name: Annotated[str, Field(examples=["Safari on iPhone"])]
    since: Moment
    seen_at: Annotated[Moment, Field(description="to the day")]
    this: Annotated[bool, Field(description="whether it is the one that asks")]


class SessionOut(Shown):
    """Who this browser is. Without a user it becomes a guest with its first write."""

    user: UserOut | None
    device_id: str | None
    recoverable: Annotated[bool, Field(description="whether a recovery code gets the account back")]


class LinkOut(Shown):
    """A link into this account, for another device: it opens once."""

    url: Annotated[str, Field(examples=["https://app.reelballers.com/join#Zb2x0y6rN5vYkq0D8sT1Wg"])]
    qr_svg: Annotated[str, Field(description="the same as a picture")]
    expires_at: Moment


class Joining(Asked):
    """A link, as another device showed it."""

    token: Annotated[str, Field(max_length=200, description="what stands behind the # of the link's address")]
    leave_behind: LeaveBehind = False


class Recovering(Asked):
    """A recovery code, however it is typed."""

    code: Annotated[str, Field(max_length=200, examples=["7K3M-2QXN-0VZ8-H5RT-WA6J-9PGC-4DYE"])]
    leave_behind: LeaveBehind = False


class TicketOut(Shown):
    """How to listen to live progress: the ticket is said as a subprotocol, beside `protocol`, within a minute."""

    ticket: str
    url: Annotated[str, Field(examples=["wss://ws.reelballers.com/ws"])]
    protocol: Literal["reel.v1"] = SUBPROTOCOL


@router.get("/api/session", summary="Who am I?")
def read_session(caller: Reading) -> SessionOut:
    """Return who this browser is. A session of some age is replaced by a fresh one on the way."""
    if caller.session and (token := caller.services.sessions.renewed(caller.session)):
        caller.sign_in(token)
    return _session_out(caller, caller.session.user if caller.session else None, caller.session)


@router.delete("/api/session", summary="Sign out", status_code=204)
def sign_out(caller: Writing) -> Response:
    """Sign this browser out. A guest without another device or a recovery code loses everything: warn them first."""
    if caller.session:
        caller.services.sessions.end(caller.session)
    caller.sign_out()
    return Response(status_code=204)


@router.get("/api/session/devices", summary="List devices")
def list_devices(caller: Reading, after: After = None, limit: Limit = USUAL_LIMIT) -> Listed[DeviceOut]:
    """Return the devices that are signed in, those that came last first."""
    if caller.session is None:
        return Listed[DeviceOut](items=(), next=None)
    behind = place(after, (LAST_TEXT, LAST_TEXT))
    found = [one for one in caller.services.sessions.devices(caller.session.user) if _place(one) < behind]
    page = page_of(found, limit, _place)
    shown = tuple(_device_out(device, caller.session.device_id) for device in page.items)
    return Listed[DeviceOut](items=shown, next=page.next)


@router.delete("/api/session/devices/{device_id}", summary="Sign a device out", status_code=204, responses=errors(404))
def sign_device_out(caller: Writing, device_id: PathId) -> Response:
    """Sign one of this account's devices out; elsewhere it may take half a minute until that is known."""
    caller.services.sessions.end_device(caller.user, device_id)
    return Response(status_code=204)


@router.post("/api/session/links", summary="Let another device in", status_code=201)
def make_link(caller: Writing) -> LinkOut:
    """Make a link into this account: for one device, within ten minutes."""
    token, expires_s = logins_of(caller).link(caller.owner())
    url = f"{origin_of(caller.services.policy, caller.host)}/join#{token}"
    return LinkOut(url=url, qr_svg=qr_of(url), expires_at=moment(expires_s))


@router.post("/api/session/join", summary="Come in by a link", responses=errors(409))
def join(caller: Writing, asked: Joining) -> SessionOut:
    """Let this browser into the account that a link is of. It opens for exactly one; else it says `link_unusable`."""
    caller.limiter.take("sign_ins", caller.address)
    logins = logins_of(caller)
    user = logins.linked(asked.token, caller.operation.id)
    _require_nothing_lost(caller, user, leave_behind=asked.leave_behind)
    logins.open(asked.token, caller.operation.id)
    return _entered(caller, user)


@router.post("/api/session/recover", summary="Come in by a recovery code", responses=errors(409))
def recover(caller: Writing, asked: Recovering) -> SessionOut:
    """Let this browser into the account that a recovery code is of. The code stays good."""
    caller.limiter.take("sign_ins", caller.address)
    user = logins_of(caller).recovered(asked.code)
    _require_nothing_lost(caller, user, leave_behind=asked.leave_behind)
    return _entered(caller, user)


@router.post("/api/ws-ticket", summary="Ask for a ticket to live progress", status_code=201)
def make_ticket(caller: Writing, request: Request) -> TicketOut:
    """Return a ticket with which this browser may listen: good for a minute, once. Only a page of ours gets one."""
    if request.headers.get("origin") not in caller.services.policy.origins:
        raise WrongOrigin
    if caller.session is None:
        raise Refused("There is nothing to listen to yet.")
    url = caller.services.policy.socket_url(caller.host)
    return TicketOut(ticket=caller.services.ticket(caller.session.user), url=url)


def logins_of(caller: Caller) -> Logins:
    """Return the ways in."""
    return Logins(caller.services.objects, caller.services.clock)


def qr_of(url: str) -> str:
    """Return an address as a QR code, an SVG."""
    picture = io.BytesIO()
    segno.make(url, error="m", micro=False).save(picture, kind="svg", xmldecl=False, scale=4, border=4, light="white")
    return picture.getvalue().decode()


def origin_of(policy: Policy, host: str) -> str:
    """Return where another device finds this site: as it was asked, but not under a name of this machine alone."""
    scheme = "https" if policy.secure_cookie else "http"
    if _is_loopback(host):
        host = next((other for other in sorted(policy.hosts) if not _is_loopback(other)), host)
    return f"{scheme}://{host}"


def _entered(caller: Caller, user: str) -> SessionOut:
    """Give this browser a session of its own of a user; the one that it had ends."""
    sessions = caller.services.sessions
    token = sessions.begin(user, caller.device)
    if caller.session:
        sessions.end(caller.session)
    caller.sign_in(token)
    return _session_out(caller, user, sessions.of(token))


def _require_nothing_lost(caller: Caller, user: str, *, leave_behind: bool) -> None:
    """Raise AccountNotEmpty if this browser would leave things behind that it did not say it would."""
    if leave_behind or caller.session is None or caller.session.user == user:
        return
    left = caller.read(usage)
    if left.games or left.projects or left.reels:
        raise AccountNotEmpty(games=left.games, projects=left.projects, reels=left.reels)


def _session_out(caller: Caller, user: str | None, session: Session | None) -> SessionOut:
    if user is None or session is None:
        return SessionOut(user=None, device_id=None, recoverable=False)
    since = user_since(user)
    return SessionOut(
        user=UserOut(guest=True, since=moment(since.timestamp()) if since else None),
        device_id=session.device_id,
        recoverable=logins_of(caller).recoverable(user),
    )


def _device_out(device: Device, this: str) -> DeviceOut:
    seen_at = datetime.fromtimestamp(device.seen_s, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return DeviceOut(
        id=device.id,
        name=device.name,
        since=moment(device.begun_s),
        seen_at=moment(seen_at.timestamp()),
        this=device.id == this,
    )


def _place(device: Device) -> tuple[str, str]:
    return moment(device.begun_s), device.id


def _is_loopback(host: str) -> bool:
    name = host.rpartition(":")[0] or host
    try:
        return ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return name == "localhost"
