"""Secrets that a request makes: of the token that its browser alone holds, so that the same one makes them again."""

from __future__ import annotations

import hashlib
import hmac

from fastapi import Request

from endpoints.caller import PLAIN_COOKIE, SECURE_COOKIE, Caller


def secret_of(caller: Caller, request: Request, what: str) -> bytes | None:
    """Return 32 bytes for a purpose that nobody without the session's token can tell; None without a session.

    The store knows only the token's sha256, from which they cannot be made either.
    """
    token = request.cookies.get(SECURE_COOKIE if caller.services.policy.secure_cookie else PLAIN_COOKIE)
    if caller.session is None or token is None:
        return None
    return hmac.digest(token.encode(), what.encode(), hashlib.sha256)
