"""What the object store says: refusals with S3's codes, and its documents in XML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

Headers = tuple[tuple[str, str], ...]
Node = tuple[str, "str | int | Iterable[Node]"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, headers and a body that fits in memory."""

    status: int
    headers: Headers = ()
    body: bytes = b""


@dataclass
class Refusal(Exception):
    """A request that is refused, with S3's code for it."""

    status: int
    code: str
    message: str
    headers: Headers = field(default=())

    def answer(self) -> Answer:
        """Return it as the document that S3 clients read."""
        told = document("Error", [("Code", self.code), ("Message", self.message)])
        return Answer(self.status, (*self.headers, *told.headers), told.body)


def no_such_key() -> Refusal:
    """Return what is said of an object that is not there."""
    return Refusal(404, "NoSuchKey", "There is no object under this key.")


def no_such_upload() -> Refusal:
    """Return what is said of an upload that was completed, aborted or never begun."""
    return Refusal(404, "NoSuchUpload", "There is no such upload: it was completed, aborted or never begun.")


def not_implemented(what: str) -> Refusal:
    """Return what is said of the parts of S3 that nothing of ours uses."""
    return Refusal(501, "NotImplemented", f"This store has no {what}.")


def invalid_argument(what: str) -> Refusal:
    """Return what is said of a value that cannot be meant."""
    return Refusal(400, "InvalidArgument", what)


def document(name: str, nodes: Iterable[Node], status: int = 200) -> Answer:
    """Return an XML document of S3's."""
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{_xml((name, nodes))}'
    return Answer(status, (("content-type", "application/xml"),), text.encode())


def _xml(node: Node) -> str:
    name, content = node
    inside = escape(str(content)) if isinstance(content, str | int) else "".join(map(_xml, content))
    return f"<{name}>{inside}</{name}>"


def whole_number(text: str | None, default: int) -> int:
    """Return a number of the query, `default` if it is not there. Raises 400."""
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise invalid_argument("A whole number is wanted.")
    return int(text)


def iso_time(at_s: float) -> str:
    """Return a time as S3's documents write it."""
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def http_time(at_s: float) -> str:
    """Return a time as HTTP headers write it."""
    return format_datetime(datetime.fromtimestamp(int(at_s), UTC), usegmt=True)


def matches(wanted: str, etag: str | None) -> bool:
    """Say whether a list of etags, or `*` for any, as in If-Match, names the object's; None is no object."""
    if etag is None:
        return False
    return wanted.strip() == "*" or etag.strip('"') in {one.strip().strip('"') for one in wanted.split(",")}


def check_condition(headers: Mapping[str, str], etag: str | None) -> None:
    """Raise 412 unless If-Match and If-None-Match allow to write over the object that has `etag`, None for none."""
    if "if-match" in headers and not matches(headers["if-match"], etag):
        raise precondition_failed()
    if "if-none-match" in headers and matches(headers["if-none-match"], etag):
        raise precondition_failed()


def precondition_failed() -> Refusal:
    """Return what is said when a condition does not hold."""
    return Refusal(412, "PreconditionFailed", "The condition that the request names does not hold.")
