"""Logins: the ways into an account from another device: a link that opens once, and a recovery code.

_logins/{sha256 of the secret}.json    {"user", "kind": "link" | "code", "made_s"}
_logins/{sha256}/used.json             {"by"}: of several that open a link at once, one creates this
{user}/recovery.json                   {"sha256"}: the one code that counts
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from typing import Any, Final

from reel import keys
from reel.errors import AlreadyExists, NotFound
from reel.refusals import LinkUnusable
from storage.clock import Clock
from storage.leaving import is_leaving
from storage.objects import Objects
from storage.sessions import digest_of

LINK_LIFE_S: Final = 10 * 60.0
SKEW_S: Final = 60.0  # between the clocks of two machines of ours

CODE_BYTES: Final = 18
_CODE_LETTERS: Final = 28  # of 5 bits each: 140 bits
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MEANT: Final = str.maketrans("OIL", "011")
_BETWEEN: Final = re.compile(r"[\s\-‐-―_.]+")
_CODE: Final = re.compile(f"[{_CROCKFORD}]{{{_CODE_LETTERS}}}")


@dataclass(frozen=True, slots=True)
class Logins:
    """All ways in, in the bucket. Every method raises StoreUnavailable and AnswerLost."""

    objects: Objects
    clock: Clock

    def link(self, user: str) -> tuple[str, float]:
        """Make a link into a user's account; return its token, which is nowhere else, and when it is too old."""
        token, now_s = secrets.token_urlsafe(16), self.clock.time_s()
        self._put(digest_of(token), user, "link", now_s)
        return token, now_s + LINK_LIFE_S

    def linked(self, token: str, by: str) -> str:
        """Return whose account a link opens, without opening it. `by` names the attempt: its own repeat is no second.

        Raises LinkUnusable, for whatever reason alike.
        """
        digest = digest_of(token)
        said = self._read(digest, "link")
        age_s = self.clock.time_s() - said["made_s"]
        if not -SKEW_S <= age_s < LINK_LIFE_S or self._used(digest) not in {None, _mark(by)}:
            raise LinkUnusable
        return self._present(said["user"])

    def open(self, token: str, by: str) -> None:
        """Use a link up: of several attempts that do so at once one succeeds. Raises LinkUnusable."""
        digest = digest_of(token)
        try:
            self.objects.put(keys.login_used(digest), _mark(by), create_only=True)
        except AlreadyExists:
            if self._used(digest) != _mark(by):
                raise LinkUnusable from None

    def set_code(self, user: str, code: str) -> None:
        """Let a code open a user's account from now on, and the one before it no more."""
        before, digest = self._code_of(user), digest_of(code_as_meant(code))
        self._put(digest, user, "code", self.clock.time_s())
        self.objects.put(keys.recovery(user), json.dumps({"sha256": digest}).encode())
        if before not in {None, digest}:
            self.objects.delete(keys.login(before or ""))

    def recovered(self, code: str) -> str:
        """Return whose account a code opens. Raises LinkUnusable."""
        digest = digest_of(code_as_meant(code))
        user = self._read(digest, "code")["user"]
        if self._code_of(user) != digest:
            raise LinkUnusable
        return self._present(user)

    def recoverable(self, user: str) -> bool:
        """Say whether there is a code that opens a user's account."""
        return self.objects.exists(keys.recovery(user))

    def _used(self, digest: str) -> bytes | None:
        try:
            return self.objects.read(keys.login_used(digest))
        except NotFound:
            return None

    def _present(self, user: str) -> str:
        if is_leaving(self.objects, user):
            raise LinkUnusable
        return user

    def _code_of(self, user: str) -> str | None:
        try:
            return json.loads(self.objects.read(keys.recovery(user)))["sha256"]
        except NotFound:
            return None

    def _put(self, digest: str, user: str, kind: str, made_s: float) -> None:
        said = {"user": user, "kind": kind, "made_s": made_s}
        self.objects.put(keys.login(digest), json.dumps(said).encode())

    def _read(self, digest: str, kind: str) -> dict[str, Any]:
        try:
            said = json.loads(self.objects.read(keys.login(digest)))
        except NotFound:
            raise LinkUnusable from None
        if said["kind"] != kind:
            raise LinkUnusable
        return said


def _mark(by: str) -> bytes:
    return json.dumps({"by": digest_of(by)}).encode()


def code_of(secret: bytes) -> str:
    """Return a secret of CODE_BYTES bytes or more as a person writes it down: 28 letters and digits in groups of 4.

    Crockford's base 32 (crockford.com/base32.html): 140 bits in letters that are hard to take for one another.
    """
    bits = int.from_bytes(secret[:CODE_BYTES], "big")
    letters = "".join(_CROCKFORD[bits >> 5 * place & 31] for place in reversed(range(_CODE_LETTERS)))
    return "-".join(letters[start : start + 4] for start in range(0, _CODE_LETTERS, 4))


def code_as_meant(code: str) -> str:
    """Return a code as it was made, however it was typed. Raises LinkUnusable for what can be none."""
    meant = _BETWEEN.sub("", code.upper()).translate(_MEANT)
    if not _CODE.fullmatch(meant):
        raise LinkUnusable
    return meant


def clear_old(objects: Objects, now_s: float) -> int:
    """Remove the links that are too old to open, with the marks of their use; return how many. For the sweeper."""
    cleared = 0
    for key in objects.keys("_logins/"):
        digest = key.removeprefix("_logins/").removesuffix(".json")
        if "/" in digest:
            continue
        try:
            said = json.loads(objects.read(key))
        except NotFound:
            continue
        if said["kind"] == "link" and now_s - said["made_s"] > 24 * 3600.0:
            objects.delete(key)  # first: without it the mark opens nothing
            objects.delete(keys.login_used(digest))
            cleared += 1
    return cleared
