import json
import sqlite3
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reel import keys
from reel.errors import (
    BadField,
    Cancelled,
    Internal,
    Json,
    NotAVideo,
    NotFound,
    SourceGone,
    SourceTruncated,
    StoreUnavailable,
)
from reel.timing import Span
from storage import clips, framings, games, handouts, jobs, projects, reels, removals, sources, trims
from storage.results import Ended, read_result
from storage.settle import settle
from tests.reel.edits import clip, uuid
from tests.storage.ended import (
    archive_spec,
    archived,
    cancelled,
    compile_spec,
    compiled,
    demo_spec,
    done,
    extract_spec,
    extracted,
    failed,
    filmed,
    framed,
    framing_spec,
    ingest_spec,
    ingested,
    overlaid,
    overlay_spec,
    preview_spec,
    previewed,
    trimmed,
    window_spec,
    windowed,
)
from tests.storage.tables import (
    BASE,
    FRAME,
    FRAMES,
    LATER,
    NOW,
    USER,
    edit_of,
    game,
    moment,
    opened,
    project,
    provisional,
    rated,
    ready,
    source,
)

PROJECT, REEL = uuid(40), uuid(50)


def rows(connection: sqlite3.Connection) -> list[str]:
    return sorted(connection.iterdump())  # rows that settling adds stand in the order in which it did


def test_a_framing_becomes_the_projects_working_video(connection: sqlite3.Connection):
    project(connection, 40, clip(900))
    spec = framing_spec(1, PROJECT)
    jobs.add(connection, spec, NOW, made_of="hash", price_credits=5)
    assert settle(connection, done(1, framed()), LATER)
    found = framings.newest(connection, PROJECT, draft=False)
    assert found == framings.get(connection, uuid(1))
    assert found == framings.Framing(
        job_id=uuid(1),
        project_id=PROJECT,
        key=keys.working_video(USER, PROJECT, uuid(1)),
        draft=False,
        made_of="hash",
        frames=125,
        rate=Fraction(25),
        looks=("natural",),
        shown=({"clip": uuid(900), "first_frame": 0, "frame_count": 125},),
        created_at=NOW,
    )
    job = jobs.get(connection, uuid(1))
    assert (job.state, job.settled_at, job.value, job.error) == ("done", LATER, None, None)
    assert framings.newest(connection, PROJECT, draft=True) is None


def test_a_result_counts_once(connection: sqlite3.Connection):
    project(connection, 40, clip(900))
    jobs.add(connection, framing_spec(1, PROJECT), NOW, made_of="hash")
    assert settle(connection, done(1, framed()), LATER)
    before = rows(connection)
    assert not settle(connection, done(1, framed()), moment(1))
    assert not settle(connection, failed(1, Internal()), moment(1))
    assert not settle(connection, done(2, framed()), moment(1))
    assert rows(connection) == before


def test_what_was_committed_stays_though_it_was_being_cancelled(connection: sqlite3.Connection):
    project(connection, 40, clip(900))
    jobs.add(connection, framing_spec(1, PROJECT, draft=True), NOW, made_of="hash")
    assert jobs.cancel(connection, uuid(1)).state == "cancelling"
    assert settle(connection, done(1, framed(draft=True)), LATER)
    assert jobs.cancel(connection, uuid(1)).state == "done"
    assert framings.newest(connection, PROJECT, draft=True) is not None


def test_a_cancelled_or_failed_job_makes_no_row_and_leaves_no_object(connection: sqlite3.Connection):
    project(connection, 40, clip(900))
    jobs.add(connection, framing_spec(1, PROJECT), NOW)
    jobs.add(connection, overlay_spec(2, PROJECT, REEL, 1), NOW)
    assert settle(connection, cancelled(1, Cancelled()), LATER)
    assert settle(connection, failed(2, StoreUnavailable("The store did not answer for an hour.")), LATER)
    assert [jobs.get(connection, uuid(number)).state for number in (1, 2)] == ["cancelled", "failed"]
    error = jobs.get(connection, uuid(2)).error
    assert error is not None
    assert (error["code"], error["message"]) == ("store_unavailable", "The store did not answer for an hour.")
    assert framings.newest(connection, PROJECT, draft=False) is None
    assert reels.page(connection).items == ()
    left = {keys.working_video(USER, PROJECT, uuid(1)), keys.final_video(USER, REEL, 1), keys.poster(USER, REEL)}
    assert set(removals.waiting(connection)) == left


