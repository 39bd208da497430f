"""What a signed address may be made for: never a user's database, nor anything that lets somebody in."""

from __future__ import annotations

import re
from urllib.parse import quote

from reel.errors import BadField
from reel.keys import checked_key

NEVER = frozenset({"database.sqlite", "history", "devices", "recovery.json", "views"})
"""What of a user's keys is for the API alone, by the part behind the user."""

LONGEST_LIFE_S = 7 * 24 * 3600  # what S3 and R2 accept

_NAME_IN_QUOTES = re.compile(r"[^A-Za-z0-9 ._()+-]")


def presignable(key: str) -> str:
    """Return `key` if a browser may be given its address; else raise BadField."""
    owner, _, rest = checked_key(key).partition("/")
    if owner.startswith("_") or not rest or rest.split("/")[0] in NEVER:
        raise BadField("/key", f"{key[:80]!r} is never given out")
    return key


def checked_life(life_s: int) -> int:
    """Return `life_s`, whole seconds from 1 to 7 days; else raise BadField."""
    if type(life_s) is not int or not 1 <= life_s <= LONGEST_LIFE_S:
        raise BadField("/life_s", f"has to be a whole number of seconds, 1 to {LONGEST_LIFE_S}")
    return life_s


def disposition(filename: str | None) -> str:
    """Return the Content-Disposition (RFC 6266) under which a browser plays an object, or saves it as `filename`."""
    if filename is None:
        return "inline"
    plain = _NAME_IN_QUOTES.sub("_", filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename.encode(errors='replace'), safe='')}"
