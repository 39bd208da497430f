"""The names of things: every object key, the ids and hashes in them, and the canonical form that is hashed.

The only place that spells a key. A key is built from checked parts alone, so no text that a client chose can reach
into another user's keys. Each function below writes one line of the table in the design:

    {user}/database.sqlite   {user}/history/{version}.sqlite
    {user}/games/{game}/{source}/original.{ext} | proxy.mp4 | ptsmap.json | index.json | sprite.jpg | peaks.json
    {user}/games/{game}/{source}/windows/{hash}.mp4
    {user}/raw_clips/{clip}-{hash}.mp4   {user}/segments/{hash}.mp4   {user}/previews/{hash}.png
    {user}/drafts/{project}/{job}.mp4   {user}/working_videos/{project}/{job}.mp4
    {user}/final_videos/{reel}/{version}.mp4 | {version}-small.mp4 | poster.jpg   {user}/views/{reel}.json
    {user}/highlights/{id}.json   {user}/downloads/{job}.{ext}   {user}/tracks/{hash}.json
    {user}/temp/uploads/{id}   {user}/jobs/{job}/result.json | segments.json
    {user}/devices/{sha256}.json   {user}/recovery.json
    _active/{job}.json   _sessions/{sha256}.json   _shares/{sha256}.json   _ledger/{user}/{n}.json
    _logins/{sha256}.json   _logins/{sha256}/used.json   _leaving/{user}.json
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final, cast

from reel.errors import BadField, Json

LOCAL_USER: Final = "dev-local"
"""The command line's user."""

ACTIVE_PREFIX: Final = "_active/"
"""Every open job has an object below this: the list that the sweeper walks."""

ORIGINAL_EXTENSIONS: Final = frozenset({"mp4", "m4v", "mov", "webm", "mkv", "ts", "mts", "m2ts"})
DOWNLOAD_EXTENSIONS: Final = frozenset({"mp4", "zip", "tsv", "json"})

LEAVING_PREFIX: Final = "_leaving/"
"""Every user whose account is being deleted has an object below this, until nothing of theirs can come any more."""

# Lower case only: two users that differ by case would be one folder on a Mac. A leading `_` marks what has no user.
_USER = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
# S3 takes 1024 bytes of key, a disk 255 of name.
_KEY = re.compile(r"(?!.{1025})[\w-][\w.-]{0,254}(/[\w-][\w.-]{0,254})*", re.ASCII)


# What a user owns


def user_prefix(user: str) -> str:
    """Return what every key of the user begins with, slash included; deleting an account clears it."""
    return f"{checked_user(user)}/"


def database(user: str) -> str:
    """Return the key of the user's database: compare-and-swap, never presigned."""
    return f"{user_prefix(user)}database.sqlite"


def history(user: str, version: int) -> str:
    """Return the key of a snapshot of the database."""
    return f"{user_prefix(user)}history/{checked_number(version, '/version')}.sqlite"


def source_prefix(user: str, game: str, source: str) -> str:
    """Return what the keys of one source begin with, slash included."""
    return f"{user_prefix(user)}games/{checked_uuid(game, '/game')}/{checked_uuid(source, '/source')}/"


def original(user: str, game: str, source: str, ext: str) -> str:
    """Return the key of the source as it was uploaded; `ext` is one of ORIGINAL_EXTENSIONS."""
    return f"{source_prefix(user, game, source)}original.{_extension(ext, ORIGINAL_EXTENSIONS)}"


def proxy(user: str, game: str, source: str) -> str:
    """Return the key of the small preview encode that the editor plays."""
    return f"{source_prefix(user, game, source)}proxy.mp4"


def ptsmap(user: str, game: str, source: str) -> str:
    """Return the key of the source's frame times."""
    return f"{source_prefix(user, game, source)}ptsmap.json"


def index(user: str, game: str, source: str) -> str:
    """Return the key of the source's sync frames and their places in the file."""
    return f"{source_prefix(user, game, source)}index.json"


def sprite(user: str, game: str, source: str) -> str:
    """Return the key of the timeline's pictures."""
    return f"{source_prefix(user, game, source)}sprite.jpg"


def peaks(user: str, game: str, source: str) -> str:
    """Return the key of the timeline's audio energy."""
    return f"{source_prefix(user, game, source)}peaks.json"


def window(user: str, game: str, source: str, digest: str) -> str:
    """Return the key of an all-intra window around a clip."""
    return f"{source_prefix(user, game, source)}windows/{checked_digest(digest)}.mp4"


