"""Specs: frozen, strict, complete; a segment's hash follows what its pixels depend on."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from jobs.pieces import DRAFT, FINAL, BlendRef, EncoderSettings, NetworkRef, SegmentSpec, TransitionSpec
from jobs.spec import (
    CardValue,
    CompileSpec,
    ExtractSpec,
    FramingSpec,
    IngestSpec,
    MarkedClip,
    OverlaySpec,
    PreviewSpec,
    SourceRef,
    Spec,
    SpeedValue,
)
from reel.errors import BadField, EmptySpan
from tests.jobs.homes import USER, clip, crop, framing, uuid
from tests.jobs.overlays import over, spotlight

SOURCE = SourceRef(id="one", key="ann/games/one.mp4", sha256="a" * 64, usable_until_pts=90_000)
CLIP = clip(
    0,
    4000,
    name="Brilliant Goal",
    rotation_deg=-1.5,
    audio=False,
    crop=(crop(0, 0.5, 0.5, 0.4), crop(2000, 0.6, 0.5, 0.4, "smooth")),
    speeds=(SpeedValue(in_pts=1000, out_pts=2000, rate=(1, 2)),),
    transition_in="dissolve",
)
MARKED = MarkedClip(
    id=uuid(5), source="one", time_base=(1, 90_000), in_pts=0, out_pts=90_000, rating=5, tags=("Goal",), notes="far"
)
OVERLAY = OverlaySpec(
    user=USER,
    job=uuid(4),
    reel=uuid(3),
    version=7,
    title="Cup final",
    framing=framing([SOURCE], CLIP),
    clips=(over("a", spotlight(0, 1000, shape="ground", colour="cyan", effect="both"), freeze_s=1.5, label="Mia"),),
    cards=(CardValue(text="Second half", before="a", duration_s=3.0),),
)
EXTRACT = ExtractSpec(
    user=USER, job=uuid(5), clip=uuid(8), name="Goal", source=SOURCE, time_base=(1, 1000), in_pts=0, out_pts=900
)
SPECS: tuple[Spec, ...] = (
    framing([SOURCE], CLIP, CLIP, title="Derby", rate=(30000, 1001)),
    PreviewSpec(user=USER, job=uuid(1), aspect="9:16", source=SOURCE, clip=CLIP, pts=1234, draft=True),
    IngestSpec(user=USER, job=uuid(2), game=uuid(3), source=SOURCE, accept_truncated=True),
    OVERLAY,
    EXTRACT,
    CompileSpec(user=USER, job=uuid(6), title="Derby", sources=(SOURCE,), clips=(MARKED,)),
)
SEGMENT = SegmentSpec(
    source_sha256="a" * 64,
    frames=((0, 160.0, 90.0, 101.25, 180.0), (512, 160.5, 90.0, 101.25, 180.0)),
    rotation_deg=0.0,
    colour=("bt709", False, "sdr"),
    output_px=(1080, 1920),
    rate=(25, 1),
    network=NetworkRef(name="general", weights_sha256="b" * 64, scale=4),
    encoder=FINAL,
    marked=False,
)
TRANSITION = TransitionSpec(
    kind="fade",
    outgoing=("c" * 64,),
    incoming=("d" * 64,),
    before=0,
    overlap=12,
    after=3,
    output_px=(1080, 1920),
    rate=(25, 1),
    encoder=FINAL,
)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.kind)
def test_a_spec_survives_json(spec: Spec) -> None:
    read: Spec = TypeAdapter(Spec).validate_json(spec.model_dump_json())
    assert read == spec
    assert type(read) is type(spec)
    assert read.schema_version == 1


@pytest.mark.parametrize(
    "damage",
    [
        {"surprise": 1},
        {"schema_version": 2},
        {"kind": "overlay"},
        {"aspect": "21:9"},
        {"rate": [25, 0]},
        {"rate": [-25, 1]},
        {"clips": [CLIP.model_dump() | {"surprise": 1}]},
        {"clips": [CLIP.model_dump() | {"look": "draft"}]},
        {"clips": [CLIP.model_dump(exclude={"look"})]},
        {"clips": [CLIP.model_dump() | {"time_base": [1, 0]}]},
        {"clips": [CLIP.model_dump() | {"rotation_deg": float("nan")}]},
        {"clips": [CLIP.model_dump() | {"in_pts": 0.5}]},
    ],
    ids=",".join,
)
def test_a_spec_takes_nothing_else(damage: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Spec).validate_python(SPECS[0].model_dump() | damage)


def test_a_spec_is_frozen() -> None:
    for value, name in ((SPECS[0], "title"), (CLIP, "in_pts"), (SOURCE, "key"), (SEGMENT, "rate")):
        with pytest.raises(ValidationError):
            setattr(value, name, getattr(value, name))


def test_a_clip_speaks_the_domain() -> None:
    assert CLIP.span.duration_pts == 4000
    assert [speed.rate for speed in CLIP.speed_spans] == [0.5]
    authored = CLIP.authored_crop
    assert authored is not None
    assert [key.values for key in authored.keys] == [(0.5, 0.5, 0.4), (0.6, 0.5, 0.4)]
    assert [key.ease for key in authored.keys] == ["linear", "smooth"]
    assert clip(0, 1).authored_crop is None
    with pytest.raises(EmptySpan):
        _ = clip(5, 5).span
    with pytest.raises(BadField):
        _ = clip(0, 9, speeds=(SpeedValue(in_pts=0, out_pts=9, rate=(3, 1)),)).speed_spans


@pytest.mark.parametrize(
    ("spec", "damage"),
    [
        (OVERLAY, {"version": -1}),
        (OVERLAY, {"clips": [OVERLAY.clips[0].model_dump() | {"freeze_s": -0.1}]}),
        (OVERLAY, {"clips": [OVERLAY.clips[0].model_dump() | {"freeze_s": float("inf")}]}),
        (OVERLAY, {"cards": [{"text": "Hi", "duration_s": 0}]}),
        (OVERLAY, {"clips": [{"id": "a", "spotlights": [{"id": "s", "in_pts": 0, "out_pts": 9, "keys": []}]}]}),
        (EXTRACT, {"time_base": [0, 1]}),
        (SPECS[-1], {"clips": [MARKED.model_dump() | {"rating": 6}]}),
        (SPECS[-1], {"clips": [MARKED.model_dump(exclude={"rating"})]}),
    ],
)
def test_what_is_drawn_and_handed_out_is_held_to_its_form(spec: Spec, damage: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Spec).validate_python(spec.model_dump() | damage)


def test_a_spotlight_speaks_the_domain() -> None:
    authored = OVERLAY.clips[0].spotlights[0].authored
    assert (authored.shape, authored.colour, authored.effect, authored.stroke, authored.fill) == (
        "ground",
        "cyan",
        "both",
        True,
        False,
    )
    assert [key.values for key in authored.keys] == [(0.5, 0.5, 0.06, 0.12)]


def test_a_raw_clip_is_named_by_what_its_bytes_depend_on() -> None:
    def key(**fields: Any) -> str:
        return EXTRACT.model_copy(update=fields).output_key

    assert key() == key(job=uuid(99))
    others = [
        key(out_pts=901),
        key(name="Another"),
        key(time_base=(1, 600)),
        key(source=SOURCE.model_copy(update={"sha256": "c" * 64})),
        key(source=SOURCE.model_copy(update={"usable_until_pts": 80_000})),
    ]
    assert len({key(), *others}) == 6


def test_a_draft_has_its_own_place() -> None:
    assert framing([SOURCE], CLIP).output_key == f"ann/drafts/{uuid(900)}/{uuid(1)}.mp4"
    assert framing([SOURCE], CLIP, draft=False).output_key == f"ann/working_videos/{uuid(900)}/{uuid(1)}.mp4"


SEGMENT_CHANGES: dict[str, Any] = {
    "source_sha256": "b" * 64,
    "frames": SEGMENT.frames[:1],
    "rotation_deg": 0.5,
    "colour": ("bt601", False, "sdr"),
    "output_px": (1080, 1080),
    "rate": (30, 1),
    "network": None,
    "encoder": DRAFT,
    "marked": True,
    "render_version": 2,
}
TRANSITION_CHANGES: dict[str, Any] = {
    "kind": "dissolve",
    "outgoing": ("e" * 64,),
    "incoming": ("c" * 64, "d" * 64),
    "before": 1,
    "overlap": 13,
    "after": 0,
    "output_px": (1080, 1080),
    "rate": (30, 1),
    "encoder": DRAFT,
    "render_version": 2,
}


@pytest.mark.parametrize(("spec", "changes"), [(SEGMENT, SEGMENT_CHANGES), (TRANSITION, TRANSITION_CHANGES)])
def test_a_hash_follows_every_part(spec: SegmentSpec | TransitionSpec, changes: dict[str, Any]) -> None:
    assert changes.keys() == type(spec).model_fields.keys()
    others = [spec.model_copy(update={name: value}) for name, value in changes.items()]
    assert len({spec.digest, *(other.digest for other in others)}) == len(changes) + 1


def test_a_hash_follows_the_smallest_change() -> None:
    network, encoder = (
        NetworkRef(name="general", weights_sha256="c" * 64, scale=4),
        EncoderSettings(preset="medium", crf=19),
    )
    blend = BlendRef(name="wdn", weights_sha256="d" * 64, share=0.5)
    first, second = SEGMENT.frames
    changes: list[dict[str, Any]] = [
        {"network": network},
        {"network": network.model_copy(update={"name": "wdn"})},
        {"network": network.model_copy(update={"detail": 0.5})},
        {"network": network.model_copy(update={"blend": blend})},
        {"network": network.model_copy(update={"blend": blend.model_copy(update={"share": 0.25})})},
        {"network": network.model_copy(update={"blend": blend.model_copy(update={"weights_sha256": "e" * 64})})},
        {"encoder": encoder},
        {"frames": (first, (513, *second[1:]))},
        {"frames": (first, (512, 160.5625, *second[2:]))},
        {"frames": (first, first, second)},
    ]
    digests = {SEGMENT.model_copy(update=change).digest for change in changes}
    assert len(digests | {SEGMENT.digest}) == len(changes) + 1


def test_a_hash_is_the_same_tomorrow() -> None:
    """What was rendered stands under these names: a new one makes every segment anew, so it takes a decision."""
    read = SegmentSpec.model_validate_json(SEGMENT.model_dump_json())
    assert read.digest == SEGMENT.digest
    assert SEGMENT.digest == "3b1f354cb4ccbf4f25244ec752dc2bf64bb85ee387fab0a4f9acc316eacafb42"
    assert TRANSITION.digest == "c49287826f95984957e1df7f8f266f681684b777a7c9e738185e169b041e14c8"


def test_a_framing_is_counted_in_frames() -> None:
    assert (SEGMENT.frame_count, TRANSITION.frame_count) == (2, 15)


def test_a_framing_spec_has_no_defaults_to_look_up() -> None:
    required = {name for name, field in FramingSpec.model_fields.items() if field.is_required()}
    assert required == {"user", "job", "project", "aspect", "sources", "clips"}
