"""The plan: which source frame each output frame shows, where clips begin, what a segment is and what is joined.

Truth is worked out here from the numbers of the frames alone: frame n of footage at r frames a second begins at n/r.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from math import floor
from pathlib import Path
from typing import Any

import pytest

from jobs.pieces import SegmentSpec, TransitionSpec
from jobs.plan import Plan, plan_framing
from jobs.spec import FramingClip, FramingSpec, SourceRef, SpeedValue
from media.decode import frame_times
from reel.errors import (
    BadField,
    Cancelled,
    ClipOutsideSource,
    CropOutsidePicture,
    EmptySpan,
    NoClips,
    ReelError,
    SourceGone,
    SpeedsOverlap,
)
from reel.timing import half_up
from tests.jobs.homes import Enlarger, Home, clip, crop, framing
from tests.media.footage import numbered

RATES = [Fraction(rate) for rate in ("24000/1001", "24", "25", "30000/1001", "30", "50", "60000/1001", "60")]
Footage = Callable[..., tuple[Home, SourceRef]]


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Footage:
    """Make footage and a home for it; the same footage is made once."""
    made: dict[object, tuple[Home, SourceRef]] = {}

    def make(*options: str, rate: Fraction = Fraction(25), frames: int = 50, suffix: str = ".mp4") -> Any:
        name = (options, rate, frames, suffix)
        if name not in made:
            folder = tmp_path_factory.mktemp("plan")
            home = Home(folder)
            path = numbered(folder / f"one{suffix}", *options, rate=rate, frames=frames)
            made[name] = home, home.adopt(path)
        return made[name]

    return make


def numbers_shown(home: Home, spec: FramingSpec) -> list[list[int]]:
    """Return for each clip the number of the source frame that each of its output frames shows."""
    plan, stands = home.planned(spec), home.standing(*spec.sources)
    shown: list[list[int]] = []
    for each in plan.clips:
        stand = stands[each.clip.source]
        every = frame_times(stand.footage, stand.source, stand.source.span)
        shown.append([every.index(frame[0]) for segment in each.segments for frame in segment.spec.frames])
    return shown


def digests(plan: Plan) -> list[str]:
    """Return the hash of every segment, in order."""
    return [segment.spec.digest for clip in plan.clips for segment in clip.segments]


# Which frame is shown


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
@pytest.mark.parametrize("rate", RATES, ids=str)
def test_at_its_own_rate_each_frame_is_shown_once(footage: Footage, rate: Fraction, suffix: str) -> None:
    """Matroska rounds stamps to a millisecond, so frames of 29.97 last 33 or 34 of them; it changes nothing."""
    home, ref = footage(rate=rate, frames=150, suffix=suffix)
    ticks = home.standing(ref)["one"].source.time_base
    for first, count in ((0, 150), (7, 20), (131, 19)):
        begins, ends = (half_up(number / rate / ticks) for number in (first, first + count))
        spec = framing([ref], clip(begins, ends, time_base=ticks.as_integer_ratio()))
        assert Fraction(*home.planned(spec).clips[0].segments[0].spec.rate) == rate
        assert numbers_shown(home, spec) == [list(range(first, first + count))]


@pytest.mark.parametrize(
    ("rate", "output", "step"),
    [
        ("25", "50", Fraction(1, 2)),
        ("24", "60", Fraction(2, 5)),
        ("30000/1001", "60000/1001", Fraction(1, 2)),
        ("60", "24", Fraction(5, 2)),
        ("25", "30", Fraction(5, 6)),
        ("50", "60000/1001", Fraction(50 * 1001, 60000)),
    ],
)
def test_at_another_rate_the_newest_frame_is_shown(footage: Footage, rate: str, output: str, step: Fraction) -> None:
    home, ref = footage(rate=Fraction(rate))
    lasts_s = 40 / Fraction(rate)
    spec = framing([ref], clip(0, 40 * 1000, time_base=(lasts_s / 40_000).as_integer_ratio()))
    spec = spec.model_copy(update={"rate": Fraction(output).as_integer_ratio()})
    shown = numbers_shown(home, spec)[0]
    assert shown == [floor(number * step) for number in range(half_up(lasts_s * Fraction(output)))]


def test_fast_footage_is_thinned_out_evenly(footage: Footage) -> None:
    home, ref = footage(rate=Fraction(120))
    spec = framing([ref], clip(100, 400))
    assert home.planned(spec).rate == 60
    assert numbers_shown(home, spec) == [list(range(12, 48, 2))]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_of_a_variable_rate_the_newest_frame_is_shown(footage: Footage, suffix: str) -> None:
    """A phone leaves frames out: the one before stays until the next begins, on a clock that does not vary."""
    kept = [number for number in range(50) if not (number % 7 == 3 or number % 11 == 5)]
    options = ("-vf", "select='not(eq(mod(n,7),3)+eq(mod(n,11),5))'", "-fps_mode", "passthrough")
    home, ref = footage(*options, suffix=suffix)
    spec = framing([ref], clip(80, 1960))  # of 2 s
    assert home.planned(spec).rate == 25
    newest = [max(number for number in kept if number <= 2 + output) for output in range(47)]
    assert [kept[index] for index in numbers_shown(home, spec)[0]] == newest


@pytest.mark.parametrize("rate", ["1/4", "1/2", "2/3", "1", "3/2", "2"])
def test_a_speed_runs_through_the_source_at_its_pace(footage: Footage, rate: str) -> None:
    home, ref = footage()
    pace = Fraction(rate)
    speed = SpeedValue(in_pts=0, out_pts=1200, rate=pace.as_integer_ratio())
    spec = framing([ref], clip(0, 1200, speeds=(speed,)))
    assert numbers_shown(home, spec) == [[floor(output * pace) for output in range(half_up(30 / pace))]]


def test_a_speed_in_the_middle_changes_only_the_middle(footage: Footage) -> None:
    home, ref = footage()
    speeds = (SpeedValue(in_pts=400, out_pts=800, rate=(1, 4)), SpeedValue(in_pts=1200, out_pts=1600, rate=(2, 1)))
    shown = numbers_shown(home, framing([ref], clip(0, 2000, speeds=speeds)))[0]
    quarter = [10 + number // 4 for number in range(40)]
    assert shown == [*range(10), *quarter, *range(20, 30), *range(30, 40, 2), *range(40, 50)]


def test_a_clip_that_begins_between_frames_begins_with_the_one_on_screen(footage: Footage) -> None:
    home, ref = footage()
    assert numbers_shown(home, framing([ref], clip(130, 330)))[0] == [3, 4, 5, 6, 7]


# Where clips begin


def test_the_highest_rate_of_the_sources_is_the_output_s(footage: Footage) -> None:
    home, slow = footage()
    _, fast = footage(rate=Fraction(50))
    other = SourceRef(id="two", key="ann/games/two.mp4", sha256=fast.sha256)
    home.store.put(other.key, footage(rate=Fraction(50))[0].store.read(fast.key))
    plan = home.planned(framing([slow, other], clip(0, 400), clip(0, 400, source="two")))
    assert (plan.rate, [each.frame_count for each in plan.clips]) == (50, [20, 20])
    alone = home.planned(framing([slow, other], clip(0, 400)))
    assert alone.rate == 25, "a source that no clip uses has no say"


@pytest.mark.parametrize("rate", ["24000/1001", "25", "30000/1001", "60"])
def test_boundaries_are_rounded_cumulatively(footage: Footage, rate: str) -> None:
    """Forty clips of 0.325 s: rounded one by one they would drift by five frames and more."""
    home, ref = footage(rate=Fraction(rate))
    plan = home.planned(framing([ref], *[clip(100, 425, id=str(number)) for number in range(40)]))
    starts = [half_up(number * Fraction(325, 1000) * Fraction(rate)) for number in range(41)]
    assert [each.first_frame for each in plan.clips] == starts[:-1]
    assert [each.frame_count for each in plan.clips] == [after - before for before, after in pairwise(starts)]
    assert plan.frame_count == starts[-1] == sum(part.frame_count for part in plan.parts)


def test_a_clip_of_less_than_a_frame_is_a_frame(footage: Footage) -> None:
    home, ref = footage()
    plan = home.planned(framing([ref], clip(400, 410), clip(800, 815, transition_in="fade"), clip(900, 1300)))
    assert [(each.first_frame, each.frame_count) for each in plan.clips] == [(0, 1), (1, 1), (2, 10)]
    assert [part.frame_count for part in plan.parts][:2] == [1, 1]


# Segments


@pytest.fixture(scope="module")
def long(footage: Footage) -> tuple[Home, SourceRef]:
    """Twelve seconds."""
    return footage(frames=300)


def test_segments_are_the_edges_and_a_grid_of_source_time(long: tuple[Home, SourceRef]) -> None:
    """None is longer than four seconds of output: what a preempted GPU loses."""
    home, ref = long

    def counts(one: FramingClip) -> list[int]:
        return [segment.spec.frame_count for segment in home.planned(framing([ref], one)).clips[0].segments]

    slow = SpeedValue(in_pts=4000, out_pts=6000, rate=(1, 4))
    assert counts(clip(1000, 11_000)) == [13, 62, 100, 62, 13]
    assert counts(clip(1000, 11_000, speeds=(slow,))) == [13, 62, 100, 100, 50, 62, 13]
    assert counts(clip(3800, 8200)) == [13, 84, 13], "an edge is whole, whatever the grid"


def test_trimming_a_clip_keeps_its_middle(long: tuple[Home, SourceRef]) -> None:
    home, ref = long
    keys = (crop(0, 0.4, 0.5, 0.8), crop(12_000, 0.6, 0.5, 0.8))
    whole = digests(home.planned(framing([ref], clip(1000, 11_000, crop=keys))))
    trimmed = digests(home.planned(framing([ref], clip(1400, 10_480, crop=keys))))
    assert whole[2] == trimmed[2]
    assert set(whole) & set(trimmed) == {whole[2]}


def test_a_crop_changed_late_leaves_what_was_before(long: tuple[Home, SourceRef]) -> None:
    home, ref = long
    keys = [crop(pts, 0.5, 0.5, 0.8, "smooth") for pts in (1000, 3000, 6000, 8500, 11_000)]
    moved = [*keys[:4], crop(11_000, 0.55, 0.5, 0.8, "smooth")]
    before = digests(home.planned(framing([ref], clip(1000, 11_000, crop=tuple(keys)))))
    after = digests(home.planned(framing([ref], clip(1000, 11_000, crop=tuple(moved)))))
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, True, True, False, False]


MIXED = ((0, 1333), (200, 1777), (311, 1400))  # at 30 frames a second none of them is whole


def mixed(ref: SourceRef, *spans: tuple[int, int], **fields: Any) -> FramingSpec:
    clips = [clip(*span, id=name, **fields) for name, span in zip("abc", spans, strict=True)]
    return framing([ref], *clips, rate=(30, 1), draft=False)


def test_another_length_of_one_clip_leaves_the_others_alone(footage: Footage) -> None:
    """The clips after it may gain or lose the frame that rounding gives; it is a segment of its own."""
    home, ref = footage()
    before = home.planned(mixed(ref, *MIXED))
    counts = {before.clips[2].frame_count}
    for cut in range(1, 20):
        after = home.planned(mixed(ref, (cut, 1333), *MIXED[1:]))
        counts.add(after.clips[2].frame_count)
        for old, new in zip(before.clips[1:], after.clips[1:], strict=True):
            shorter = min(len(old.segments), len(new.segments))
            assert [each.spec for each in old.segments[:shorter]] == [each.spec for each in new.segments[:shorter]]
            assert all(each.spec.frame_count == 1 for each in (*old.segments[shorter:], *new.segments[shorter:]))
    assert counts == {32, 33}


@pytest.mark.parametrize("kind", ["fade", "dissolve"])
@pytest.mark.parametrize(
    "spans",
    [
        MIXED,
        ((0, 1900), (0, 600), (0, 1900)),  # a short one between two long ones
        ((0, 90), (0, 1900), (0, 200)),
        ((0, 1333), (3700, 5900), (7800, 8600)),  # the grid lies inside the edges: 4 s and 8 s
    ],
)
def test_choosing_a_transition_renders_no_clip_anew(
    long: tuple[Home, SourceRef], kind: str, spans: Sequence[tuple[int, int]]
) -> None:
    home, ref = long
    plain, blended = (home.planned(mixed(ref, *spans, transition_in=each)) for each in ("cut", kind))
    assert digests(plain) == digests(blended)
    between = [part for part in blended.parts if isinstance(part, TransitionSpec)]
    assert [part.kind for part in between] == [kind, kind]
    lengths = {s.spec.digest: s.spec.frame_count for each in blended.clips for s in each.segments}
    for part, before, after in zip(between, blended.clips, blended.clips[1:], strict=False):
        assert part.overlap == before.trail == after.lead
        assert part.overlap <= min(15, before.frame_count // 2, after.frame_count // 2)
        assert sum(lengths[each] for each in part.outgoing) == part.before + part.overlap
        assert sum(lengths[each] for each in part.incoming) == part.overlap + part.after
        assert after.first_frame == before.first_frame + before.frame_count - part.overlap
    assert sum(part.frame_count for part in blended.parts) == blended.frame_count
    assert blended.frame_count == plain.frame_count - sum(part.overlap for part in between)


def test_a_transition_takes_half_a_second_where_there_is_room(long: tuple[Home, SourceRef]) -> None:
    home, ref = long
    plan = home.planned(framing([ref], clip(0, 4000), clip(0, 4000, transition_in="dissolve"), rate=(30, 1)))
    (part,) = (part for part in plan.parts if isinstance(part, TransitionSpec))
    assert (part.before, part.overlap, part.after) == (0, 15, 0)


# What a hash depends on


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Derby", "user": "bob", "job": "00000000-0000-7000-8000-000000000777"},
        {"project": "00000000-0000-7000-8000-000000000778"},
        {"clips": {"id": "z", "name": "Goal"}},
        {"clips": {"audio": False}},
        {"clips": {"transition_in": "fade"}},
        {"clips": {"time_base": (1, 500), "in_pts": 100, "out_pts": 800, "crop": (crop(0, 0.5, 0.5, 0.8),)}},
        {"clips": {"crop": (crop(-500, 0.5, 0.5, 0.8),)}},
        {"clips": {"crop": (crop(0, 0.5, 0.5, 0.8), crop(5000, 0.5, 0.5, 0.8))}},
        {"clips": {"speeds": (SpeedValue(in_pts=1700, out_pts=1900, rate=(1, 2)),)}},
        {"rate": (25, 1)},
    ],
    ids=str,
)
def test_a_segment_does_not_depend_on(footage: Footage, change: dict[str, Any]) -> None:
    home, ref = footage()
    assert segments_after(home, ref, change) == segments_after(home, ref, {})


@pytest.mark.parametrize(
    "change",
    [
        {"clips": {"crop": (crop(0, 0.5, 0.5, 0.79),)}},
        {"clips": {"rotation_deg": 1.0}},
        {"clips": {"speeds": (SpeedValue(in_pts=0, out_pts=2000, rate=(1, 2)),)}},
        {"aspect": "4:5"},
        {"rate": (30, 1)},
        {"draft": True},
        {"network": Enlarger(weights_sha256="2" * 64)},
        {"network": Enlarger(network="other")},
        {"network": Enlarger(scale=4)},
        {"network": Enlarger(detail=0.5)},
        {"network": Enlarger(blend=("other", "2" * 64, 0.5))},
        {"source": "f" * 64},
    ],
    ids="-".join,
)
def test_every_segment_depends_on(footage: Footage, change: dict[str, Any]) -> None:
    home, ref = footage()
    assert not segments_after(home, ref, change) & segments_after(home, ref, {})


def segments_after(home: Home, ref: SourceRef, change: dict[str, Any]) -> set[str]:
    """Return the segments of a clip and its like at full quality, with something changed."""
    fields, one = dict(change), {"crop": (crop(0, 0.5, 0.5, 0.8),)} | change.get("clips", {})
    fields.pop("clips", None)
    ref = ref.model_copy(update={"sha256": fields.pop("source", ref.sha256)})
    other = Home(home.scratch, home.store, network=fields.pop("network", Enlarger()))
    both: list[FramingClip] = [clip(**({"in_pts": 200, "out_pts": 1600} | one)), clip(300, 1300, **_crop_of(one))]
    spec = framing([ref], *both, draft=False).model_copy(update=fields)
    return {segment.spec.digest for segment in other.planned(spec).clips[0].segments}


def _crop_of(fields: dict[str, Any]) -> dict[str, Any]:
    return {"crop": (crop(0, 0.5, 0.5, 0.8),), "transition_in": fields.get("transition_in", "cut")}


def test_a_network_is_chosen_for_the_whole_clip(footage: Footage) -> None:
    home, ref = footage()
    zoom = (crop(0, 0.5, 0.5, 1.0), crop(2000, 0.5, 0.5, 0.5))
    final = home.planned(framing([ref], clip(0, 2000, crop=zoom), draft=False))
    assert {segment.upscaler for segment in final.clips[0].segments} == {home.network}
    assert {segment.spec.network and segment.spec.network.name for segment in final.clips[0].segments} == {"repeat"}
    draft = home.planned(framing([ref], clip(0, 2000, crop=zoom)))
    assert {(each.upscaler, each.spec.network) for each in draft.clips[0].segments} == {(None, None)}


# What cannot be planned


@pytest.mark.parametrize(
    ("clips", "error", "details"),
    [
        ([], NoClips, {}),
        ([clip(0, 400), clip(0, 400, source="lost")], BadField, {"field": "/clips/1/source_id"}),
        ([clip(0, 400), clip(1000, 3000, id="b")], ClipOutsideSource, {"clip": "b", "source_duration_s": 2.0}),
        ([clip(400, 400, id="b")], EmptySpan, {"clip": "b"}),
        ([clip(0, 400), clip(900, 400, id="b")], EmptySpan, {"clip": "b"}),
        ([clip(0, 400, id="b", crop=(crop(0, 0.9, 0.5, 1.0),))], CropOutsidePicture, {"clip": "b", "field": "/keys/0"}),
        (
            [clip(0, 900, id="b", speeds=tuple(SpeedValue(in_pts=n, out_pts=n + 300, rate=(1, 2)) for n in (0, 200)))],
            SpeedsOverlap,
            {"clip": "b"},
        ),
        ([clip(0, 900, id="b", speeds=(SpeedValue(in_pts=0, out_pts=300, rate=(1, 5)),))], BadField, {"clip": "b"}),
    ],
)
def test_a_framing_that_cannot_be_made_says_why(
    footage: Footage, clips: list[FramingClip], error: type[ReelError], details: dict[str, Any]
) -> None:
    home, ref = footage()
    with pytest.raises(error) as raised:
        home.planned(framing([ref], *clips))
    assert details.items() <= raised.value.details.items()


def test_a_source_that_is_gone_is_named(tmp_path: Path) -> None:
    gone = SourceRef(id="one", key="ann/games/gone.mp4", sha256="a" * 64)
    with pytest.raises(SourceGone) as raised:
        Home(tmp_path).planned(framing([gone], clip(0, 400)))
    assert raised.value.details == {"source": "one"}


def test_planning_can_be_cancelled(footage: Footage) -> None:
    home, ref = footage()
    calls: list[None] = []

    def stop(**_: object) -> None:
        calls.append(None)
        if len(calls) == 2:
            raise Cancelled

    spec = framing([ref], *[clip(0, 400)] * 3)
    with pytest.raises(Cancelled):
        plan_framing(spec, home.standing(ref), home.load, stop)


def test_parts_tell_what_they_are(footage: Footage) -> None:
    home, ref = footage()
    plan = home.planned(framing([ref], clip(0, 800), clip(0, 800, transition_in="fade")))
    assert [type(part) for part in plan.parts] == [SegmentSpec, TransitionSpec, SegmentSpec]
