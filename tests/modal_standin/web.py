"""The web: each ASGI function at a port of its own, every request a call; and blobs, which are too large for gRPC."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Awaitable, Callable, Sequence
from hashlib import md5
from typing import Any

from aiohttp import web
from modal_proto import api_pb2

from tests.modal_standin.records import Account, Call, Function

LONGEST_S = 150.0  # Modal breaks longer requests off with a 303


class Web:
    """HTTP on loopback."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.put: Callable[[Call, Sequence[Any]], Awaitable[Any]] = _nobody
        self._runners: list[web.AppRunner] = []
        self._addresses: dict[str, str] = {}
        self.blob_url = ""

    async def start(self) -> None:
        """Serve blobs."""
        app = web.Application(client_max_size=2**30)
        app.router.add_put("/{blob}", self._put_blob)
        app.router.add_get("/{blob}", self._get_blob)
        self.blob_url = await self._serve(app)

    async def address(self, function: Function) -> str:
        """Return where a function is served; an address stays over deployments."""
        if function.id not in self._addresses:
            app = web.Application(client_max_size=2**30)

            async def answer(request: web.Request) -> web.StreamResponse:
                return await self._answer(function, request)

            app.router.add_route("*", "/{path:.*}", answer)
            self._addresses[function.id] = await self._serve(app)
        return self._addresses[function.id]

    async def close(self) -> None:
        """Stop serving."""
        for runner in self._runners:
            await runner.cleanup()

    async def _serve(self, app: web.Application) -> str:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        self._runners.append(runner)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    async def _put_blob(self, request: web.Request) -> web.Response:
        body = self._account.blobs[request.match_info["blob"]] = await request.read()
        return web.Response(headers={"ETag": f'"{md5(body).hexdigest()}"'})

    async def _get_blob(self, request: web.Request) -> web.Response:
        return web.Response(body=self._account.blobs[request.match_info["blob"]])

    async def _answer(self, function: Function, request: web.Request) -> web.StreamResponse:
        """Make a call of a request, and an answer of what the call puts out."""
        call = Call(self._account.fresh("fc"), function)
        self._account.calls[call.id] = call
        body = api_pb2.Asgi(http_request=api_pb2.Asgi.HttpRequest(body=await request.read(), more_body=False))
        call.data_in.append(_chunk(1, body))
        item = api_pb2.FunctionPutInputsItem(
            idx=0,
            input=api_pb2.FunctionInput(
                args=pickle.dumps(((_scope(request),), {})), data_format=api_pb2.DATA_FORMAT_PICKLE
            ),
        )
        await self.put(call, [item])
        try:
            return await asyncio.wait_for(_answered(call, request), LONGEST_S)
        except TimeoutError:
            return web.Response(status=303, headers={"Location": f"{request.path}?__modal_function_call_id={call.id}"})
        finally:
            call.data_in.append(_chunk(2, api_pb2.Asgi(http_disconnect=api_pb2.Asgi.HttpDisconnect())))
            await call.tell()


async def _answered(call: Call, request: web.Request) -> web.StreamResponse:
    answer: web.StreamResponse | None = None
    read = 0
    while True:
        async with call.changed:
            while len(call.data_out) <= read and call.unfinished:
                await call.changed.wait()
        if len(call.data_out) <= read:
            return answer or web.Response(status=500, text="modal-http: the function failed")
        for chunk in call.data_out[read:]:
            read += 1
            message = api_pb2.Asgi.FromString(chunk.data)
            if message.HasField("http_response_start"):
                flat = message.http_response_start.headers
                answer = web.StreamResponse(status=message.http_response_start.status)
                for name, value in zip(flat[::2], flat[1::2], strict=True):
                    answer.headers.add(_text(name), _text(value))
                await answer.prepare(request)
            elif message.HasField("http_response_body") and answer:
                await answer.write(message.http_response_body.body)
                if not message.http_response_body.more_body:
                    await answer.write_eof()
                    return answer


def _scope(request: web.Request) -> dict[str, Any]:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": request.path,
        "query_string": request.rel_url.raw_query_string.encode(),
        "headers": [(name.lower(), value) for name, value in request.raw_headers],
        "client": ("127.0.0.1", 1),
    }


async def _nobody(_call: Call, _items: Sequence[Any]) -> None:
    """Nobody answers yet."""


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _chunk(index: int, message: Any) -> Any:
    return api_pb2.DataChunk(data_format=api_pb2.DATA_FORMAT_ASGI, data=message.SerializeToString(), index=index)
