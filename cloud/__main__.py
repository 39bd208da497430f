"""python -m cloud COMMAND: the API here with its work on Modal, and what a deploy needs.

serve                            the API and the editor here, the work on Modal, by the deployed app
experiment NAME [FRAMES]         an experiment that needs no account
version, url                     the release that this checkout is; where the deployed API answers
smoke [URL] [VERSION]            tries a running service from outside
bucket                           gives the bucket its rules
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import modal
import modal.exception
import uvicorn

from cloud.experiments import run_here
from cloud.guest import Guest
from cloud.line import REFUSED
from cloud.logs import log_to_stdout
from cloud.outside import Wrong, smoke
from cloud.wiring import (
    APP,
    Wired,
    by_name,
    port_from,
    proxy_key_from,
    services,
    settings_from,
    version,
    wired,
)
from endpoints.app import routes
from endpoints.editor import Editor
from endpoints.front import Front
from reel.errors import BadInput, ReelError, StoreUnavailable
from storage.rules import set_rules

USAGE: Final = (
    "Usage: python -m cloud serve | experiment NAME [FRAMES] | version | url | smoke [URL] [VERSION] | bucket\n"
)
TIMES: Final = 3
FRAMES: Final = 50
EDITOR: Final = Path(__file__).resolve().parent.parent / "web/out"
"""What `./run up` built before it started this."""
_TOKEN: Final = "Set MODAL_TOKEN_ID and MODAL_TOKEN_SECRET, or run: modal token new"  # noqa: S105 - a sentence
_NOT_DEPLOYED: Final = f"There is no app {APP} at Modal yet: modal deploy app.py"


def main(arguments: list[str]) -> int:
    """Serve until Ctrl-C; return the exit code."""
    match arguments:
        case ["experiment", name]:
            return _told(lambda: _experiment(name, str(FRAMES)))
        case ["experiment", name, frames]:
            return _told(lambda: _experiment(name, frames))
        case ["version"]:
            return _told(lambda: _say(version()))
        case ["url"]:
            return _told(lambda: _say(_deployed_url()))
        case ["smoke", *rest] if len(rest) <= 2:
            return _told(lambda: _smoke(*rest))
        case ["bucket"]:
            return _told(_bucket)
        case ["serve"]:
            return _told(_serve)
        case _:
            sys.stderr.write(USAGE)
            return 2


def _told(command: Callable[[], None]) -> int:
    try:
        command()
    except ReelError as fault:
        sys.stderr.write(f"{fault.message}\n")
        return 1
    except Wrong as wrong:
        sys.stderr.write(f"FAILED {wrong}\n")
        return 1
    return 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _smoke(url: str = "", release: str = "") -> None:
    """Try a service from outside; what is not said is this machine's, of any release. Raises Wrong, BadInput."""
    url = url.rstrip("/") or f"http://localhost:{port_from()}"
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc:
        raise BadInput(f"A service is at an address like https://app.example.com, and not at {url[:80]!r}.")
    _say(f"Trying {url}")
    smoke(Guest(url, proxy_key_from()), release or None, _say)
    _say("All is well.")


def _bucket() -> None:
    """Give the bucket its rules; say what was changed. Raises BadInput, StoreUnavailable."""
    settings = settings_from()
    if settings.public_url is None:
        raise BadInput("Whose page may reach the bucket? Set PUBLIC_URL, as https://app.example.com.")
    for line in set_rules(settings.bucket, [settings.public_url]):
        _say(line)


def _serve() -> None:
    """Serve until Ctrl-C. Raises BadInput."""
    settings, port = settings_from(), port_from()
    with wired(settings, by_name(APP)) as home:
        _require_modal(home)
        log_to_stdout()
        made = services(home, f"http://localhost:{port}")
        relay = settings.relay.socket_url.removesuffix("/ws") if settings.relay else ""
        api = Front(Editor(EDITOR, routes(made), lambda _host: (settings.bucket.url, relay)), made.policy)
        _say(f"Reel Ballers is at http://localhost:{port}, its work on Modal. Ctrl-C stops it.")
        uvicorn.run(api, host="127.0.0.1", port=port, log_config=None, access_log=False)


def _experiment(name: str, frames: str) -> None:
    if not (frames.isascii() and frames.isdecimal() and int(frames) >= 2):
        raise BadInput(f"FRAMES has to be a number from 2 on, and is {frames[:40]!r}.")
    run_here(name, TIMES, int(frames))


def _deployed_url() -> str:
    """Return where the deployed API answers. Raises BadInput where Modal does not want us, or has no app of ours."""
    try:
        url = modal.Function.from_name(APP, "api").get_web_url()
    except modal.exception.NotFoundError:
        url = None
    except (modal.exception.AuthError, modal.exception.PermissionDeniedError) as refused:
        raise BadInput(f"{REFUSED} {_TOKEN}") from refused
    except (modal.exception.Error, OSError) as away:
        raise StoreUnavailable("Modal did not answer.") from away
    if url is None:
        raise BadInput(_NOT_DEPLOYED)
    return url


def _require_modal(home: Wired) -> None:
    """Raise BadInput where Modal does not want us, or has no app of ours. One that is away may come back."""
    try:
        deployed = home.hands.calls.is_deployed()
    except StoreUnavailable as fault:
        if fault.message == REFUSED:
            raise BadInput(f"{fault.message} {_TOKEN}") from fault
        sys.stderr.write(f"{fault.message} Until it does nothing is accepted that needs it.\n")
        return
    if not deployed:
        raise BadInput(_NOT_DEPLOYED)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
