"""Jobs in real containers: done, broken off, stopped, forgotten. The outcome is the same as anywhere."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from cloud.dispatch import Dispatch
from cloud.order import VERSION, Order
from cloud.sweeper import STALE_S, Sweeper
from cloud.wiring import APP
from jobs.ports import Record
from jobs.retries import Faults
from jobs.spec import FramingSpec, IngestSpec, PreviewSpec, SourceRef
from media.probe import probe
from reel import keys
from reel.geometry import Size
from tests.cloud.deployed import Cloud
from tests.jobs.homes import USER, clip, crop, framing, uuid
from tests.modal_standin.records import FAILED, api_pb2

GAME = uuid(800)


def a_preview(match: SourceRef, job: int, pts: int = 0) -> PreviewSpec:
    """Return the spec of what is done the soonest."""
    shown = clip(0, 400)
    return PreviewSpec(user=USER, job=uuid(job), draft=True, aspect="1:1", source=match, clip=shown, pts=pts)


def a_framing(match: SourceRef, job: int) -> FramingSpec:
    """Return the spec of a framing by our own network, of three segments that no other job makes."""
    clips = [
        clip(at, at + 400, id=name, look="natural", crop=(crop(0, 0.4, 0.5, 0.4 + job / 1000),))
        for name, at in (("a", 0), ("b", 1000), ("c", 2000))
    ]
    return framing([match], *clips, job=job, draft=False)


def has_begun(cloud: Cloud, spec: FramingSpec) -> None:
    """Wait until the first segment of a framing is kept, and not all are."""
    cloud.until(lambda: cloud.record(spec.job).progress.done >= 4 or cloud.result(spec))
    assert cloud.result(spec) is None, "it was faster than this test"


def test_a_preview_is_made_once_however_often_it_is_handed_over(cloud: Cloud, match: SourceRef):
    spec = a_preview(match, 1)
    call = cloud.home.dispatch.submit(spec)
    assert call.startswith("fc-")
    assert cloud.home.dispatch.submit(spec) == call
    assert cloud.home.objects.exists(cloud.done(spec)["key"])
    cloud.until(lambda: cloud.record(spec.job).state == "result")
    assert cloud.record(spec.job).attempt == 1
    assert cloud.home.dispatch.submit(spec) == call
    assert cloud.calls_of("draft") == 1


def test_a_framing_outlives_the_container_that_dies_of_it(cloud: Cloud, match: SourceRef):
    spec, before = a_framing(match, 2), cloud.calls_of("Framing.*")
    cloud.home.dispatch.submit(spec)
    has_begun(cloud, spec)
    for container in cloud.standin.containers(APP, "Framing.*"):
        cloud.standin.kill(container)
    value = cloud.done(spec)
    assert value["reused_frames"] >= 4, "what was rendered is kept"
    assert (value["frames"], value["looks"]) == (12, ["natural"])
    with cloud.home.objects.open(spec.output_key) as made:
        assert probe(made).displayed == Size(1080, 1080)
    last = cloud.until(lambda: (found := cloud.record(spec.job)).state == "result" and found)
    assert (last.attempt, last.progress.done, last.progress.total) == (2, 12, 12)
    assert cloud.calls_of("Framing.*") - before == 1, "Modal delivers it again by itself"


def test_one_that_runs_is_stopped_and_leaves_nothing(cloud: Cloud, match: SourceRef):
    spec = a_framing(match, 3)
    cloud.home.dispatch.submit(spec)
    has_begun(cloud, spec)
    assert cloud.home.dispatch.cancel(spec.job).state == "cancelling"
    ended = cloud.until(lambda: cloud.result(spec))
    assert ended["outcome"] == "cancelled"
    cloud.until(lambda: cloud.record(spec.job).state == "cancelled")
    assert not cloud.home.objects.exists(spec.output_key)


def test_one_that_waits_is_stopped_at_once(cloud: Cloud, match: SourceRef):
    spec = a_preview(match, 4)
    call = cloud.home.dispatch.submit(spec)
    if cloud.home.dispatch.cancel(spec.job).state == "cancelled":
        ended = cloud.result(spec)
        assert ended
        assert ended["outcome"] == "cancelled"
        cloud.until(lambda: cloud.home.hands.calls.has_ended(call))
    assert cloud.until(lambda: cloud.result(spec))["outcome"] == "cancelled"


def test_a_call_that_was_lost_gets_another_turn(cloud: Cloud, match: SourceRef):
    """Its container is gone without a word, Modal has given it up, and has forgotten even that."""
    spec = a_framing(match, 5)
    first = cloud.home.dispatch.submit(spec)
    has_begun(cloud, spec)
    [given_up] = cloud.standin.account.calls[first].inputs
    container = given_up.container
    assert container
    failed = api_pb2.GenericResult(status=FAILED)
    cloud.standin.run(cloud.standin.fleet.end(given_up, failed))
    cloud.standin.kill(container)
    cloud.standin.expire(first)

    assert not cloud.home.dispatch.read(spec.job).stale
    hands = replace(cloud.home.hands, clock=lambda: time.time() + STALE_S + 1)
    later = Dispatch(hands, Sweeper(hands))
    assert later.read(spec.job).record.state in {"queued", "running"}
    turn = cloud.home.hands.turns.last(spec.job)
    assert turn
    assert (turn.number, turn.faults.infra) == (2, 1)
    much_later = replace(cloud.home.hands, clock=lambda: turn.due_s + 1)
    Dispatch(much_later, Sweeper(much_later)).read(spec.job)
    assert cloud.done(spec)["frames"] == 12
    assert cloud.home.hands.turns.call(spec.job, 2) not in {None, first}


def test_with_dict_and_queue_wiped_the_result_decides(cloud: Cloud, match: SourceRef):
    spec = a_framing(match, 6)
    cloud.home.dispatch.submit(spec)
    has_begun(cloud, spec)
    cloud.standin.wipe()
    value = cloud.done(spec)
    assert value["frames"] == 12
    cloud.home.dispatch.submit(spec)  # whoever has its row finds that the ledger does not know it
    cloud.until(lambda: cloud.record(spec.job).state == "result")
    assert cloud.done(spec) == value


def test_a_job_goes_on_while_a_new_release_is_deployed(cloud: Cloud, match: SourceRef):
    spec, before = a_framing(match, 7), cloud.standin.account.deployed[APP].version
    cloud.home.dispatch.submit(spec)
    has_begun(cloud, spec)
    there = cloud.standin.containers(APP, "Framing.*")  # of tests before, too: one that is warm is used again
    cloud.deploy()
    assert cloud.standin.account.deployed[APP].version == before + 1
    assert {container.version for container in there} == {before}
    assert cloud.done(spec)["frames"] == 12
    assert cloud.record(spec.job).attempt == 1, "the container of the release before has done it"


def test_an_order_of_a_newer_release_is_given_back(cloud: Cloud, match: SourceRef):
    spec = a_preview(match, 8)
    hands = cloud.home.hands
    hands.ledger.create(Record(job=spec.job, user=USER, kind="preview"))
    hands.first_turn(spec)
    text = (
        Order.of(spec, 1, Faults())
        .model_dump_json()
        .replace(f'"schema_version":{VERSION}', f'"schema_version":{VERSION + 1}')
    )
    hands.calls.spawn("draft", text)
    turn = cloud.until(lambda: (found := hands.turns.last(spec.job)) and found.number == 2 and found)
    assert turn.faults.infra == 1
    assert cloud.done(replace_order(cloud, spec))["key"]


def replace_order(cloud: Cloud, spec: PreviewSpec) -> PreviewSpec:
    """Hand the next turn over as soon as it is due, as the watch does."""
    cloud.until(lambda: cloud.home.dispatch.read(spec.job) and cloud.result(spec))
    return spec


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"#EXTM3U\nhttp://a.b/c", "playlist_not_video"), (b"", "source_empty"), (b"no film at all", "not_a_video")],
)
def test_the_vet_refuses_what_is_no_film(cloud: Cloud, body: bytes, code: str):
    number = 20 + len(body)
    key = keys.original(USER, GAME, uuid(number), "mp4")
    cloud.home.objects.put(key, body)
    source = SourceRef(id=uuid(number), key=key, sha256="a" * 64)
    spec = IngestSpec(user=USER, job=uuid(number), game=GAME, source=source)
    cloud.home.dispatch.submit(spec)
    ended = cloud.until(lambda: cloud.result(spec))
    assert (ended["outcome"], ended["error"]["code"]) == ("failed", code)
    assert cloud.until(lambda: cloud.record(spec.job).state == "failed")


def test_a_film_is_looked_over(cloud: Cloud, match: SourceRef):
    key = keys.original(USER, GAME, uuid(50), "mp4")
    cloud.home.objects.put(key, cloud.home.objects.read(match.key))
    source = SourceRef(id=uuid(50), key=key, sha256=match.sha256)
    spec, before = IngestSpec(user=USER, job=uuid(50), game=GAME, source=source), cloud.calls_of("vet")
    cloud.home.dispatch.submit(spec)
    assert cloud.done(spec)["frames"] == 40
    assert cloud.calls_of("vet") == before + 1


def test_nothing_was_asked_that_the_stand_in_does_not_know(cloud: Cloud):
    assert cloud.standin.account.broken == []