def test_versions_of_a_reel_stand_side_by_side(connection: sqlite3.Connection):
    project(connection, 40, clip(900))
    for number, title in ((1, "Old"), (2, "New")):
        reel_id, version = projects.next_version(connection, PROJECT, REEL)
        spec = overlay_spec(number, PROJECT, reel_id, version, title)
        jobs.add(connection, spec, moment(number), made_of=f"hash {number}")
    assert settle(connection, done(2, overlaid()), LATER)
    assert settle(connection, done(1, overlaid(draft=True)), LATER)
    reel = reels.get(connection, REEL)
    assert (reel.project_id, reel.name, reel.version_count, reel.newest.version) == (PROJECT, "New", 2, 2)
    versions = reels.versions(connection, REEL).items
    assert [(one.version, one.draft, one.made_of) for one in versions] == [(2, False, "hash 2"), (1, True, "hash 1")]
    assert versions[0] == reels.version(connection, REEL, 2)
    assert versions[0].outside == ({"clip": uuid(900), "spotlight": uuid(902)},)
    assert projects.made_of(connection, [PROJECT]) == {PROJECT: {"reel": "hash 2"}}


def test_a_reel_is_finished_though_its_project_was_deleted(connection: sqlite3.Connection):
    project(connection, 40, clip(900))
    jobs.add(connection, overlay_spec(1, PROJECT, REEL, 1), NOW)
    jobs.add(connection, framing_spec(2, PROJECT), NOW)
    projects.remove(connection, PROJECT, NOW)
    assert settle(connection, done(1, overlaid()), LATER)
    assert settle(connection, done(2, framed()), LATER)
    assert reels.get(connection, REEL).project_id is None
    assert removals.waiting(connection) == (keys.working_video(USER, PROJECT, uuid(2)),)


def test_ingest_makes_a_source_ready_and_snaps_what_was_marked(connection: sqlite3.Connection):
    found = source(connection, 10, game(connection))
    clips.add(connection, provisional(20, found.id), NOW)
    jobs.add(connection, ingest_spec(1, found), NOW)
    assert settle(connection, done(1, ingested()), LATER, FRAMES)
    there = sources.get(connection, found.id)
    assert (there.state, there.error, there.usable_until_pts) == ("ready", None, None)
    assert there.facts == sources.Facts(
        codec="hevc",
        width_px=3840,
        height_px=2160,
        time_base=BASE,
        span=Span(0, FRAMES[-1] + FRAME),
        rate=Fraction(25),
        frames=len(FRAMES),
        constant_rate=True,
        hdr=True,
        sound=False,
        proxy=True,
        sprite={"tile_px": [160, 90], "columns": 10, "pts": [0, 12800]},
    )
    kept = clips.get(connection, uuid(20))
    assert (kept.provisional, kept.clip.time_base, kept.clip.span) == (False, BASE, Span(250 * FRAME, 375 * FRAME))


def test_a_source_accepted_short_says_where_it_ends(connection: sqlite3.Connection):
    found = source(connection, 10, game(connection))
    jobs.add(connection, ingest_spec(1, found), NOW)
    assert settle(connection, failed(1, SourceTruncated(41.0)), LATER)
    short = sources.get(connection, found.id)
    assert short.error is not None
    assert (short.state, short.error["details"]) == ("failed", {"usable_s": 41.0})
    assert removals.waiting(connection) == ()
    jobs.add(connection, ingest_spec(2, found, accept_truncated=True), NOW)
    assert sources.get(connection, found.id).state == "ingesting"
    assert settle(connection, done(2, ingested(out_pts=41 * 12800)), LATER)
    assert sources.get(connection, found.id).usable_until_pts == 41 * 12800


def test_a_file_that_is_no_footage_is_refused_and_its_bytes_go(connection: sqlite3.Connection):
    game_id = game(connection)
    found = source(connection, 10, game_id)
    marked = clips.add(connection, provisional(20, found.id), NOW)
    jobs.add(connection, ingest_spec(1, found), NOW)
    assert settle(connection, failed(1, NotAVideo()), LATER)
    refused = sources.get(connection, found.id)
    assert refused.error is not None
    assert (refused.state, refused.error["code"]) == ("refused", "not_a_video")
    assert removals.waiting(connection) == (keys.source_prefix(USER, game_id, found.id),)
    assert clips.get(connection, marked.clip.id) == marked
    with pytest.raises(SourceGone):
        sources.ref(refused, USER)


