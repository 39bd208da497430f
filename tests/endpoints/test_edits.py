"""Edits over HTTP: the document whole, its mirror in OpenAPI, merging, and the lines that operators were promised."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from pydantic import TypeAdapter

from endpoints.edit_document import EXAMPLE, EditDoc, Saving
from reel.edit import EditDocument, parse, to_json
from storage.bucket import Fetched
from storage.objects import Objects
from storage.schema import MIGRATIONS
from storage.userdb import Manner, UserDatabases
from tests.endpoints.belongings import user_of
from tests.endpoints.stage import Browser, Stage, code_of, uuid
from tests.reel.edits import documents

PROJECT = uuid(500)
PATH = f"/api/projects/{PROJECT}/edit"


@pytest.fixture
def owner(browser: Browser) -> Browser:
    """Somebody with an empty project."""
    assert browser.post("/api/projects", {"id": PROJECT, "clip_ids": []}).status_code == 201
    return browser


def clip(number: int, **more: Any) -> dict[str, Any]:
    return {"id": uuid(number), "time_base": [1, 1000], "in_pts": 1000, "out_pts": 7000} | more


def card(number: int, text: str = "Second half") -> dict[str, Any]:
    return {"id": uuid(number), "text": text}


@given(documents())
@settings(max_examples=60)
def test_the_mirror_says_what_the_domain_says(document: EditDocument) -> None:
    told = to_json(document)
    assert EditDoc.of(document).model_dump(mode="json", by_alias=True) == told
    assert TypeAdapter(Saving).validate_python(told) == parse(told)


def test_the_example_is_an_edit() -> None:
    assert EditDoc.of(parse(EXAMPLE)).model_dump(mode="json", by_alias=True) == to_json(parse(EXAMPLE))


def test_an_edit_is_saved_and_read_back(owner: Browser) -> None:
    edit = owner.get(PATH).json()
    assert (edit["schema"], edit["head_revision"], edit["clips"]) == (1, 1, [])
    saved = owner.put(PATH, edit | {"title": "Mia", "clips": [clip(1)], "cards": [card(9)]})
    assert saved.status_code == 200
    there = saved.json()
    assert (there["head_revision"], there["title"], there["clips"][0]["revision"]) == (2, "Mia", 1)
    assert owner.get(PATH).json() == there
    assert owner.put(PATH, there).json() == there  # the same again is no new save
    assert owner.get(f"/api/projects/{PROJECT}").json()["title"] == "Mia"


def test_a_short_edit_is_filled_up(owner: Browser) -> None:
    """What is left out has its default, ids are made from their places."""
    short = {"schema": 1, "head_revision": 1, "clips": [{"time_base": [1, 25], "in_pts": 0, "out_pts": 50}]}
    saved = owner.put(PATH, short).json()
    assert saved["clips"][0]["id"] == parse(short).clips[0].id
    assert (saved["aspect"], saved["clips"][0]["transition_in"], saved["cards"]) == ("9:16", "cut", [])


def test_what_two_tabs_did_apart_comes_together(owner: Browser) -> None:
    begun = owner.put(PATH, owner.get(PATH).json() | {"clips": [clip(1), clip(2)]}).json()
    one, other = (begun | {"clips": [dict(each) for each in begun["clips"]]} for _ in range(2))
    one["clips"][0]["label"] = "Mia"
    other["clips"][1]["label"] = "Lena"
    other["title"] = "Spring"
    assert owner.put(PATH, one).status_code == 200
    merged = owner.put(PATH, other)
    assert merged.status_code == 200
    assert [each["label"] for each in merged.json()["clips"]] == ["Mia", "Lena"]
    assert (merged.json()["title"], merged.json()["head_revision"]) == ("Spring", 4)


def test_what_both_changed_is_a_conflict_with_what_is_there(owner: Browser) -> None:
    begun = owner.put(PATH, owner.get(PATH).json() | {"clips": [clip(1)]}).json()
    there = owner.put(PATH, begun | {"clips": [begun["clips"][0] | {"label": "Mia"}]}).json()
    mine = owner.put(PATH, begun | {"clips": [begun["clips"][0] | {"label": "Lena"}]})
    assert (mine.status_code, code_of(mine)) == (409, "stale_project")
    details = mine.json()["details"]
    assert details["conflicts"] == [{"part": "clip", "id": uuid(1), "mine": "changed", "current": "changed"}]
    assert details["current"] == there == owner.get(PATH).json()


def test_p8_a_save_whose_answer_was_lost_is_applied_once(owner: Browser) -> None:
    begun = owner.get(PATH).json()
    first = owner.put(PATH, begun | {"clips": [clip(1)]}, key="k")
    owner.put(PATH, first.json() | {"title": "Later"})
    again = owner.put(PATH, begun | {"clips": [clip(1)]}, key="k")
    assert again.status_code == 200
    assert (again.json()["title"], again.json()["head_revision"]) == ("Later", 3)  # what is there now
    other = owner.put(PATH, begun | {"clips": [clip(2)]}, key="k")
    assert (other.status_code, code_of(other)) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"schema": 2}, "bad_field", "/schema"),
        ({"clips": None}, "bad_field", "/clips"),
        ({"clips": {}}, "bad_field", "/clips"),
        ({"colour": "red"}, "bad_field", "/colour"),
        ({"aspect": "2:1"}, "bad_field", "/aspect"),
        ({"title": "a\u0000b"}, "bad_field", "/title"),
        ({"clips": [clip(1, in_pts=7000)]}, "empty_span", "/clips/0/out_pts"),
        ({"clips": [clip(1), clip(1)]}, "bad_field", "/clips/1/id"),
        ({"clips": [clip(1, time_base=[1, 0])]}, "bad_field", "/clips/0/time_base/1"),
        ({"clips": [clip(1, in_pts=1.5)]}, "bad_field", "/clips/0/in_pts"),
        ({"clips": [clip(1, in_pts=True)]}, "bad_field", "/clips/0/in_pts"),
        ({"clips": [clip(1, in_pts=2**60)]}, "bad_field", "/clips/0/in_pts"),
        ({"clips": [clip(1, source_id="../x")]}, "bad_field", "/clips/0/source_id"),
        (
            {"clips": [clip(1, crops={"9:16": {"keys": [{"pts": 0, "cx": 2, "cy": 0.5, "h": 1}]}})]},
            "crop_outside_picture",
            "/clips/0/crops/9:16/keys/0/cx",
        ),
        ({"clips": [clip(1, crops={"9:16": {"keys": []}})]}, "bad_field", "/clips/0/crops/9:16/keys"),
        ({"cards": [card(9) | {"before": uuid(77)}]}, "bad_field", "/cards/0/before"),
        ({"clips": [clip(number) for number in range(1, 202)]}, "bad_field", "/clips"),
    ],
)
def test_what_is_wrong_is_named_by_a_pointer(owner: Browser, change: dict[str, Any], code: str, field: str) -> None:
    answer = owner.put(PATH, {"schema": 1, "clips": [], "head_revision": 1} | change)
    assert (answer.status_code, code_of(answer)) == (422, code)
    assert answer.json()["details"]["field"] == field


@pytest.mark.parametrize("body", [None, [], "edit", 5, True])
def test_a_body_that_is_no_edit(owner: Browser, body: Any) -> None:
    answer = owner.put(PATH, body)
    assert (answer.status_code, code_of(answer)) == (422, "bad_field")


def test_p9_the_edit_of_another_is_not_there(owner: Browser, stage: Stage) -> None:
    stranger = stage.browser()
    assert stranger.get(PATH).status_code == 404
    assert stranger.put(PATH, {"schema": 1, "clips": []}).status_code == 404
    assert owner.get(PATH).json()["head_revision"] == 1


class Slow:
    """A bucket on which a write takes 0.65 s of the stage's clock."""

    def __init__(self, objects: Objects, stage: Stage) -> None:
        self._objects, self._stage = objects, stage

    def __getattr__(self, name: str) -> Any:
        return getattr(self._objects, name)

    def fetch(self, key: str, known: str | None = None) -> Fetched | None:
        return self._objects.fetch(key, known)

    def replace(self, key: str, body: bytes, etag: str | None) -> str:
        self._stage.clock.ahead_s += 0.65
        return self._objects.replace(key, body, etag)


