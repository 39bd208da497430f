"""Where the adapters meet the ports in the cloud; and the only place there that reads the environment."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import modal

from cloud.announce import Relay, announcing
from cloud.calls import Calls, Function
from cloud.dispatch import Dispatch
from cloud.entries import Entries
from cloud.hands import Hands
from cloud.images import PACKAGES
from cloud.inbox import Inbox
from cloud.ledger import DictLedger
from cloud.line import Line
from cloud.machines import METHODS
from cloud.sweeper import Sweeper
from cloud.turns import Turns
from cloud.watch import Post, Watch, WatchedJobs
from endpoints.policy import Policy, Rates
from endpoints.services import Services
from reel.errors import BadInput
from relay.signing import BadKeys, KeyRing
from relay.tickets import issue
from storage.clock import Clock
from storage.endpoint import Endpoint
from storage.objects import Objects
from storage.schema import MIGRATIONS
from storage.sessions import Sessions
from storage.userdb import UserDatabases

APP: Final = "reel-ballers-video"
SECRET: Final = "reel-ballers"  # noqa: S105 - its name
REQUIRED: Final = ("R2_ENDPOINT_URL", "R2_BUCKET_NAME", "R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY")
DICT: Final = "reel-ballers-jobs"
QUEUE: Final = "reel-ballers-inbox"
PAUSED: Final = "paused"
"""The entry of the Dict that closes exports for everybody, as long as it is there."""

FAN_OUT_S: Final = 60.0
"""Some six times what a GPU container is thought to take until it renders; to be mended by experiment E7."""
PORT: Final = 8000
QUOTA_BYTES: Final = 20 * 10**9
MOST_RUNNING_EXPORTS: Final = 3
_ROOT: Final = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator can set. docs/deploy.md lists it, a test compares."""

    bucket: Endpoint
    relay: Relay | None = None
    public_url: str | None = None
    """Where browsers find the editor, https://app.example.com; None: where the API itself is."""
    weights_dir: Path = Path("/weights")
    fan_out_s: float = FAN_OUT_S
    """A framing gets so many containers that each has about so much work."""


def settings_from(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings. Raises BadInput, which names all that are missing."""
    named = {
        "R2_ENDPOINT_URL": environ.get("R2_ENDPOINT_URL"),
        "R2_BUCKET_NAME": environ.get("R2_BUCKET_NAME"),
        "R2_ACCESS_KEY_ID": environ.get("R2_ACCESS_KEY_ID"),
        "R2_SECRET_ACCESS_KEY": environ.get("R2_SECRET_ACCESS_KEY"),
    }
    missing = [name for name, value in named.items() if not value]
    if missing:
        raise BadInput(f"The cloud needs a bucket: set {' and '.join(missing)}.")
    public_url = environ.get("PUBLIC_URL")
    return Settings(
        bucket=Endpoint(*(str(value) for value in named.values())),
        relay=_relay(environ.get("RELAY_URL"), environ.get("RELAY_KEYS")),
        public_url=public_url.rstrip("/") if public_url else None,
        weights_dir=weights_dir_from(environ),
        fan_out_s=_seconds("FAN_OUT_S", environ.get("FAN_OUT_S"), FAN_OUT_S),
    )


def weights_dir_from(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where the image keeps the weights: all that is read before a snapshot, in which no secret should be."""
    return Path(environ.get("REEL_WEIGHTS_DIR") or "/weights")


def port_from(environ: Mapping[str, str] = os.environ) -> int:
    """Return where an API that runs beside Modal is served. Raises BadInput."""
    text = environ.get("PORT") or str(PORT)
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 2**16):
        raise BadInput(f"PORT has to be a number from 1 to 65535, and is {text[:40]!r}.")
    return int(text)


def proxy_key_from(environ: Mapping[str, str] = os.environ) -> Mapping[str, str]:
    """Return the headers that Modal's door wants of whoever does not come through Pages. Raises BadInput for half."""
    told = {"Modal-Key": environ.get("MODAL_PROXY_KEY"), "Modal-Secret": environ.get("MODAL_PROXY_SECRET")}
    given = {name: value for name, value in told.items() if value}
    if len(given) == 1:
        raise BadInput("Set both MODAL_PROXY_KEY and MODAL_PROXY_SECRET, or neither.")
    return given