@pytest.mark.parametrize("fault", [Internal(), StoreUnavailable(), SourceGone()])
def test_a_fault_of_ours_refuses_no_file(connection: sqlite3.Connection, fault: Internal):
    found = source(connection, 10, game(connection))
    jobs.add(connection, ingest_spec(1, found), NOW)
    assert settle(connection, failed(1, fault), LATER)
    assert sources.get(connection, found.id).state == "failed"
    assert removals.waiting(connection) == ()


def test_the_last_ingest_that_was_asked_for_decides(connection: sqlite3.Connection):
    found = source(connection, 10, game(connection))
    jobs.add(connection, ingest_spec(1, found), NOW)
    jobs.add(connection, ingest_spec(2, found), NOW)
    assert settle(connection, done(2, ingested()), LATER)
    assert settle(connection, failed(1, NotAVideo()), LATER)
    assert sources.get(connection, found.id).state == "ready"
    assert removals.waiting(connection) == ()


def test_an_ingest_of_a_deleted_game_leaves_nothing(connection: sqlite3.Connection):
    game_id = game(connection)
    found = source(connection, 10, game_id)
    jobs.add(connection, ingest_spec(1, found), NOW)
    jobs.add(connection, ingest_spec(2, found), NOW)
    games.remove(connection, game_id, USER, NOW)
    removals.done(connection, removals.waiting(connection))
    assert settle(connection, done(1, ingested()), LATER)
    assert settle(connection, failed(2, NotAVideo()), LATER)
    assert removals.waiting(connection) == (keys.source_prefix(USER, game_id, found.id),)


def test_handouts_are_kept_under_the_keys_of_their_specs(connection: sqlite3.Connection):
    game_id = game(connection)
    marked = rated(connection, 20, ready(connection, 10, game_id).id).clip
    extract, everything = extract_spec(1, marked), compile_spec(2, marked)
    jobs.add(connection, extract, NOW)
    jobs.add(connection, everything, NOW, game_id=game_id)
    removals.ask(connection, [extract.output_key], NOW)
    assert settle(connection, done(1, extracted()), LATER)
    assert settle(connection, done(2, compiled()), LATER)
    raw = handouts.raw_clip(connection, marked.id)
    assert (raw.key, raw.name, raw.frames) == (extract.output_key, "Goal", 125)
    assert removals.waiting(connection) == ()
    download = handouts.download(connection, uuid(2))
    assert (download.key, download.list_key, download.game_id) == (everything.output_key, everything.list_key, game_id)
    assert (download.title, download.frames, download.width_px, download.height_px) == ("Rovers", 250, 1920, 1080)
    games.remove(connection, game_id, USER, LATER)
    assert handouts.download(connection, uuid(2)).game_id is None
    with pytest.raises(NotFound):
        handouts.raw_clip(connection, marked.id)
    assert extract.output_key in removals.waiting(connection)


def test_a_raw_clip_of_a_clip_that_is_gone_goes_too(connection: sqlite3.Connection):
    marked = rated(connection, 20, ready(connection, 10, game(connection)).id).clip
    spec = extract_spec(1, marked)
    jobs.add(connection, spec, NOW)
    clips.remove(connection, marked.id, NOW)
    assert settle(connection, done(1, extracted()), LATER)
    assert removals.waiting(connection) == (spec.output_key,)


def test_old_handouts_are_removed_but_no_object_that_a_younger_one_shares(connection: sqlite3.Connection):
    marked = rated(connection, 20, ready(connection, 10, game(connection)).id).clip
    for number in (1, 2):
        jobs.add(connection, extract_spec(number, marked), moment(number))
        settle(connection, done(number, extracted()), LATER)
    jobs.add(connection, compile_spec(3, marked), moment(1))
    settle(connection, done(3, compiled()), LATER)
    assert handouts.remove_raw_clips(connection, moment(2), LATER) == 1
    assert removals.waiting(connection) == ()
    assert handouts.remove_downloads(connection, moment(2), LATER) == 1
    assert removals.waiting(connection) == (compile_spec(3).output_key, compile_spec(3).list_key)
    assert handouts.remove_raw_clips(connection, moment(9), LATER) == 1
    assert extract_spec(1, marked).output_key in removals.waiting(connection)


def test_a_preview_is_its_value(connection: sqlite3.Connection):
    jobs.add(connection, preview_spec(1, uuid(10)), NOW, project_id=PROJECT)
    assert settle(connection, done(1, previewed()), LATER)
    value = jobs.get(connection, uuid(1)).value
    assert value is not None
    assert value["enlargement"] == 2.7


def test_a_window_is_its_value(connection: sqlite3.Connection):
    jobs.add(connection, window_spec(1, uuid(10)), NOW)
    assert settle(connection, done(1, windowed()), LATER)
    assert jobs.get(connection, uuid(1)).value == windowed().model_dump(mode="json")