def test_the_promised_lines_are_logged_byte_for_byte(
    owner: Browser, stage: Stage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Stepped(type(stage.clock)):
        """Stands still but for what the bucket takes."""

        def steady_s(self) -> float:
            return stage.clock.ahead_s

    bucket: Any = Slow(stage.services.objects, stage)
    manner = Manner(pace_s=0.0, shown=str, clock=Stepped())
    databases = UserDatabases(bucket, MIGRATIONS, tmp_path / "slow", manner)
    slow = replace(stage, services=replace(stage.services, databases=databases)).browser()
    slow.client.cookies.update(owner.client.cookies)
    with caplog.at_level(logging.INFO, "storage"):
        saved = slow.put(PATH, owner.get(PATH).json() | {"title": "Mia"})
    assert saved.status_code == 200
    said = [(record.levelname, record.getMessage()) for record in caplog.records if record.name == "storage"]
    assert ("INFO", f"Database synced to R2 for user: {user_of(owner)}, version: 2") in said
    assert ("WARNING", "[SLOW DB SYNC] PUT /api/projects/{id}/edit - sync took 0.65s") in said


def test_a_slow_export_is_logged_by_its_route(
    owner: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("endpoints.front.SLOW_S", 0.0)
    with caplog.at_level(logging.WARNING, "endpoints"):
        owner.post(f"/api/projects/{PROJECT}/exports", {"stage": "framing"})
    lines = [record.getMessage() for record in caplog.records]
    assert any(line.startswith("[SLOW REQUEST] POST /api/projects/{id}/exports - total ") for line in lines)