def _seconds(name: str, text: str | None, default: float) -> float:
    try:
        seconds = float(text) if text else default
    except ValueError:
        seconds = 0.0
    if not (0 < seconds < inf):
        raise BadInput(f"{name} has to be a number of seconds above 0, and is {(text or '')[:40]!r}.")
    return seconds


def _relay(url: str | None, keys: str | None) -> Relay | None:
    if not url and not keys:
        return None
    if not url or not keys:
        raise BadInput(f"To use a relay, set {'RELAY_KEYS' if url else 'RELAY_URL'} too.")
    try:
        return Relay(url.rstrip("/"), KeyRing.parse(keys))
    except BadKeys as fault:
        raise BadInput(f"RELAY_KEYS: {fault}") from fault


@dataclass(frozen=True, slots=True)
class Wired:
    """What every container of ours is made of."""

    settings: Settings
    objects: Objects
    hands: Hands
    dispatch: Dispatch
    open_jobs: WatchedJobs
    inbox: Inbox
    entries: Entries
    post: Post
    clock: Clock


@contextmanager
def wired(settings: Settings, function: Function, line: Line | None = None) -> Generator[Wired]:
    """Wire one process up; `function` gives the handles of the app's functions, `line` asks Modal and is closed."""
    clock = Clock()
    with ExitStack() as stack:
        line = stack.enter_context(closing(line or Line()))
        objects = stack.enter_context(closing(Objects(settings.bucket)))
        announce = stack.enter_context(announcing(settings.relay))
        cache = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="databases-")))
        entries = Entries(modal.Dict.from_name(DICT, create_if_missing=True), line)
        inbox = Inbox(modal.Queue.from_name(QUEUE, create_if_missing=True), line)
        calls, post = Calls(function, line), Post(entries, clock.time_s)
        ledger = DictLedger(entries)
        hands = Hands(ledger, Turns(entries), calls, objects, inbox, announce, clock.time_s)
        dispatch = Dispatch(hands, Sweeper(hands))
        databases = UserDatabases(objects, MIGRATIONS, cache)
        open_jobs = WatchedJobs(databases, objects, dispatch, clock, post, calls)
        yield Wired(settings, objects, hands, dispatch, open_jobs, inbox, entries, post, clock)


def services(wired: Wired, api_url: str) -> Services:
    """Return what the API is made of; `api_url` is where Modal serves it."""
    relay, clock = wired.settings.relay, wired.clock
    public = wired.settings.public_url or api_url
    policy = Policy(
        home="cloud",
        origins=frozenset({public, api_url}),
        hosts=frozenset({urlsplit(public).netloc, urlsplit(api_url).netloc}),
        secure_cookie=public.startswith("https:"),
        shows_money=True,
        look=lambda: "crisp",
        quota_bytes=QUOTA_BYTES,
        most_running_exports=MOST_RUNNING_EXPORTS,
        exports_open=lambda: wired.entries.read(PAUSED)[0] is None,
        rates=Rates(),
        address_header="x-reel-address",  # written by the Pages Function, without whose key nobody gets here
        socket_url=lambda _host: relay.socket_url if relay else "",
    )
    return Services(
        databases=wired.open_jobs.databases,
        objects=wired.objects,
        dispatch=wired.dispatch,
        open_jobs=wired.open_jobs,
        sessions=Sessions(wired.objects, clock),
        ticket=lambda user: issue(relay.keys, user, clock.time_s()) if relay else "",
        signer=lambda _host: wired.objects,
        policy=policy,
        clock=clock,
        version=version(),
    )


def watch(wired: Wired) -> Watch:
    """Return a watch."""
    return Watch(wired.open_jobs, wired.dispatch, wired.objects, wired.inbox, wired.post, wired.clock.time_s)


def version() -> str:
    """Return what tells one release from another, the same in its containers and in the checkout that it is made of.

    An open editor notices a new one by it, and a deploy that it is there.
    """
    digest = hashlib.sha256()
    for path in sorted(path for package in PACKAGES for path in (_ROOT / package).glob("*.py")):
        digest.update(path.read_bytes())
    return f"cloud-{digest.hexdigest()[:12]}"


def by_name(name: str) -> Callable[[str], object]:
    """Return what looks the functions of a deployed app up: for an API that runs elsewhere."""

    def function(called: str) -> object:
        if called in METHODS:
            return getattr(modal.Cls.from_name(name, "Framing")(), METHODS[called])
        return modal.Function.from_name(name, called)

    return function
