"""`modal run app.py::…` from a terminal: the real command line, a container of its own, the result brought home."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from cloud import terminal
from cloud.wiring import APP, SECRET, by_name
from media.decode import picture_count
from media.probe import probe
from reel.edit import EditClip, EditDocument, to_json
from reel.errors import BadInput, NotFound
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
    printed = cloud.standin.cli("run", f"app.py::{entrypoint}", *arguments, cwd=CHECKOUT, environ=secret)
    return [json.loads(line) for line in printed.splitlines() if line.startswith('{"')]


@dataclass(frozen=True)
class Brought:
    """A framing that was brought home, what its run said, and the film that it is of."""

    film: Path
    framing: Path
    told: list[dict[str, Any]]


@pytest.fixture(scope="module")
def brought(cloud: Cloud, edit: Path, tmp_path_factory: pytest.TempPathFactory) -> Brought:
    folder = tmp_path_factory.mktemp("brought")
    film, out = filmed(folder / "match.mp4"), folder / "framing.mp4"
    asked = ("--source", str(film), "--edit", str(edit), "--out", str(out), "--look", "natural")
    return Brought(film, out, ran(cloud, "frame", *asked))


@pytest.fixture
def settings(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `modal run` has in its environment, in this process: each run of the command line takes seconds."""
    for name, value in cloud.standin.account.secrets[SECRET].items():
        monkeypatch.setenv(name, value)


def told(capsys: pytest.CaptureFixture[str], do: str, job: str = "") -> list[dict[str, Any]]:
    """Look after the deployed app as `::ops` does; return the JSON lines that it printed."""
    capsys.readouterr()
    terminal.ops(by_name(APP), do, job)
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith('{"')]


def test_an_edit_of_a_file_is_framed_and_brought_home(cloud: Cloud, brought: Brought):
    assert brought.film.exists()
    assert probe(brought.framing).displayed == Size(1080, 1080)
    *moving, spent = brought.told
    assert moving
    assert {line["job"] for line in brought.told} == {spent["job"]}
    [turn] = spent["containers"]
    assert spent["dollars"] == pytest.approx(turn["dollars"], abs=1e-6)
    assert (turn["machine"], turn["cores"], turn["gpu"], turn["tail_s"]) == ("framing", 4.0, None, 5)
    assert turn["start_s"] > 0
    assert turn["work_s"] > 0
    assert not list(cloud.home.objects.keys("dev-local/working_videos/")), "it was brought home"


def test_what_an_edit_has_on_top_is_drawn_onto_its_framing(cloud: Cloud, brought: Brought, edit: Path, tmp_path: Path):
    out = tmp_path / "reel.mp4"
    asked = ("--source", str(brought.film), "--edit", str(edit), "--framing", str(brought.framing), "--out", str(out))
    *_, spent = ran(cloud, "overlay", *asked)
    assert (spent["kind"], spent["containers"][0]["machine"]) == ("overlay", "overlay")
    assert picture_count(out) == picture_count(brought.framing) == 10
    assert brought.framing.exists()
    assert not list(cloud.home.objects.keys("dev-local/working_videos/"))
    assert not list(cloud.home.objects.keys("dev-local/final_videos/")), "it was brought home, and its cover is gone"


@pytest.mark.usefixtures("settings")
def test_what_is_wrong_is_said_before_anything_is_rented(cloud: Cloud, edit: Path, tmp_path: Path):
    out, before, lookup = str(tmp_path / "out.mp4"), len(cloud.standin.account.calls), by_name(APP)
    with pytest.raises(NotFound):
        terminal.frame(lookup, "no/such/key.mp4", str(edit), out, "crisp")
    for source, asked, look in ((str(edit), str(tmp_path / "none.json"), "crisp"), (str(edit), str(edit), "blurred")):
        with pytest.raises(BadInput):
            terminal.frame(lookup, source, asked, out, look)
    with pytest.raises(BadInput, match="::frame makes it"):
        terminal.overlay(lookup, str(edit), str(edit), str(tmp_path / "none.mp4"), out)
    assert len(cloud.standin.account.calls) == before
    with pytest.raises(AssertionError, match="BadInput"):
        ran(cloud, "frame", "--source", "a", "--edit", str(tmp_path / "none.json"), "--out", out)


@pytest.mark.usefixtures("settings")
def test_an_operator_looks_pauses_and_restores(cloud: Cloud, capsys: pytest.CaptureFixture[str]):
    assert ran(cloud, "ops") == [{"open_jobs": 0, "watched": False, "paused": False}]
    told(capsys, "pause")
    assert told(capsys, "status")[0]["paused"]
    told(capsys, "restore")
    assert not told(capsys, "status")[0]["paused"]
    assert told(capsys, "jobs") == []
    with pytest.raises(BadInput, match="--do is one of"):
        terminal.ops(by_name(APP), "dance", "")
    with pytest.raises(NotFound):
        terminal.ops(by_name(APP), "requeue", uuid(77))


@pytest.mark.usefixtures("settings", "brought")
def test_the_dollars_of_all_turns_are_added_up(capsys: pytest.CaptureFixture[str]):
    [spent] = told(capsys, "spend")
    assert spent["turns"] >= 1
    assert 0 < spent["dollars"] < 0.1
    assert spent["dollars"] == pytest.approx(sum(spent["by_machine"].values()), abs=1e-5)
    assert spent["by_machine"]["framing"] > 0


def test_a_smoke_test_names_what_is_not_there(cloud: Cloud):
    """Here there is no GPU, and an image without the weights of the crisp look."""
    with pytest.raises(AssertionError, match="Not as it should be: gpu, weights, fps"):
        ran(cloud, "smoke")
