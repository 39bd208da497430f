"""Isolation: every route there is, asked by somebody else with a person's ids, and nothing of theirs comes or changes.

It walks the OpenAPI document, so that a route which is added is walked too. What a path or a body calls an id is looked
up in `belongings`; a name that is not known there fails the walk, until somebody says what it is the id of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest

from endpoints.app import routes
from reel import keys
from tests.endpoints.belongings import DIGEST, DONE, IDS, settled_in
from tests.endpoints.stage import ORIGIN, Browser, Stage, uuid

PUBLIC = re.compile(r"/s/\{token\}(/.*)?")
"""Shared on purpose, with whoever has the token."""

MEDIA = {
    **dict.fromkeys(("original", "proxy", "sprite", "peaks", "ptsmap", "index"), (IDS["source_id"],)),
    **dict.fromkeys(("poster", "reel", "small_copy"), (IDS["reel_id"],)),
    **dict.fromkeys(("download", "clip_list", "preview"), (IDS["job_id"], DONE["compile"])),
    "raw_clip": (IDS["clip_id"],),
    "working_video": (IDS["project_id"], DONE["framing"]),
    "draft": (IDS["project_id"], DONE["draft"]),
    "segment": (DIGEST,),
}
"""What an id of media is the id of, by the kind."""

NO_ID_OF_A_THING = {"version"}
LATER = {"out_pts": 5}
"""What is more than the least, or nothing would lie before it."""
BESIDE = {("POST", "/api/projects", "athlete_id"): {"clip_ids": []}}
"""What a body has to say beside an id that it may say, where its schema cannot tell."""
TSV = b"start_time\tclip_duration\n0:10\t5\n"
FRESH = uuid(2000)


@dataclass(frozen=True)
class Call:
    """One request of the walk. `points`: whether it names something of the person's."""

    method: str
    path: str
    query: dict[str, Any]
    body: Any
    kind: str
    points: bool

    def by(self, browser: Browser) -> Any:
        headers = {"Origin": ORIGIN, **({"Content-Type": self.kind} if self.kind else {})}
        raw, said = (self.body, None) if isinstance(self.body, bytes) else (None, self.body)
        return browser.client.request(
            self.method, self.path, params=self.query, headers=headers, content=raw, json=said
        )


@pytest.mark.parametrize("known", [True, False], ids=["somebody else", "nobody"])
def test_nobody_else_sees_or_touches_anything(stage: Stage, known: bool) -> None:
    user = settled_in(stage.browser())
    ids, before = whole(stage, user), everything_of(stage, user)
    assert len(before) > 10
    other = stage.browser()
    if known:
        other.post("/api/athletes", {"id": uuid(1), "name": "Lena"})

    wrong: list[str] = []
    walked = list(calls(routes(stage.services).openapi(), ids))
    for call in walked:
        if not known:
            other.client.cookies.clear()
        answer = call.by(other)
        said = f"{call.method} {call.path} {call.body!r:.300}: {answer.status_code} {answer.text[:300]}"
        if call.points and answer.status_code != 404:
            wrong.append(f"wants 404: {said}")
        elif answer.status_code >= 500:
            wrong.append(f"fails: {said}")
        elif not call.points and any(each in answer.text for each in (user, *ids.values(), *DONE.values())):
            wrong.append(f"tells: {said}")
    assert wrong == [], "\n".join(wrong)
    assert sum(call.points for call in walked) > 20
    assert everything_of(stage, user) == before


def test_the_walk_asks_for_what_is_there(stage: Stage) -> None:
    owner = stage.browser()
    ids = whole(stage, settled_in(owner))
    reads = [call for call in calls(routes(stage.services).openapi(), ids) if call.method == "GET" and call.points]
    absent = [call.path for call in reads if call.by(owner).status_code == 404]
    assert {path.split("/")[2] for path in absent} <= {"media"}, "of media the person has not all that can be made"
    assert len(absent) < len(reads) / 3


def whole(stage: Stage, user: str) -> dict[str, str]:
    """Return the ids of all that a person has, their device with it."""
    device = next(stage.services.objects.keys(keys.devices_prefix(user))).rpartition("/")[2].removesuffix(".json")
    return {**IDS, "device_id": keys.uuid_of(device)}


def everything_of(stage: Stage, user: str) -> dict[str, bytes]:
    """Return the bytes of all that is a person's, or names them."""
    objects = stage.services.objects
    mine = {key: objects.read(key) for key in objects.keys(keys.user_prefix(user))}
    named = {
        key: body
        for prefix in ("_sessions/", "_shares/", "_active/", "_logins/", "_leaving/")
        for key in objects.keys(prefix)
        if user.encode() in (body := objects.read(key))
    }
    return mine | named


