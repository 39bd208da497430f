"""What the object store lists: objects, open uploads, the parts of one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from local.objects_answers import Answer, Node, document, invalid_argument, iso_time, not_implemented, whole_number
from local.objects_index import Index

MOST_LISTED = 1000


def list_objects(index: Index, bucket: str, asked: Mapping[str, str]) -> Answer:
    """List objects in the order of their keys' bytes (ListObjectsV2). A page's token is its last key."""
    if asked.get("delimiter"):
        raise not_implemented("delimiter")
    prefix, most = asked.get("prefix", ""), _most(asked.get("max-keys"))
    after = _key_of(asked["continuation-token"]) if "continuation-token" in asked else asked.get("start-after", "")
    found = index.listed(prefix, after, most + 1) if most else []
    shown = found[:most]
    objects: list[Node] = [
        (
            "Contents",
            [
                ("Key", _spelled(key, asked)),
                ("LastModified", iso_time(written_s)),
                ("ETag", f'"{etag}"'),
                ("Size", size_bytes),
                ("StorageClass", "STANDARD"),
            ],
        )
        for key, etag, size_bytes, written_s in shown
    ]
    is_cut = len(found) > most
    more: list[Node] = [("NextContinuationToken", shown[-1][0].encode().hex())] if is_cut else []
    coding: list[Node] = [("EncodingType", "url")] if asked.get("encoding-type") == "url" else []
    return document(
        "ListBucketResult",
        [
            ("Name", bucket),
            ("Prefix", _spelled(prefix, asked)),
            ("KeyCount", len(shown)),
            ("MaxKeys", most),
            ("IsTruncated", _said(is_cut)),
            *more,
            *coding,
            *objects,
        ],
    )


def list_uploads(index: Index, bucket: str, asked: Mapping[str, str]) -> Answer:
    """List the uploads that are neither completed nor aborted."""
    prefix, most = asked.get("prefix", ""), _most(asked.get("max-uploads"))
    after_key, after_id = asked.get("key-marker", ""), asked.get("upload-id-marker", "")
    if after_key and not after_id:
        after_id = "~"  # behind every id of that key
    found = index.uploads(prefix, (after_key, after_id), most + 1)
    shown = found[:most]
    uploads: list[Node] = [
        ("Upload", [("Key", key), ("UploadId", upload), ("Initiated", iso_time(begun_s))])
        for key, upload, begun_s in shown
    ]
    more: list[Node] = [("NextKeyMarker", shown[-1][0]), ("NextUploadIdMarker", shown[-1][1])] if shown else []
    return document(
        "ListMultipartUploadsResult",
        [
            ("Bucket", bucket),
            ("Prefix", prefix),
            *more,
            ("MaxUploads", most),
            ("IsTruncated", _said(len(found) > most)),
            *uploads,
        ],
    )


def list_parts(index: Index, bucket: str, key: str, upload: str, asked: Mapping[str, str]) -> Answer:
    """List the parts that have arrived."""
    most = _most(asked.get("max-parts"))
    after = whole_number(asked.get("part-number-marker"), 0)
    found = index.parts(key, upload, after, most + 1)
    shown = found[:most]
    parts: list[Node] = [
        (
            "Part",
            [
                ("PartNumber", part.number),
                ("LastModified", iso_time(part.written_s)),
                ("ETag", f'"{part.etag}"'),
                ("Size", part.size_bytes),
            ],
        )
        for part in shown
    ]
    more: list[Node] = [("NextPartNumberMarker", shown[-1].number)] if shown else []
    return document(
        "ListPartsResult",
        [
            ("Bucket", bucket),
            ("Key", key),
            ("UploadId", upload),
            ("PartNumberMarker", after),
            *more,
            ("MaxParts", most),
            ("IsTruncated", _said(len(found) > most)),
            *parts,
        ],
    )


def _most(text: str | None) -> int:
    return min(whole_number(text, MOST_LISTED), MOST_LISTED)


def _key_of(token: str) -> str:
    if not re.fullmatch(r"([0-9a-f]{2})+", token):
        raise invalid_argument("The continuation token is none of this store's.")
    return bytes.fromhex(token).decode(errors="replace")


def _spelled(key: str, asked: Mapping[str, str]) -> str:
    return quote(key, safe="/") if asked.get("encoding-type") == "url" else key


def _said(is_so: bool) -> str:
    return "true" if is_so else "false"
