"""`modal run app.py::…` from a terminal: the real command line, a container of its own, the result brought home."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from cloud.wiring import SECRET
from media.probe import probe
from reel.edit import EditClip, EditDocument, to_json
from reel.geometry import Size
from reel.timing import Span
from tests.cloud.deployed import Cloud, filmed
from tests.conftest import CHECKOUT
from tests.jobs.homes import uuid


@pytest.fixture(scope="module")
def edit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    clip = EditClip(id=uuid(1), time_base=Fraction(1, 10), span=Span(5, 15))
    path = tmp_path_factory.mktemp("edit") / "edit.json"
    path.write_text(json.dumps(to_json(EditDocument(aspect="1:1", clips=(clip,)))))
    return path


def ran(cloud: Cloud, entrypoint: str, *arguments: str) -> list[dict[str, Any]]:
    """Run an entrypoint; return the JSON lines that it printed."""
    secret = cloud.standin.account.secrets[SECRET]
    told = cloud.standin.cli("run", f"app.py::{entrypoint}", *arguments, cwd=CHECKOUT, environ=secret)
    return [json.loads(line) for line in told.splitlines() if line.startswith('{"')]


def test_an_edit_of_a_file_is_framed_and_brought_home(cloud: Cloud, edit: Path, tmp_path: Path):
    film, out = filmed(tmp_path / "match.mp4"), tmp_path / "framing.mp4"
    asked = ("--source", str(film), "--edit", str(edit), "--out", str(out), "--look", "natural")
    told = ran(cloud, "frame", *asked)
    assert film.exists()
    assert probe(out).displayed == Size(1080, 1080)
    *moving, spent = told
    assert moving
    assert {line["job"] for line in told} == {spent["job"]}
    [turn] = spent["turns"]
    assert spent["dollars"] == pytest.approx(turn["dollars"], abs=1e-6)
    assert (turn["cores"], turn["gpu"], turn["tail_s"]) == (4.0, None, 5)
    assert turn["work_s"] > 0
    assert not list(cloud.home.objects.keys("dev-local/working_videos/")), "it was brought home"


def test_what_is_wrong_is_said_before_anything_is_rented(cloud: Cloud, edit: Path, tmp_path: Path):
    for asked in (
        ("--source", "no/such/key.mp4", "--edit", str(edit)),
        ("--source", "a", "--edit", str(tmp_path / "none.json")),
    ):
        before = len(cloud.standin.account.calls)
        with pytest.raises(AssertionError):
            ran(cloud, "frame", *asked, "--out", str(tmp_path / "out.mp4"))
        assert len(cloud.standin.account.calls) == before


def test_an_operator_looks_pauses_and_restores(cloud: Cloud):
    assert ran(cloud, "ops") == [{"open_jobs": 0, "watched": False, "paused": False}]
    ran(cloud, "ops", "--do", "pause")
    assert ran(cloud, "ops", "--do", "status")[0]["paused"]
    ran(cloud, "ops", "--do", "restore")
    assert not ran(cloud, "ops", "--do", "status")[0]["paused"]
    with pytest.raises(AssertionError, match="--do is one of"):
        ran(cloud, "ops", "--do", "dance")


def test_the_dollars_of_all_turns_are_added_up(cloud: Cloud):
    [spent] = ran(cloud, "ops", "--do", "spend")
    assert spent["turns"] >= 1
    assert 0 < spent["dollars"] < 0.1


def test_a_smoke_test_names_what_is_not_there(cloud: Cloud):
    """Here there is no GPU, and an image without the weights of the crisp look."""
    with pytest.raises(AssertionError, match="Not as it should be: gpu, weights, fps"):
        ran(cloud, "smoke")