def raw_clip(user: str, clip: str, digest: str) -> str:
    """Return the key of a clip extracted for download."""
    return f"{user_prefix(user)}raw_clips/{checked_uuid(clip, '/clip')}-{checked_digest(digest)}.mp4"


def segment(user: str, digest: str) -> str:
    """Return the key of a rendered segment, named by what it depends on."""
    return f"{user_prefix(user)}segments/{checked_digest(digest)}.mp4"


def preview(user: str, digest: str) -> str:
    """Return the key of one finished frame."""
    return f"{user_prefix(user)}previews/{checked_digest(digest)}.png"


def draft(user: str, project: str, job: str) -> str:
    """Return the key of a framing without the network."""
    return f"{user_prefix(user)}drafts/{checked_uuid(project, '/project')}/{checked_uuid(job, '/job')}.mp4"


def working_video(user: str, project: str, job: str) -> str:
    """Return the key of a framing at full quality."""
    return f"{user_prefix(user)}working_videos/{checked_uuid(project, '/project')}/{checked_uuid(job, '/job')}.mp4"


def final_video(user: str, reel: str, version: int) -> str:
    """Return the key of one version of a finished reel."""
    return f"{_reel_prefix(user, reel)}{checked_number(version, '/version')}.mp4"


def small_copy(user: str, reel: str, version: int) -> str:
    """Return the key of a version's copy for messengers."""
    return f"{_reel_prefix(user, reel)}{checked_number(version, '/version')}-small.mp4"


def views(user: str, reel: str) -> str:
    """Return the key of how often a reel's shares were looked at."""
    return f"{user_prefix(user)}views/{checked_uuid(reel, '/reel')}.json"


def poster(user: str, reel: str) -> str:
    """Return the key of a reel's cover picture."""
    return f"{_reel_prefix(user, reel)}poster.jpg"


def highlight(user: str, look: str) -> str:
    """Return the key of a saved spotlight look."""
    return f"{user_prefix(user)}highlights/{checked_uuid(look, '/id')}.json"


def download(user: str, job: str, ext: str) -> str:
    """Return the key of an annotated export or an archive; `ext` is one of DOWNLOAD_EXTENSIONS."""
    return f"{user_prefix(user)}downloads/{checked_uuid(job, '/job')}.{_extension(ext, DOWNLOAD_EXTENSIONS)}"


def track(user: str, digest: str) -> str:
    """Return the key of a player's boxes over time."""
    return f"{user_prefix(user)}tracks/{checked_digest(digest)}.json"


def uploads_prefix(user: str) -> str:
    """Return what the keys of the user's unverified uploads begin with; swept after 48 hours."""
    return f"{user_prefix(user)}temp/uploads/"


def temp_upload(user: str, upload: str) -> str:
    """Return the key of an upload until it is verified."""
    return f"{uploads_prefix(user)}{checked_uuid(upload, '/upload')}"


def result(user: str, job: str) -> str:
    """Return the key of a job's commit point: created once, it decides done, failed or cancelled."""
    return f"{user_prefix(user)}jobs/{checked_uuid(job, '/job')}/result.json"


def segment_list(user: str, job: str) -> str:
    """Return the key of what a framing says of its segments before it renders them: which there will be, in order."""
    return f"{user_prefix(user)}jobs/{checked_uuid(job, '/job')}/segments.json"


def devices_prefix(user: str) -> str:
    """Return what the keys of the user's devices begin with."""
    return f"{user_prefix(user)}devices/"


def device(user: str, digest: str) -> str:
    """Return the key of one of the user's devices, by the sha256 of its session's token."""
    return f"{devices_prefix(user)}{checked_digest(digest)}.json"


def recovery(user: str) -> str:
    """Return the key of what is known of the user's recovery code: its sha256."""
    return f"{user_prefix(user)}recovery.json"


# What is found without a user


def active(job: str) -> str:
    """Return the key that lists an open job: made before its row commits, removed after it settled."""
    return f"{ACTIVE_PREFIX}{checked_uuid(job, '/job')}.json"


def session(digest: str) -> str:
    """Return the key of a session, by the sha256 of its token."""
    return f"_sessions/{checked_digest(digest)}.json"


def share(digest: str) -> str:
    """Return the key of a share link, by the sha256 of its token."""
    return f"_shares/{checked_digest(digest)}.json"


def login(digest: str) -> str:
    """Return the key of a way to sign in (a link, a recovery code), by the sha256 of its secret."""
    return f"_logins/{checked_digest(digest)}.json"