def test_an_archive_is_handed_out(connection: sqlite3.Connection):
    spec = archive_spec(1)
    jobs.add(connection, spec, moment(1))
    jobs.add(connection, archive_spec(2), moment(1))
    assert settle(connection, done(1, archived()), LATER)
    assert settle(connection, failed(2, Internal()), LATER)
    found = handouts.archive(connection, uuid(1))
    assert found == handouts.Archive(uuid(1), spec.output_key, 1, 22, ("gone.mp4",), moment(1))
    assert handouts.download_key(connection, uuid(1)) == spec.output_key == keys.download(USER, uuid(1), "zip")
    for absent in (handouts.archive, handouts.download_key):
        with pytest.raises(NotFound):
            absent(connection, uuid(2))
    assert removals.waiting(connection) == (archive_spec(2).output_key,)
    assert handouts.remove_archives(connection, moment(1), LATER) == 0
    assert handouts.remove_archives(connection, moment(2), LATER) == 1
    assert spec.output_key in removals.waiting(connection)


def test_the_demo_game_is_a_game_with_clips(connection: sqlite3.Connection):
    spec = demo_spec(1, game(connection), uuid(10))
    jobs.add(connection, spec, NOW)
    assert settle(connection, done(1, filmed()), LATER)
    found = sources.get(connection, uuid(10))
    told = filmed()
    assert (found.part, found.state, found.ext) == (1, "ready", "mp4")
    assert (found.sha256, found.size_bytes) == (told.sha256, told.size_bytes)
    assert found.facts is not None
    assert sources.ref(found, USER).key == spec.original_key
    shown = clips.page(connection, uuid(1)).items
    assert [one.clip.rating for one in shown] == [3, 4, 5]
    assert len({one.clip.id for one in shown}) == 3
    assert not any(one.provisional for one in shown)
    (card,) = projects.page(connection).items
    assert (card.project.automatic, card.project.clip_count) == (True, 1)
    before = rows(connection)
    assert not settle(connection, done(1, filmed()), LATER)
    assert rows(connection) == before


def test_a_demo_of_a_game_that_is_gone_or_taken_leaves_nothing(connection: sqlite3.Connection):
    taken, gone = game(connection), game(connection, 2)
    for number, game_id in ((1, taken), (2, gone), (3, taken)):
        jobs.add(connection, demo_spec(number, game_id, uuid(10 + number)), NOW)
    games.remove(connection, gone, USER, NOW)
    ready(connection, 30, taken)
    assert settle(connection, done(1, filmed()), LATER)
    assert settle(connection, done(2, filmed()), LATER)
    assert settle(connection, cancelled(3, Cancelled()), LATER)
    assert [jobs.get(connection, uuid(number)).state for number in (1, 2, 3)] == ["failed", "done", "cancelled"]
    assert [one.id for one in sources.of_games(connection, [taken])[taken]] == [uuid(30)]
    pairs = ((taken, 11), (gone, 12), (taken, 13))
    left = {keys.source_prefix(USER, game_id, uuid(number)) for game_id, number in pairs}
    assert set(removals.waiting(connection)) == left


@pytest.mark.parametrize(
    "change",
    [
        {"clips": [{"in_pts": 0, "out_pts": 10**9, "rating": 3, "tags": [], "notes": ""}]},
        {"clips": [{"in_pts": 0, "out_pts": 12800, "rating": 6, "tags": [], "notes": ""}]},
        {"sha256": "none"},
        {"frames": 0},
    ],
)
def test_a_demo_that_cannot_be_is_a_failure_of_ours(connection: sqlite3.Connection, change: dict[str, Json]):
    jobs.add(connection, demo_spec(1, game(connection), uuid(10)), NOW)
    value: dict[str, Json] = filmed().model_dump(mode="json") | change
    assert settle(connection, Ended(uuid(1), "done", value=value), LATER)
    assert jobs.get(connection, uuid(1)).state == "failed"
    assert sources.several(connection, [uuid(10)]) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"frames": -1},
        {"frames": "125"},
        {"rate": [25, 0]},
        {"rate": None},
        {"looks": ["other"]},
        {"clips": [{"clip": "a\0", "first_frame": 0, "frame_count": 1}]},
        {"clips": [{"clip": "a"}]},
        {"clips": [{}, {}, {}]},
        {"frames": 2**70},
    ],
)
def test_a_result_that_cannot_be_is_a_failure_of_ours(connection: sqlite3.Connection, change: dict[str, Json]):
    project(connection, 40, clip(900))
    jobs.add(connection, framing_spec(1, PROJECT), NOW, made_of="hash")
    value: dict[str, Json] = framed().model_dump(mode="json") | change
    assert settle(connection, Ended(uuid(1), "done", value=value), LATER)
    job = jobs.get(connection, uuid(1))
    assert job.error is not None
    assert (job.state, job.error["code"]) == ("failed", "internal")
    assert framings.newest(connection, PROJECT, draft=False) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"[" * 100_000,
        b'{"job": "1", "outcome": "done", "value": {}, "error": null}',
        json.dumps({"job": uuid(1), "outcome": "won", "value": {}, "error": None}).encode(),
        json.dumps({"job": uuid(1), "outcome": "done", "value": None, "error": None}).encode(),
        json.dumps({"job": uuid(1), "outcome": "failed", "value": None, "error": "no"}).encode(),
    ],
)
def test_what_is_no_result_is_told(body: bytes):
    with pytest.raises(BadField):
        read_result(body)


