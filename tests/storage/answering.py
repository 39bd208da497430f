"""A store at the other end of a wire that answers what a test wrote down, and notes what it was asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from storage.endpoint import Endpoint
from storage.objects import Objects


@dataclass(frozen=True)
class Said:
    """One answer: a status and S3's code, or a body; None for `status` hangs up without a word."""

    status: int | None
    code: str = ""
    body: bytes = b""
    claims_bytes: int | None = None


@dataclass
class Wire:
    """The answers to come, the last of them again and again, and the requests that came."""

    answers: list[Said]
    asked: list[str] = field(default_factory=list)


@contextmanager
def answering(*answers: Said) -> Iterator[tuple[Objects, Wire]]:
    """Run such a store, and give the objects on it."""
    wire = Wire(list(answers))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            self.rfile.read(int(self.headers.get("content-length", 0)))
            wire.asked.append(self.command)
            said = wire.answers.pop(0) if len(wire.answers) > 1 else wire.answers[0]
            self.close_connection = True
            if said.status is None:
                return
            told = f"<Error><Code>{said.code}</Code><Message>.</Message></Error>" if said.code else ""
            body = said.body or told.encode()
            self.send_response(said.status)
            self.send_header("content-length", str(said.claims_bytes or len(body)))
            self.send_header("etag", '"e"')
            self.send_header("connection", "close")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    objects = Objects(Endpoint(f"http://127.0.0.1:{server.server_port}", "bucket", "a", "b"))
    try:
        yield objects, wire
    finally:
        objects.close()
        server.shutdown()
        server.server_close()
        thread.join()
