"""A parent at the deployed app, over HTTP: from a film on the phone to a finished reel, with nobody at this end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cloud.watch import Post
from cloud.wiring import APP
from reel import keys
from reel.geometry import Size
from tests.cloud.deployed import Cloud, filmed
from tests.journeys.finished import finished
from tests.journeys.parent import Parent, framed, spotlit
from tests.modal_standin.records import api_pb2

SECOND = 10_240  # ticks of the synthesised match


@dataclass(frozen=True)
class Brought:
    """A match that a parent has brought, with two clips in it."""

    cloud: Cloud
    parent: Parent
    film: Path
    clips: list[str]


@pytest.fixture(scope="module")
def brought(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brought]:
    film = filmed(tmp_path_factory.mktemp("film") / "match.mp4", seconds=4, rate=5)
    parent = Parent(cloud.url)
    source = parent.brings(parent.adds_game(), film)
    assert (source["state"], source["facts"]["size_px"]) == ("ready", [192, 108])
    clips = [parent.marks(source, at_s, 1.0, rating=5, notes=f"Play {at_s}") for at_s in (0.5, 2.5)]
    yield Brought(cloud, parent, film, clips)
    parent.close()


def naturally(document: dict[str, Any]) -> None:
    """Let every clip be enlarged by our own network: the other one's weights are in the real image only."""
    for clip in document["clips"]:
        clip["look"] = "natural"


def no_job_is_open(cloud: Cloud) -> bool:
    return not list(cloud.home.objects.keys(keys.ACTIVE_PREFIX))


def test_the_upload_was_looked_over_where_nothing_can_be_reached(brought: Brought):
    vet = brought.cloud.standin.function(APP, "vet").definition
    assert (vet.block_network, vet.untrusted, vet.single_use_containers, list(vet.secret_ids)) == (True, True, True, [])
    assert brought.cloud.calls_of("vet") == 1


def test_a_reel_is_made_while_nobody_looks(brought: Brought, tmp_path: Path):
    cloud, parent = brought.cloud, brought.parent
    project = parent.begins_project(brought.clips, title="Saturday")
    for change in (naturally, framed((0, 0.5, 0.5, 0.8)), spotlit(SECOND // 2)):
        parent.edits(project, change)
    framing = parent.exports(project, "framing")
    assert [job["draft"] for job in framing] == [True, False]
    [overlay] = parent.exports(project, "overlay")
    assert overlay["waits_for"] == framing[1]["id"]

    cloud.until(lambda: no_job_is_open(cloud))  # the watch settles, hands the overlay over, and settles that
    ended = [parent.gets(f"/api/jobs/{job['id']}") for job in (*framing, overlay)]
    assert [job["state"] for job in ended] == ["done"] * 3, ended
    reel = parent.gets(f"/api/projects/{project}")["reel_id"]
    made = finished(parent.downloads(f"/api/media/reel/{reel}", tmp_path / "reel.mp4"))
    assert (made.size, made.rate, made.frames, made.title) == (Size(1080, 1920), 5, 10, "Saturday")
    assert [name for name, _, _ in made.chapters] == ["Play 0.5", "Play 2.5"]

    cloud.until(lambda: not cloud.standin.containers(APP, "watch"))
    assert not Post(cloud.home.entries, cloud.home.clock.time_s).is_held(), "the watch has left its post"


def test_an_export_is_stopped_from_the_browser(brought: Brought):
    cloud, parent = brought.cloud, brought.parent
    project = parent.begins_project(brought.clips[:1])
    for change in (naturally, framed((0, 0.5, 0.5, 0.7))):
        parent.edits(project, change)
    jobs = parent.exports(project, "framing")
    for job in jobs:
        parent.asks("DELETE", f"/api/jobs/{job['id']}")
    ended = parent.waits_for(jobs)
    assert {job["state"] for job in ended} <= {"done", "cancelled"}
    assert ended[1]["state"] == "cancelled", "nobody is as fast as that"
    cloud.until(lambda: no_job_is_open(cloud))


def test_with_dict_and_queue_wiped_everything_is_rebuilt_from_the_bucket(brought: Brought):
    cloud, parent = brought.cloud, brought.parent
    project = parent.begins_project(brought.clips[1:])
    for change in (naturally, framed((0, 0.5, 0.5, 0.6))):
        parent.edits(project, change)
    jobs = parent.exports(project, "framing")
    cloud.standin.wipe()
    for container in cloud.standin.containers(APP, "watch"):
        cloud.standin.kill(container)
    ended = parent.waits_for(jobs)
    assert [job["state"] for job in ended] == ["done", "done"], ended
    assert parent.visitor.location(f"/api/media/working_video/{project}")


def test_the_hourly_backstop_begins_a_watch_only_where_one_is_needed(brought: Brought):
    cloud = brought.cloud
    cloud.until(lambda: no_job_is_open(cloud))
    before = cloud.calls_of("watch")
    done(cloud, "backstop")
    assert cloud.calls_of("watch") == before
    cloud.home.entries.drop("watch")
    cloud.home.objects.put(keys.active("00000000-0000-7000-8000-000000000099"), b'{"user": "ann", "noted_s": 0}')
    done(cloud, "backstop")
    assert cloud.calls_of("watch") == before + 1
    cloud.until(lambda: no_job_is_open(cloud))  # of a job that never got a row nothing is left


def test_the_daily_tidying_leaves_what_is_used(brought: Brought):
    done(brought.cloud, "tidy")
    sources = [game["id"] for game in brought.parent.gets("/api/games")["items"]]
    assert sources
    assert brought.parent.gets(f"/api/games/{sources[0]}/sources")["items"][0]["state"] == "ready"


def done(cloud: Cloud, name: str) -> None:
    """Trigger a schedule and wait until its function has returned."""
    call = cloud.standin.trigger(APP, name)
    cloud.until(lambda: call.unfinished == 0)
    [one] = call.inputs
    assert one.output
    assert one.output.result.status == api_pb2.GenericResult.GENERIC_STATUS_SUCCESS, cloud.standin.log(APP)[-2000:]


def test_an_export_is_refused_while_exports_are_paused(brought: Brought):
    cloud, parent = brought.cloud, brought.parent
    project = parent.begins_project(brought.clips[:1])
    parent.edits(project, framed((0, 0.5, 0.5, 0.9)))
    cloud.home.entries.put("paused", "{}")
    status, said = parent.visitor.ask("POST", f"/api/projects/{project}/exports", {"stage": "framing"})
    assert (status, said["code"]) == (503, "exports_paused")
    cloud.home.entries.drop("paused")


def test_nothing_was_asked_that_the_stand_in_does_not_know(brought: Brought):
    assert brought.cloud.standin.account.broken == []
