"""The page in the editor's place where that could not be built: says what this is, and what answers."""

from __future__ import annotations

from typing import Final

from starlette.responses import HTMLResponse, Response

_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Reel Ballers</title>
<style>
body { font: 1.1rem/1.6 system-ui, sans-serif; max-width: 38rem; margin: 12vh auto; padding: 0 1.5rem; color: #18211b }
h1 { font-size: 2rem; margin: 0 }
a { color: #0a6b3d }
@media (prefers-color-scheme: dark) { body { background: #111713; color: #e4ece6 } a { color: #6fd3a0 } }
</style>
<h1>Reel Ballers</h1>
<p>From a filmed game to a player’s highlight reel. The service runs on this machine: games, clips, projects, exports
and shares are kept here and nowhere else.</p>
<p>The editor is not here: it has not been built, or could not be. <code>./run up</code> builds it when it starts, with
Node, and says what stood in the way. Everything else works: the API, described in
<a href="/api/openapi.json">/api/openapi.json</a>, and the command line, which makes a whole reel:
<code>./run demo</code>.</p>
<p><a href="/api/health">Is it well?</a> <a href="/api/version">Which release is it?</a></p>
</html>
"""


async def page(path: str) -> Response:
    """Return the page; any other address than the root is not there."""
    return HTMLResponse(_PAGE, 200 if path == "/" else 404, _HEADERS)
