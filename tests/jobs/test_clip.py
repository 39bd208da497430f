"""A clip against its source: on the source's clock, inside it, with exact windows and one network or none."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from jobs.clip import Footing, network_for, placed, reference, segment_spec, window_at
from jobs.pieces import DRAFT, FINAL
from jobs.spec import FramingClip, Look, SourceRef, SpeedValue
from media.probe import Source, probe
from reel.errors import BadField, ClipOutsideSource, CropOutsidePicture, EmptySpan, KeyframesOutOfOrder, ReelError
from reel.geometry import Aspect, Size
from reel.timing import Span
from tests.jobs.homes import Enlarger, clip, crop
from tests.media.footage import numbered

REF = SourceRef(id="one", key="ann/games/one.mp4", sha256="a" * 64)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Two seconds of 96×64 at 25 frames a second, in ticks of 1/12800 s: a frame is 512."""
    return probe(numbered(tmp_path_factory.mktemp("clip") / "small.mp4"))


@pytest.fixture(scope="module")
def hd(small: Source) -> Source:
    """The same, as if it were 1920×1080."""
    return replace(small, coded=Size(1920, 1080))


def test_times_move_to_the_clock_of_the_source(small: Source) -> None:
    moved = placed(
        clip(
            400,
            1200,
            crop=(crop(500, 0.5, 0.5, 0.9), crop(900, 0.4, 0.5, 0.9)),
            speeds=(SpeedValue(in_pts=800, out_pts=1000, rate=(1, 2)),),
        ),
        "1:1",
        small,
    )
    assert (moved.time_base, moved.in_pts, moved.out_pts) == ((1, 12800), 5120, 15360)
    assert [key.pts for key in moved.crop] == [6400, 11520]
    assert [(speed.in_pts, speed.out_pts, speed.rate) for speed in moved.speeds] == [(10240, 12800, (1, 2))]


def test_what_is_on_the_clock_of_the_source_stays(small: Source) -> None:
    same = clip(512, 5120, time_base=(1, 12800))
    assert placed(same, "1:1", small) == same


def test_a_clip_is_held_inside_its_source_by_a_frame_at_most(small: Source) -> None:
    assert small.span == Span(0, 25600)
    for over in (0, 1, 512):
        held = placed(clip(-over, 25600 + over, time_base=(1, 12800)), "1:1", small)
        assert (held.in_pts, held.out_pts) == (0, 25600)
    for outside in (clip(-513, 25600, time_base=(1, 12800)), clip(0, 26113, time_base=(1, 12800))):
        with pytest.raises(ClipOutsideSource) as raised:
            placed(outside, "1:1", small)
        assert raised.value.details == {"clip": "a", "source_duration_s": 2.0}
        assert "the video has only 2.00 s" in raised.value.message


def test_seconds_of_the_complaint_count_from_the_first_frame(small: Source) -> None:
    late = replace(small, span=Span(128_000, 153_600))
    with pytest.raises(ClipOutsideSource, match=r"from 1\.00 s to 3\.00 s, but the video has only 2\.00 s"):
        placed(clip(11_000, 13_000), "1:1", late)


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (clip(1000, 1000).model_copy(update={"out_pts": 999}), EmptySpan),
        (clip(1000, 1000), EmptySpan),
        (clip(1000, 1000, time_base=(1, 90_000)), EmptySpan),
        (clip(0, 1000, crop=(crop(0, 0.1, 0.5, 1.0),)), CropOutsidePicture),
        (clip(0, 1000, crop=(crop(0, 0.5, 0.5, 1.1),)), CropOutsidePicture),
        (clip(0, 1000, crop=(crop(0, 0.5, 0.5, 0.98),), rotation_deg=8.0), CropOutsidePicture),
        (clip(0, 1000, crop=(crop(9, 0.5, 0.5, 0.5), crop(9, 0.4, 0.5, 0.5))), KeyframesOutOfOrder),
        (clip(0, 1000, crop=(crop(0, 0.5, 0.5, 0.1),)), BadField),
    ],
)
def test_what_cannot_be_shown_is_refused(small: Source, bad: FramingClip, error: type[ReelError]) -> None:
    with pytest.raises(error):
        _ = placed(bad, "1:1", small).span


def test_a_crop_may_be_half_a_pixel_off(small: Source) -> None:
    off = clip(0, 1000, time_base=(1, 12800), crop=(crop(0, 32 / 96 - 0.4 / 96, 0.5, 1.0),))
    window = window_at(placed(off, "1:1", small), "1:1", small, 0)
    assert (window.cx, window.cy, window.width, window.height) == (32.0, 32.0, 64.0, 64.0)


