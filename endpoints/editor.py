"""The editor's files, as one machine serves them: what Vite built into web/out, one page for every other address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from endpoints.editor_page import page

TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
"""By the end of a name: what the machine's own table says differs from one to the next."""

_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_ASSETS, _INDEX = "assets/", "index.html"


class Editor:
    """An ASGI app: the files of a folder, and `behind` for the API's addresses.

    A file below assets/ has its content's hash in its name and is kept for good; one that is missing is a 404, so that
    a page of an older build notices. Every other address is the editor's own: it gets the one page. Without a build it
    gets a page that says so. `elsewhere` returns, by the host that was asked, the origins beside its own that the page
    needs: those of the store and of the websocket.
    """

    def __init__(self, folder: Path, behind: ASGIApp, elsewhere: Callable[[str], tuple[str, str]]) -> None:
        self._folder, self._behind, self._elsewhere = folder, behind, elsewhere
        self._files = StaticFiles(directory=folder, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or is_of_the_api(scope["path"]):
            await self._behind(scope, receive, send)
            return
        answer = await self._answer(scope)
        await answer(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response:
        if scope["method"] not in {"GET", "HEAD"}:
            return Response("This cannot be done here.", 405, {"Allow": "GET, HEAD"}, "text/plain")
        name = scope["path"].lstrip("/")
        if not (self._folder / _INDEX).is_file():
            return await page(scope["path"])
        found = await self._file(name, scope) if name not in {"", _INDEX} else None
        if found is not None:
            found.headers["Cache-Control"] = _FOR_GOOD if name.startswith(_ASSETS) else "no-cache"
            return found
        if name.startswith(_ASSETS):
            return Response("There is nothing here.", 404, {"Cache-Control": "no-store"}, "text/plain")
        index = await self._file(_INDEX, scope)
        assert index is not None
        store, socket = self._elsewhere(Headers(scope=scope).get("host", ""))
        index.headers.update({"Cache-Control": "no-cache", "Content-Security-Policy": content_policy(store, socket)})
        return index

    async def _file(self, name: str, scope: Scope) -> Response | None:
        """Return a file of the folder, or that the browser has it already; None if there is none."""
        try:
            found = await self._files.get_response(name, scope)
        except HTTPException:
            return None
        if kind := TYPES.get(Path(name).suffix):
            found.headers["Content-Type"] = kind
        return found


def is_of_the_api(path: str) -> bool:
    """Say whether an address is the API's: its own, and the pages of shared reels."""
    return path == "/api" or path.startswith(("/api/", "/s/"))


def content_policy(store: str, socket: str) -> str:
    """Return what the editor's page may load. Radix locks a page by a style element; scripts are files of ours alone.

    Footage and pictures redirect to the store, parts of uploads go there; blob: is a file that is still on its way.
    """
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self' 'unsafe-inline'",
            "font-src 'self'",
            f"img-src 'self' data: blob: {store}",
            f"media-src 'self' blob: {store}",
            f"connect-src 'self' {socket} {store}",
            "worker-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    )