def calls(document: dict[str, Any], ids: dict[str, str]) -> Iterator[Call]:
    """Yield a call of every operation, with a person's ids wherever one belongs."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if not PUBLIC.fullmatch(path):
                yield from _calls(document, method.upper(), path, operation, ids)


def _calls(
    document: dict[str, Any], method: str, path: str, operation: dict[str, Any], ids: dict[str, str]
) -> Iterator[Call]:
    sample = Sample(document, ids)
    asked = operation.get("parameters", ())
    query = {
        one["name"]: sample.of(one["schema"], one["name"])
        for one in asked
        if one["in"] == "query" and one.get("required")
    }
    content = operation.get("requestBody", {}).get("content", {})
    kind, form = next(iter(content.items()), ("", None))
    in_path = [one for one in asked if one["in"] == "path"]
    for values in product(*([*_values(one, path, ids)] for one in in_path)):
        filled = path
        for one, value in zip(in_path, values, strict=True):
            filled = filled.replace(f"{{{one['name']}}}", str(value))
        for place, chosen in product(_media(path, filled), sample.choices(form["schema"]) if form else ("",)):
            sample.pointed, sample.chosen = bool(in_path), chosen
            body: Any = TSV if kind.startswith("text/") else sample.of(form["schema"], "") if form else None
            if beside := BESIDE.get((method, path, chosen)):
                body = body | beside
            yield Call(method, place, query, body, kind, sample.pointed)


def _values(parameter: dict[str, Any], path: str, ids: dict[str, str]) -> tuple[str, ...]:
    """Return what to put into a path: a person's id, or each of a choice. An id of media is told by its kind."""
    name, choice = parameter["name"], parameter["schema"].get("enum")
    if choice:
        return tuple(choice)
    if name == "media_id" or (name == "id" and path.startswith("/api/media/")):
        return ("MEDIA",)
    if name == "id":
        before = re.search(r"/(\w+)s/\{id\}", path)
        name = f"{before[1]}_id" if before else name
    if name in NO_ID_OF_A_THING:
        return ("1",)
    assert name in ids, f"{path}: say in tests/endpoints/belongings.py what {{{name}}} is the id of"
    return (ids[name],)


def _media(path: str, filled: str) -> tuple[str, ...]:
    if not filled.endswith("/MEDIA"):
        return (filled,)
    kind = filled.split("/")[-2]
    assert kind in MEDIA, f"{path}: say in this file what the id of {kind!r} is the id of"
    return tuple(filled.replace("MEDIA", each) for each in MEDIA[kind])


class Sample:
    """Makes a value that a schema takes. `pointed` turns true where an id of the person's was put in.

    Of the ids that may be left out it puts in the `chosen` one alone: some say the same thing in two ways.
    """

    def __init__(self, document: dict[str, Any], ids: dict[str, str]) -> None:
        self.pointed, self.chosen = False, ""
        self._document, self._ids = document, ids

    def choices(self, schema: dict[str, Any]) -> list[str]:
        """Return the ids that a body may say and may leave out; one empty name where there is none."""
        schema = self._meant(schema)
        optional = schema.get("properties", {}).keys() - schema.get("required", ())
        return sorted(name for name in optional if self._is_id(name)) or [""]

    def of(self, schema: dict[str, Any], name: str) -> Any:
        schema = self._meant(schema)
        if self._is_id(name):
            self.pointed = True
            return self._ids[name] if name in self._ids else [self._ids[name.removesuffix("s")]]
        if name == "id":
            return FRESH
        for said in ("const", "default"):
            if schema.get(said) is not None:
                return schema[said]
        for said in ("enum", "examples"):
            if schema.get(said):
                return schema[said][0]
        match schema.get("type"):
            case "object":
                return self._members(schema)
            case "array":
                return self._items(schema, name)
            case "string":
                return FRESH if "pattern" in schema else "x" * max(1, schema.get("minLength", 0))
            case "integer" | "number":
                return LATER.get(name) or int(max(schema.get("minimum", 1), schema.get("exclusiveMinimum", 0) + 1))
            case "boolean":
                return False
        return None

    def _members(self, schema: dict[str, Any]) -> dict[str, Any]:
        wanted = schema.get("required", ())
        return {
            name: self.of(form, name)
            for name, form in schema.get("properties", {}).items()
            if name in wanted or name == self.chosen
        }

    def _is_id(self, name: str) -> bool:
        return name in self._ids or name.removesuffix("s") in self._ids

    def _items(self, schema: dict[str, Any], name: str) -> list[Any]:
        if "prefixItems" in schema:
            return [self.of(form, "") for form in schema["prefixItems"]]
        form = schema.get("items", {})
        return [self.of(form, name.removesuffix("s")) for _ in range(max(1, schema.get("minItems", 0)))]

    def _meant(self, schema: dict[str, Any]) -> dict[str, Any]:
        while True:
            if "$ref" in schema:
                schema = self._document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
            elif "anyOf" in schema:
                rest = {name: value for name, value in schema.items() if name != "anyOf"}
                schema = next(one for one in schema["anyOf"] if one.get("type") != "null") | rest
            elif "oneOf" in schema:
                schema = schema["oneOf"][0]
            else:
                return schema
