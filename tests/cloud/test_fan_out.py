"""A framing that takes long, in real containers: spread over several, settled once, stopped and gone on with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud import costs
from cloud.wiring import APP
from jobs.spec import FramingSpec, SourceRef
from tests.cloud.deployed import Cloud, deployed, filmed
from tests.cloud.test_helping import a_framing
from tests.jobs.homes import USER, clip, crop, framing, uuid


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filmed(tmp_path_factory.mktemp("film") / "match.mp4", seconds=8)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """An app in which a hundredth of a second of work is worth a container: however fast the machine is, it asks."""
    with deployed(tmp_path_factory.mktemp("cloud"), FAN_OUT_S="0.01") as cloud:
        yield cloud


def test_a_long_framing_is_spread_over_containers_and_settled_once(cloud: Cloud, film: Path):
    spec = a_framing(cloud.adopt(film), 2)
    cloud.home.dispatch.submit(spec)
    value = cloud.done(spec)
    assert (value["frames"], value["rendered_frames"]) == (8, 8)
    cloud.until(lambda: cloud.record(spec.job).state == "result")
    assert cloud.record(spec.job).attempt == 1
    assert 2 <= cloud.calls_of("Framing.*") <= 3, "each of the others has a part at least"
    cost = value["cost"]
    assert {each["machine"] for each in cost["containers"]} == {"framing"}
    assert all(each["work_s"] > 0 and each["cores"] == 4.0 for each in cost["containers"])
    assert cost["dollars"] == pytest.approx(sum(each["dollars"] for each in cost["containers"]), abs=1e-5)
    assert cost["prices_of"] == costs.PRICES_OF
    assert len(list(cloud.home.objects.keys(f"{USER}/segments/"))) == len(value["segments"])


def a_longer_framing(match: SourceRef, job: int) -> FramingSpec:
    """Return the spec of a framing that is still at work when a stop comes: two clips, 76 frames."""
    crops = (crop(0, 0.5, 0.5, 0.5 + job / 100),)
    clips = [clip(n * 3900, n * 3900 + 3800, id=each, look="natural", crop=crops) for n, each in enumerate("ab")]
    return framing([match], *clips, job=job, draft=False)


def test_with_helpers_at_work_a_stop_is_a_stop_and_what_was_made_is_kept(cloud: Cloud, film: Path):
    spec = a_longer_framing(cloud.adopt(film), 3)
    before = cloud.calls_of("Framing.*")
    cloud.home.dispatch.submit(spec)
    cloud.until(lambda: cloud.calls_of("Framing.*") - before >= 2 or cloud.result(spec))
    cloud.home.dispatch.cancel(spec.job)
    assert cloud.until(lambda: cloud.result(spec))["outcome"] == "cancelled"
    cloud.until(lambda: not any(each.running for each in cloud.standin.containers(APP, "Framing.*")))
    kept = set(cloud.home.objects.keys(f"{USER}/segments/"))
    again = spec.model_copy(update={"job": uuid(4)})
    cloud.home.dispatch.submit(again)
    value = cloud.done(again)
    assert value["reused_frames"] >= 2
    assert kept <= set(cloud.home.objects.keys(f"{USER}/segments/"))
    assert cloud.standin.account.broken == []
