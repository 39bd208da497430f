"""A stand-in for Modal's control plane: the real command line and the real container entrypoint talk to it.

Behind the exact pin of `modal` in requirements/cloud.txt: the protocol is private and moves. It proves that an app
deploys, that its containers import what was shipped, and what becomes of calls, dicts and queues. It proves nothing of
image builds, GPUs, snapshots, networks that are blocked, nor of limits and prices.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Coroutine, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from grpclib import GRPCError, Status
from grpclib.const import Cardinality, Handler
from grpclib.server import Server
from modal_proto import api_pb2
from modal_proto.api_grpc import ModalClientBase

from tests.modal_standin.calling import Calling
from tests.modal_standin.deploying import Deploying
from tests.modal_standin.fleet import Fleet
from tests.modal_standin.records import Account, Call, Container, Function
from tests.modal_standin.serving import Serving
from tests.modal_standin.web import Web

T = TypeVar("T")
TOKEN = "ak-standin"
"""The one that it knows. Containers have none: each is known by its socket."""
_log = logging.getLogger(__name__)
_PROTOCOL = type("Protocol", (ModalClientBase,), dict.fromkeys(ModalClientBase.__abstractmethods__))().__mapping__()


class Service(Deploying, Calling, Serving):
    """The control plane, as clients see it, or as one container does."""

    def __init__(self, account: Account, fleet: Fleet | None, web: Web, container: Container | None = None) -> None:
        self.account, self.fleet, self.web, self.container = account, fleet, web, container

    def __mapping__(self) -> Mapping[str, Handler]:
        return {path: self._handler(path.rpartition("/")[2], handler) for path, handler in _PROTOCOL.items()}

    def _handler(self, name: str, handler: Handler) -> Handler:
        answer: Any = getattr(self, name, None)

        async def unary(stream: Any) -> None:
            await stream.send_message(await answer(await self._asked(name, stream)))

        async def streamed(stream: Any) -> None:
            async for message in answer(await self._asked(name, stream)):
                await stream.send_message(message)

        async def unknown(stream: Any) -> None:
            self.account.broken.append(f"{name} is not known here")
            raise GRPCError(Status.UNIMPLEMENTED, name)

        known = streamed if handler.cardinality is Cardinality.UNARY_STREAM else unary
        return handler._replace(func=self._logged(name, known if answer else unknown))

    def _logged(self, name: str, func: Any) -> Any:
        async def call(stream: Any) -> None:
            try:
                await func(stream)
            except (GRPCError, asyncio.CancelledError):
                raise
            except Exception:  # it would become a code that the client tries again and again, without a word
                self.account.broken.append(name)
                _log.exception("the stand-in failed at %s", name)
                raise

        return call

    async def _asked(self, name: str, stream: Any) -> Any:
        if self.container is None and (stream.metadata or {}).get("x-modal-token-id") != TOKEN:
            raise GRPCError(Status.UNAUTHENTICATED, "Token ID is malformed or unknown.")
        self.account.asked.append(name)
        return await stream.recv_message()


@dataclass
class Standin:
    """A running stand-in: how to reach it, and what a test does to it."""

    account: Account
    fleet: Fleet
    url: str
    loop: asyncio.AbstractEventLoop

    def environ(self) -> dict[str, str]:
        """Return the environment in which Modal's client finds the stand-in, and nothing of the machine's own."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MODAL_")}
        return kept | {
            "MODAL_SERVER_URL": self.url,
            "MODAL_TOKEN_ID": TOKEN,
            "MODAL_TOKEN_SECRET": "as-standin",
            "MODAL_CONFIG_PATH": str(self.account.folder / "none.toml"),
            "MODAL_ENVIRONMENT": "main",
        }

    def cli(self, *arguments: str, cwd: Path, timeout_s: float = 180, environ: Mapping[str, str] = {}) -> str:
        """Run the real `modal` command line; return what it printed. Raises AssertionError with it if it failed."""
        ran = subprocess.run(
            [sys.executable, "-m", "modal", *arguments],
            cwd=cwd,
            env=self.environ() | dict(environ),
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        told = ran.stdout + ran.stderr
        assert ran.returncode == 0, told
        return told

    def function(self, app: str, name: str) -> Function:
        """Return a deployed function."""
        return self.account.deployed[app].functions[name]

    def web_url(self, app: str, name: str) -> str:
        """Return where a deployed function answers HTTP."""
        return self.function(app, name).metadata.web_url

    def trigger(self, app: str, name: str) -> Call:
        """Call a function as its schedule would."""

        async def call() -> Call:
            made = Call(self.account.fresh("fc"), self.function(app, name))
            self.account.calls[made.id] = made
            empty = api_pb2.FunctionInput(data_format=api_pb2.DATA_FORMAT_PICKLE)
            await self.fleet.put(made, [api_pb2.FunctionPutInputsItem(idx=0, input=empty)])
            return made

        return self.run(call())

    def containers(self, app: str, name: str) -> list[Container]:
        """Return the containers of a function that live."""
        return [each for each in self.function(app, name).containers if each.alive]

    def kill(self, container: Container, sign: int = signal.SIGKILL) -> None:
        """End a container without a word."""
        self.loop.call_soon_threadsafe(self.fleet.kill, container, sign)

    def expire(self, call_id: str) -> None:
        """Forget the outputs of a call, as Modal does after seven days."""

        async def forget() -> None:
            self.account.calls[call_id].expired = True
            await self.account.calls[call_id].tell()

        self.run(forget())

    def wipe(self) -> None:
        """Lose what all dicts and queues hold."""

        async def lose() -> None:
            for each in (*self.account.dicts.values(), *self.account.queues.values()):
                each.clear()

        self.run(lose())

    def log(self, app: str) -> str:
        """Return what an app's containers wrote."""
        return "".join(each.data for each in self.account.deployed[app].log)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something where the stand-in lives."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)


@contextmanager
def running(folder: Path) -> Generator[Standin]:
    """Run a stand-in in a thread for as long as the block lasts."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="modal stand-in", daemon=True)
    thread.start()

    async def start() -> tuple[Standin, Server, Web]:
        account = Account(folder)
        web = Web(account)
        fleet = Fleet(account, lambda container: Service(account, fleet, web, container))
        web.put = fleet.put
        server = Server([Service(account, fleet, web)])
        await server.start("127.0.0.1", 0)
        listening: Any = server._server
        port = listening.sockets[0].getsockname()[1]
        await web.start()
        return Standin(account, fleet, f"http://127.0.0.1:{port}", loop), server, web

    async def stop(server: Server, web: Web, fleet: Fleet) -> None:
        await fleet.close()
        await web.close()
        server.close()
        await server.wait_closed()
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    standin, server, web = asyncio.run_coroutine_threadsafe(start(), loop).result(30)
    try:
        yield standin
    finally:
        asyncio.run_coroutine_threadsafe(stop(server, web, standin.fleet), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
