"""The web server of the API: uvicorn in a thread of its own, which stops when it is told to."""

from __future__ import annotations

import gc
import socket
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from endpoints.app import routes
from endpoints.editor import Editor
from endpoints.front import Front
from endpoints.services import Services
from local.doorbell import MOST_SAID_BYTES, PING_S
from reel.errors import Internal

_WARM_S: Final = 10.0
_STOP_S: Final = 3.0  # what is being answered ends by then, or is left


class Server(uvicorn.Server):
    """uvicorn, in a thread."""

    def __init__(self, app: ASGIApp, sockets: Sequence[socket.socket]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=H11Protocol,
                ws=WebSocketsSansIOProtocol,
                ws_max_size=MOST_SAID_BYTES,
                ws_ping_interval=PING_S,
                ws_ping_timeout=PING_S,
                ws_per_message_deflate=False,
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=30,
                timeout_graceful_shutdown=2,
            )
        )
        self._sockets = list(sockets)
        self._thread = threading.Thread(target=self.run, args=(self._sockets,), name="server", daemon=True)

    def begin(self) -> None:
        """Serve; return when it answers. Raises Internal."""
        self._thread.start()
        while not self.started:
            if not self._thread.is_alive():
                raise Internal("The web server did not start.")
            time.sleep(0.01)

    def warm_up(self) -> None:
        """Get done what the first requests would wait for.

        FastAPI makes a router's routes when they are first looked through, in 0.6 s: so ask for what is not there.
        """
        line = HTTPConnection(*self._sockets[0].getsockname()[:2], timeout=_WARM_S)
        with closing(line), suppress(OSError, HTTPException):
            line.request("GET", "/api/none")
            line.getresponse().read()
        gc.collect()
        gc.freeze()  # or a full collection looks through all that FastAPI is made of: 0.1 s without an answer

    def is_alive(self) -> bool:
        """Say whether it serves."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Let nobody in any more, and those that are in go."""
        self.should_exit = True

    def wait(self) -> None:
        """Wait until it has stopped."""
        self._thread.join(_STOP_S)


@contextmanager
def served(app: ASGIApp, sockets: Sequence[socket.socket]) -> Generator[Server]:
    """Serve an app at sockets that listen, for as long as the block lasts."""
    server = Server(app, sockets)
    server.begin()
    try:
        yield server
    finally:
        server.stop()
        server.wait()


def api_of(services: Services, editor: Path, elsewhere: Callable[[str], tuple[str, str]]) -> ASGIApp:
    """Return the API with the editor's folder at its root, behind one front; `elsewhere` as Editor takes it."""
    return Front(Editor(editor, routes(services), elsewhere), services.policy)