@pytest.mark.parametrize(
    ("aspect", "size"), [("9:16", (36, 64)), ("16:9", (96, 54)), ("1:1", (64, 64)), ("4:5", (51.1875, 64))]
)
def test_the_default_crop_is_the_largest_around_the_middle(
    small: Source, aspect: Aspect, size: tuple[float, float]
) -> None:
    window = window_at(clip(0, 1000), aspect, small, 300)
    assert (window.cx, window.cy, window.width, window.height) == (48.0, 32.0, *size)
    turned = window_at(clip(0, 1000, rotation_deg=5.0), aspect, small, 300)
    x0, y0, x1, y1 = turned.bounds()
    assert turned.height < window.height
    assert min(x0, y0, 96 - x1, 64 - y1) > -0.1


def test_windows_stand_on_a_grid_of_a_sixteenth(hd: Source) -> None:
    moving = clip(0, 25600, time_base=(1, 12800), crop=(crop(0, 0.3, 0.5, 0.5), crop(25600, 0.7, 0.4, 0.37)))
    for pts in range(0, 25600, 512):
        window = window_at(moving, "9:16", hd, pts)
        assert all((side * 16).is_integer() for side in (window.cx, window.cy, window.width, window.height))
        assert window.width / window.height == pytest.approx(9 / 16, abs=0.06 / 400)


@pytest.mark.parametrize(
    ("keys", "enlargement"),
    [
        ((), None),  # the default crop of 1920×1080 has the 1080 lines of the output
        ((crop(0, 0.5, 0.5, 1.0),), None),
        ((crop(0, 0.5, 0.5, 0.9995),), None),  # half a pixel off
        ((crop(0, 0.5, 0.5, 0.99),), 1 / 0.99),
        ((crop(0, 0.5, 0.5, 1.0), crop(12799, 0.5, 0.5, 0.5)), 2.0),  # tight only at its end
        ((crop(0, 0.5, 0.5, 1.0), crop(6400, 0.5, 0.5, 0.5), crop(12800, 0.5, 0.5, 1.0)), 2.0),  # in the middle
        ((crop(0, 0.5, 0.5, 0.8), crop(6400, 0.5, 0.5, 0.25), crop(12800, 0.5, 0.5, 0.5)), 4.0),
        ((crop(0, 0.5, 0.5, 1.0, "hold"), crop(12800, 0.5, 0.5, 0.5)), None),  # tight when the clip is over
        ((crop(-9000, 0.5, 0.5, 0.5, "hold"), crop(0, 0.5, 0.5, 1.0)), None),  # tight before it begins
    ],
)
@pytest.mark.parametrize("look", ["crisp", "natural"])
def test_the_tightest_crop_decides_the_network(
    hd: Source, keys: tuple[Any, ...], enlargement: float | None, look: Look
) -> None:
    asked: list[tuple[str, float]] = []
    network = Enlarger()

    def load(look: str, enlargement: float) -> Enlarger:
        asked.append((look, enlargement))
        return network

    chosen = network_for(clip(0, 12800, time_base=(1, 12800), crop=keys, look=look), "1:1", hd, load)
    assert chosen is (network if enlargement else None)
    assert asked == ([(look, pytest.approx(enlargement, rel=1e-3))] if enlargement else [])


def test_a_segment_says_all_that_its_pixels_depend_on(hd: Source) -> None:
    source = replace(hd, colour=replace(hd.colour, matrix="bt601", full_range=True))
    moving = clip(0, 12800, time_base=(1, 12800), crop=(crop(0, 0.3, 0.5, 0.5), crop(1024, 0.4, 0.5, 0.5)))
    footing = Footing(REF, None, source)  # pyright: ignore[reportArgumentType] - nothing is read
    network = Enlarger(scale=4)
    spec = segment_spec(moving, footing, "9:16", Fraction(50), (0, 0, 512), network, draft=False)
    assert spec.frames == tuple((pts, cx, 540.0, 303.75, 540.0) for pts, cx in ((0, 576.0), (0, 576.0), (512, 672.0)))
    assert (spec.source_sha256, spec.rotation_deg, spec.colour) == ("a" * 64, 0.0, ("bt601", True, "sdr"))
    assert (spec.output_px, spec.rate, spec.network) == ((1080, 1920), (50, 1), reference(network))
    assert (spec.encoder, spec.marked) == (FINAL, False)
    draft = segment_spec(moving, footing, "9:16", Fraction(50), (0,), None, draft=True)
    assert (draft.encoder, draft.marked, draft.network) == (DRAFT, True, None)