def login_used(digest: str) -> str:
    """Return the key of the mark that such a way was used: of several that use it at once, one creates this."""
    return f"_logins/{checked_digest(digest)}/used.json"


def leaving(user: str) -> str:
    """Return the key that lists a user whose account is being deleted."""
    return f"{LEAVING_PREFIX}{checked_user(user)}.json"


def ledger(user: str, number: int) -> str:
    """Return the key of one line of a user's credits."""
    return f"_ledger/{checked_user(user)}/{checked_number(number, '/number')}.json"


# The parts of a key


def checked_key(key: str, field: str = "/key") -> str:
    """Return `key`: 1 to 1024 of plain parts with slashes between, none hidden or upwards; else raise BadField."""
    return _matching(_KEY, key, field, "is no key")


def checked_user(user: str, field: str = "/user") -> str:
    """Return `user`: 1 to 64 of a–z, 0–9 and `-`, no `-` first; else raise BadField."""
    return _matching(_USER, user, field, "is no user id")


def checked_uuid(text: str, field: str = "/id") -> str:
    """Return `text`, a UUID of any version of RFC 9562 in its canonical lower case; else raise BadField."""
    return _matching(_UUID, text, field, "is no UUID in canonical text")


def checked_digest(text: str, field: str = "/hash") -> str:
    """Return `text`, a sha256 in 64 lower-case hexadecimal digits; else raise BadField."""
    return _matching(_DIGEST, text, field, "is no sha256 in hexadecimal")


def is_digest(text: str) -> bool:
    """Say whether a text is a sha256 in 64 lower-case hexadecimal digits."""
    return _DIGEST.fullmatch(text) is not None


def checked_number(number: int, field: str) -> int:
    """Return `number`, a whole number from 0; else raise BadField."""
    if type(number) is not int or number < 0:
        raise BadField(field, "has to be a whole number from 0")
    return number


def _matching(pattern: re.Pattern[str], text: str, field: str, complaint: str) -> str:
    if not pattern.fullmatch(text):
        raise BadField(field, f"{text[:80]!r} {complaint}")
    return text


def _extension(ext: str, allowed: frozenset[str]) -> str:
    if ext not in allowed:
        raise BadField("/ext", f"{ext[:80]!r} is none of {', '.join(sorted(allowed))}")
    return ext


def _reel_prefix(user: str, reel: str) -> str:
    return f"{user_prefix(user)}final_videos/{checked_uuid(reel, '/reel')}/"


# Hashes


def canonical_json(value: object) -> bytes:
    """Write a value so that equal values are equal bytes: sorted members, no white space, UTF-8.

    Takes what JSON can say, tuples as arrays and Fractions as [numerator, denominator]. A float without a fraction is
    written as the integer that it equals (0.0, -0.0 and 0 are one value, as in RFC 8785). Raises BadField, with the
    place in `details.field`, for NaN, infinities, members not named by text, lone surrogates and every other type.
    """
    plain = _plain(value, "")
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def content_hash(value: object) -> str:
    """Return the sha256, in hexadecimal, of the canonical JSON of `value`."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def uuid_of(digest: str) -> str:
    """Return the UUID (RFC 9562, version 8) that stands for a sha256: its first 122 free bits.

    The command line names games, sources and projects so: the same footage is the same game, with no database to ask.
    """
    bits = int(checked_digest(digest)[:32], 16)
    bits = bits & ~(0xF << 76) | 0x8 << 76
    bits = bits & ~(0x3 << 62) | 0x2 << 62
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _plain(value: object, field: str) -> Json:
    match value:
        case None | bool() | int():
            return value
        case str():
            return _encodable(value, field)
        case float():
            return _number(value, field)
        case Fraction():
            return [value.numerator, value.denominator]
        case Mapping():
            members = cast("Mapping[object, object]", value)
            return {_name(name, field): _plain(member, f"{field}/{name}") for name, member in members.items()}
        case list() | tuple():
            items = cast("Sequence[object]", value)
            return [_plain(item, f"{field}/{place}") for place, item in enumerate(items)]
        case _:
            raise BadField(field, f"{type(value).__name__} has no canonical form")


def _number(value: float, field: str) -> int | float:
    if not math.isfinite(value):
        raise BadField(field, "has to be a finite number")
    return int(value) if value.is_integer() else value


def _name(name: object, field: str) -> str:
    if not isinstance(name, str):
        raise BadField(field, f"the member {name!r} is not named by text")
    return _encodable(name, field)


def _encodable(text: str, field: str) -> str:
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise BadField(field, "holds half of a surrogate pair")
    return text
