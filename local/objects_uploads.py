"""Uploads in parts, with R2's rules: begun, parts kept, listed, completed all at once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from uuid import uuid4
from xml.etree import ElementTree

from local.objects_answers import Answer, Refusal, document, invalid_argument, whole_number
from local.objects_index import Index, StoredPart

MOST_PARTS = 10_000
LEAST_PART_BYTES = 5 * 2**20

_NAMESPACE = re.compile(r"^\{[^}]*\}")


def begin(index: Index, bucket: str, key: str, content_type: str, now_s: float) -> Answer:
    """Begin an upload and say its id."""
    upload = uuid4().hex
    index.begin(upload, key, content_type, now_s)
    return document("InitiateMultipartUploadResult", [("Bucket", bucket), ("Key", key), ("UploadId", upload)])


def complete(
    index: Index, key: str, upload: str, body: bytes, conditions: Mapping[str, str], now_s: float
) -> tuple[str, list[str]]:
    """Make the parts that `body` names the object; return its etag and the blobs left over. Raises 400, 404, 412."""
    named = _named_parts(body)
    there = {part.number: part for part in index.parts(key, upload)}
    chosen = _chosen(named, there)
    joined = "".join(part.etag for part in chosen)
    etag = f"{hashlib.sha256(joined.encode()).hexdigest()}-{len(chosen)}"
    return etag, index.complete(key, upload, chosen, etag, conditions, now_s)


def part_number(text: str) -> int:
    """Return a part's number, 1 to 10,000. Raises 400."""
    number = whole_number(text, 0)
    if not 1 <= number <= MOST_PARTS:
        raise invalid_argument(f"A part's number is 1 to {MOST_PARTS}.")
    return number


def _named_parts(body: bytes) -> list[tuple[int, str]]:
    """Return (number, etag) of each part that a CompleteMultipartUpload document names. Raises 400."""
    malformed = Refusal(400, "MalformedXML", "The list of parts cannot be read.")
    if b"<!" in body or b"\0" in body:  # a declaration, also in UTF-16: entities can be made to grow without end
        raise malformed
    try:
        root = ElementTree.fromstring(body.decode())  # noqa: S314 - declares nothing
        parts = [{_NAMESPACE.sub("", item.tag): item.text or "" for item in part} for part in root]
        named = [(part_number(part["PartNumber"].strip()), part["ETag"].strip().strip('"')) for part in parts]
    except (ElementTree.ParseError, UnicodeDecodeError, KeyError) as fault:
        raise malformed from fault
    if not named:
        raise malformed
    return named


def _chosen(named: Sequence[tuple[int, str]], there: Mapping[int, StoredPart]) -> list[StoredPart]:
    """Return the named parts, if they are R2's: each there, ascending, all as large but the last, 5 MiB at least."""
    numbers = [number for number, _ in named]
    if numbers != sorted(set(numbers)):
        raise Refusal(400, "InvalidPartOrder", "The parts have to be named in order, each once.")
    if any(number not in there or there[number].etag != etag for number, etag in named):
        raise Refusal(400, "InvalidPart", "A part is missing, or is not the one that is named.")
    chosen = [there[number] for number in numbers]
    *before, last = (part.size_bytes for part in chosen)
    if any(size < LEAST_PART_BYTES for size in before):
        raise Refusal(400, "EntityTooSmall", "Every part but the last has 5 MiB at least.")
    if len(set(before)) > 1 or (before and last > before[0]):
        raise Refusal(400, "InvalidPart", "All non-trailing parts must have the same length.")
    return chosen
