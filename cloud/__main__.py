"""python -m cloud serve: the API here, the work on Modal, by the deployed app."""

from __future__ import annotations

import sys
from typing import Final

import uvicorn

from cloud.logs import log_to_stdout
from cloud.wiring import APP, by_name, port_from, services, settings_from, wired
from endpoints.app import create_api
from reel.errors import ReelError

USAGE: Final = "Usage: python -m cloud serve\n"


def main(arguments: list[str]) -> int:
    """Serve until Ctrl-C; return the exit code."""
    if arguments != ["serve"]:
        sys.stderr.write(USAGE)
        return 2
    try:
        settings, port = settings_from(), port_from()
    except ReelError as fault:
        sys.stderr.write(f"{fault.message}\n")
        return 1
    log_to_stdout()
    with wired(settings, by_name(APP)) as home:
        api = create_api(services(home, f"http://localhost:{port}"))
        uvicorn.run(api, host="127.0.0.1", port=port, log_config=None, access_log=False)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
