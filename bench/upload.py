"""How fast 2 GB come in: in parts, four at a time, to signed addresses, through the whole service; in what memory."""

from __future__ import annotations

import hashlib
import os
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import urlsplit

from bench.footage import Benched
from bench.up import up
from bench.visitor import Visitor

SIZE_BYTES: Final = 2 * 10**9
AT_ONCE: Final = 4
BATCH: Final = 20  # addresses asked for at once
GAME, SOURCE = "01890a5d-ac96-774b-bcce-b302099a8057", "01890a5d-ac96-774b-bcce-b302099a8058"


def measure(_: Benched) -> dict[str, object]:
    """Return the bench's line, in megabytes (10⁶) a second. The memory is the API's and the store's together."""
    block = os.urandom(16 * 2**20)
    with TemporaryDirectory() as folder, up(Path(folder)) as service:
        visitor = Visitor(service.url)
        visitor.post("/api/games", {"id": GAME})
        began_s = time.perf_counter()
        film = {"id": SOURCE, "part": 1, "name": "half.mp4", "size_bytes": SIZE_BYTES}
        fingerprint = hashlib.sha256(block).hexdigest()
        begun = visitor.post(f"/api/games/{GAME}/uploads", film | {"fingerprint": fingerprint})
        _send(visitor, begun["upload"], block)
        visitor.post(f"/api/uploads/{SOURCE}/complete", {})
        took_s = time.perf_counter() - began_s
        return {
            "mb_per_s": round(SIZE_BYTES / 10**6 / took_s, 1),
            "rss_mb": round(service.rss_mb + service.store_rss_mb, 1),
            "api_rss_mb": round(service.rss_mb, 1),
        }


def _send(visitor: Visitor, upload: dict[str, Any], block: bytes) -> None:
    numbers = list(range(1, upload["part_count"] + 1))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for place in range(0, len(numbers), BATCH):
            asked = {"parts": numbers[place : place + BATCH]}
            parts = visitor.post(f"/api/uploads/{SOURCE}/parts", asked)["parts"]
            list(pool.map(lambda part: _put(part, block), parts))


def _put(part: dict[str, Any], block: bytes) -> None:
    address = urlsplit(part["url"])
    connection = HTTPConnection(address.netloc, timeout=120)
    connection.request("PUT", f"{address.path}?{address.query}", block[: part["size_bytes"]])
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"part {part['part']}: {answer.status}")