# Any order, any number of times


def world() -> tuple[sqlite3.Connection, list[Ended]]:
    """A game, a project and jobs of every kind, some of whose things are gone; and how they ended."""
    connection = opened()
    game_id = game(connection)
    waiting = source(connection, 10, game_id)
    looked_over = ready(connection, 11, game_id, part=2)
    clips.add(connection, provisional(20, waiting.id), NOW)
    marked = [rated(connection, number, looked_over.id).clip for number in (21, 22)]
    project(connection, 40, clip(900))
    project(connection, 41, clip(900))
    gone = source(connection, 12, game(connection, 2))
    cut_down = ready(connection, 13, game(connection, 3))
    rated(connection, 23, cut_down.id)
    project(connection, 42, edit_of(rated(connection, 24, cut_down.id).clip, 910))
    empty = game(connection, 4)
    specs = [
        framing_spec(1, PROJECT, draft=True),
        framing_spec(2, PROJECT),
        framing_spec(3, PROJECT),
        framing_spec(4, uuid(41)),
        overlay_spec(5, PROJECT, REEL, 1, "Old"),
        overlay_spec(6, PROJECT, REEL, 2, "New"),
        overlay_spec(7, PROJECT, REEL, 3, "Never"),
        ingest_spec(8, waiting),
        ingest_spec(9, waiting),
        ingest_spec(10, gone),
        extract_spec(11, marked[0]),
        extract_spec(12, marked[0]),
        extract_spec(13, marked[1]),
        compile_spec(14, *marked),
        preview_spec(15, looked_over.id),
        trims.plan(connection, cut_down.id, USER, uuid(16)),
        demo_spec(17, empty, uuid(14)),
        demo_spec(18, uuid(99), uuid(15)),
        archive_spec(19),
        window_spec(20, looked_over.id),
    ]
    for number, spec in enumerate(specs, 1):
        jobs.add(connection, spec, moment(number), made_of=f"hash {number}", game_id=game_id)
    jobs.cancel(connection, uuid(3))
    games.remove(connection, gone.game_id, USER, NOW)
    projects.remove(connection, uuid(41), NOW)
    clips.remove(connection, marked[1].id, NOW)
    return (
        connection,
        [
            done(1, framed(draft=True)),
            failed(2, Internal()),
            done(3, framed()),
            done(4, framed()),
            done(5, overlaid()),
            done(6, overlaid()),
            cancelled(7, Cancelled()),
            failed(8, NotAVideo()),
            done(9, ingested()),
            done(10, ingested()),
            done(11, extracted()),
            done(12, extracted()),
            done(13, extracted()),
            done(14, compiled()),
            done(15, previewed()),
            done(16, trimmed()),
            done(17, filmed()),
            done(18, filmed()),
            done(19, archived()),
            done(20, windowed()),
        ],
    )


@given(st.data())
@settings(max_examples=25)
def test_settling_in_any_order_any_number_of_times_leaves_the_same_rows(data: st.DataObject):
    connection, results = world()
    for result in results:
        assert settle(connection, result, LATER, FRAMES)
    expected = rows(connection)
    assert jobs.open_ids(connection) == (trims.ingest_job(uuid(16)),)
    connection.close()

    connection, results = world()
    shuffled = data.draw(st.permutations(results))
    again = data.draw(st.lists(st.sampled_from(results), max_size=10))
    for result in (*shuffled[:10], *again, *shuffled):
        settle(connection, result, LATER, FRAMES)
    assert rows(connection) == expected
    connection.close()
