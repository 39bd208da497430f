"""Fetch an official file: one try, with little patience, since there is always another way to go on."""

from __future__ import annotations

import time
from http.client import HTTPException
from urllib.request import Request, urlopen

from gpu.registry import Pinned
from reel.errors import WeightsMissing

# A machine without a way out must notice at once; five megabytes come within minutes or not at all.
ANSWER_S = 3.0
WHOLE_S = 120.0
_CHUNK_BYTES = 1 << 16


def download(url: str, pinned: Pinned) -> bytes:
    """Return the file at `url`, verified. Raises WeightsMissing, saying why, if it does not come or is another."""
    request = Request(url, headers={"User-Agent": "reel-ballers"})  # noqa: S310 the registry pins the address
    overdue_s = time.monotonic() + WHOLE_S
    body = bytearray()
    try:
        with urlopen(request, timeout=ANSWER_S) as answer:  # noqa: S310 likewise
            while len(body) <= pinned.size_bytes and (chunk := answer.read1(_CHUNK_BYTES)):
                body += chunk
                if time.monotonic() > overdue_s:
                    raise TimeoutError("it came too slowly")
    except (OSError, HTTPException) as fault:
        raise WeightsMissing(f"{url} could not be fetched: {getattr(fault, 'reason', fault)}.", url=url) from fault
    if not pinned.is_held_by(bytes(body)):
        raise WeightsMissing(f"{url} is not the file that it should be.", url=url)
    return bytes(body)
