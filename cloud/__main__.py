"""python -m cloud serve: the API here, the work on Modal, by the deployed app. And experiments that need no account."""

from __future__ import annotations

import sys
from typing import Final

import uvicorn

from cloud.experiments import run_here
from cloud.line import REFUSED
from cloud.logs import log_to_stdout
from cloud.wiring import APP, Wired, by_name, port_from, services, settings_from, wired
from endpoints.app import create_api
from reel.errors import BadInput, ReelError, StoreUnavailable

USAGE: Final = "Usage: python -m cloud serve | experiment NAME [FRAMES]\n"
TIMES: Final = 3
FRAMES: Final = 50


def main(arguments: list[str]) -> int:
    """Serve until Ctrl-C; return the exit code."""
    if arguments[:1] == ["experiment"] and 2 <= len(arguments) <= 3:
        return _experiment(arguments[1], arguments[2] if len(arguments) == 3 else str(FRAMES))
    if arguments != ["serve"]:
        sys.stderr.write(USAGE)
        return 2
    try:
        settings, port = settings_from(), port_from()
    except ReelError as fault:
        sys.stderr.write(f"{fault.message}\n")
        return 1
    with wired(settings, by_name(APP)) as home:
        try:
            _require_modal(home)
        except BadInput as fault:
            sys.stderr.write(f"{fault.message}\n")
            return 1
        log_to_stdout()
        api = create_api(services(home, f"http://localhost:{port}"))
        sys.stdout.write(f"Reel Ballers is at http://localhost:{port}, its work on Modal. Ctrl-C stops it.\n")
        sys.stdout.flush()
        uvicorn.run(api, host="127.0.0.1", port=port, log_config=None, access_log=False)
    return 0


def _experiment(name: str, frames: str) -> int:
    try:
        if not (frames.isascii() and frames.isdecimal() and int(frames) >= 2):
            raise BadInput(f"FRAMES has to be a number from 2 on, and is {frames[:40]!r}.")
        run_here(name, TIMES, int(frames))
    except ReelError as fault:
        sys.stderr.write(f"{fault.message}\n")
        return 1
    return 0


def _require_modal(home: Wired) -> None:
    """Raise BadInput where Modal does not want us, or has no app of ours. One that is away may come back."""
    try:
        deployed = home.hands.calls.is_deployed()
    except StoreUnavailable as fault:
        if fault.message == REFUSED:
            raise BadInput(
                f"{fault.message} Set MODAL_TOKEN_ID and MODAL_TOKEN_SECRET, or run: modal token new"
            ) from fault
        sys.stderr.write(f"{fault.message} Until it does nothing is accepted that needs it.\n")
        return
    if not deployed:
        raise BadInput(f"There is no app {APP} at Modal yet: modal deploy app.py")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
