"""A segment's pixels: the exact window, moving evenly, from the full picture, and each source picture made once."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from fractions import Fraction
from math import cos, radians, sin
from pathlib import Path

import numpy as np
import pytest

from gpu.own_weights import own_weights
from gpu.planar_upscaler import PlanarUpscaler
from gpu.registry import OWN
from jobs.clip import Footing, placed, reference, segment_spec
from jobs.pieces import SegmentSpec
from jobs.ports import Upscaler
from jobs.segment import MARGIN_PX, finished_picture, render
from jobs.spec import FramingClip, SourceRef
from media.colour import planes_of
from media.decode import frame_times, frames
from media.encode import Encoding, video_sink
from media.probe import Source, probe
from reel.errors import Cancelled
from reel.geometry import Size
from tests.jobs.homes import Enlarger, centroid, clip, crop, luma, painted, shown_frames, spot, told_nobody
from tests.media.footage import remuxed

REF = SourceRef(id="one", key="ann/games/one.mp4", sha256="a" * 64)
SIZE = Size(160, 90)
AT = (70.3, 41.6)
OUTPUT = Size(360, 360)  # smaller than any real one: it is a segment's own business, and quicker


@dataclass(frozen=True)
class Shot:
    """Footage of one spot that stands still."""

    path: Path
    source: Source

    def segment(self, clip: FramingClip, network: Upscaler | None = None, every: int = 1) -> SegmentSpec:
        """Return the spec of a clip's frames, each shown `every` times, in the small size."""
        held = placed(clip, "1:1", self.source)
        times = frame_times(self.path, self.source, held.span)
        shown = [pts for pts in times for _ in range(every)]
        footing = Footing(REF, self.path, self.source)
        spec = segment_spec(held, footing, "1:1", Fraction(25), shown, network, draft=False)
        return spec.model_copy(update={"output_px": (OUTPUT.width, OUTPUT.height)})

    def rendered(self, spec: SegmentSpec, network: Upscaler | None, folder: Path) -> list[np.ndarray]:
        """Return the luma of every frame of a segment."""
        render(spec, self.path, self.source, network, folder / "segment.mp4", told_nobody)
        return [luma(frame) for frame in shown_frames(folder / "segment.mp4")]


def shot(path: Path, picture: np.ndarray, *options: str, frames: int = 1) -> Shot:
    painted(path, [picture] * frames, *options)
    return Shot(path, probe(path))


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Shot:
    """A second of one spot."""
    return shot(tmp_path_factory.mktemp("segment") / "still.mp4", spot(SIZE, *AT), frames=25)


# The window is exact


def expected(at: tuple[float, float], spec: SegmentSpec) -> tuple[float, float]:
    """Return where a point of the displayed picture has to be in the output: in the window, turned back, enlarged."""
    _, cx, cy, width, height = spec.frames[0]
    turn = radians(spec.rotation_deg)
    dx, dy = at[0] - cx, at[1] - cy
    across, down = dx * cos(turn) + dy * sin(turn), dy * cos(turn) - dx * sin(turn)
    return (across / width + 0.5) * OUTPUT.width, (down / height + 0.5) * OUTPUT.height


def check(shot: Shot, crop_of: FramingClip, network: Enlarger | None, at: tuple[float, float] = AT) -> None:
    """The spot has to lie within half an output pixel of where the window puts it."""
    spec = shot.segment(crop_of, network)
    picture = next(frames(shot.path, shot.source, shot.source.span))
    planes = finished_picture(spec, picture, shot.source, network)
    assert planes.y.shape == (OUTPUT.height, OUTPUT.width)
    assert centroid(planes.y) == pytest.approx(expected(at, spec), abs=0.5)


NETWORKS = pytest.mark.parametrize(
    "network",
    [None, Enlarger(2), Enlarger(4), Enlarger(2, takes="planes"), Enlarger(3, takes="planes")],
    ids=["draft", "×2", "×4", "planes ×2", "planes ×3"],
)


@NETWORKS
@pytest.mark.parametrize("rotation_deg", [0.0, 7.5, -20.0])
@pytest.mark.parametrize("window", [(0.45, 0.5, 0.55), (0.405, 0.46, 0.61), (0.5, 0.5, 0.65)])
def test_a_window_shows_its_part(
    still: Shot, network: Enlarger | None, rotation_deg: float, window: tuple[float, float, float]
) -> None:
    check(still, clip(0, 1000, crop=(crop(0, *window),), rotation_deg=rotation_deg), network)


@NETWORKS
@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_window_of_footage_filmed_on_its_side(tmp_path: Path, network: Enlarger | None, rotation: int) -> None:
    coded = np.ascontiguousarray(np.rot90(spot(SIZE, *AT), rotation // 90))
    lying = shot(tmp_path / "lying.mp4", coded)
    remuxed(lying.path, tmp_path / "turned.mp4", before=("-display_rotation", str(-rotation)))
    turned = Shot(tmp_path / "turned.mp4", probe(tmp_path / "turned.mp4"))
    assert (turned.source.orientation.quarter_turns, turned.source.displayed) == (rotation // 90, SIZE)
    check(turned, clip(0, 40, crop=(crop(0, 0.45, 0.5, 0.6),), rotation_deg=3.0), network)


@NETWORKS
def test_a_window_of_footage_with_wide_pixels(tmp_path: Path, network: Enlarger | None) -> None:
    wide = shot(tmp_path / "wide.mp4", spot(Size(120, 90), AT[0] * 3 / 4, AT[1]), "-vf", "setsar=4/3")
    assert wide.source.displayed == SIZE
    spec = wide.segment(clip(0, 40, crop=(crop(0, 0.45, 0.5, 0.6),)), network)
    planes = finished_picture(spec, next(frames(wide.path, wide.source, wide.source.span)), wide.source, network)
    assert centroid(planes.y) == pytest.approx(expected(AT, spec), abs=0.5)


@NETWORKS
def test_a_window_at_the_edge_of_an_odd_picture(tmp_path: Path, network: Enlarger | None) -> None:
    """The last column of 161 lies beyond every even window from an even corner."""
    odd, at = Size(161, 91), (161 - 12.5, 91 - 14.5)
    corner = shot(tmp_path / "odd.mp4", spot(odd, *at), "-c:v", "libx264", "-qp", "0", "-pix_fmt", "yuv444p")
    assert corner.source.displayed == odd
    check(corner, clip(0, 40, crop=(crop(0, 1 - 30 / 161, 1 - 30 / 91, 60 / 91),)), network, at)


@pytest.mark.parametrize("scale", OWN.shape.scales)
def test_colour_lies_where_the_light_does(tmp_path: Path, scale: int) -> None:
    """By our own network, whose chroma goes in and comes out sited left."""
    light = ((spot(SIZE, *AT, radius=4.0).astype(float) - 40) / 200)[..., None]
    red = np.rint(60 + light * np.array([150, 10, 10])).astype(np.uint8)
    with video_sink(tmp_path / "red.mp4", Encoding(SIZE, Fraction(25), crf=1)) as sink:
        sink.write(planes_of(red))
    filmed = Shot(tmp_path / "red.mp4", probe(tmp_path / "red.mp4"))
    network = PlanarUpscaler(own_weights(), scale, threads=1)
    spec = filmed.segment(clip(0, 40, crop=(crop(0, 0.45, 0.5, 0.55),)), network)
    planes = finished_picture(
        spec, next(frames(filmed.path, filmed.source, filmed.source.span)), filmed.source, network
    )
    at = expected(AT, spec)
    assert centroid(planes.y) == pytest.approx(at, abs=0.6)
    x, y = centroid(planes.v)
    assert (2 * x - 0.5, 2 * y) == pytest.approx(at, abs=0.8)  # 2 to 3 where chroma is enlarged about its own middle


# It moves evenly


@NETWORKS
def test_a_slow_pan_has_no_judder(still: Shot, tmp_path: Path, network: Enlarger | None) -> None:
    """A third of a pixel a frame: on whole or even pixels the spot would stand and jump, by 4 to 8 output pixels."""
    keys = (crop(0, 0.40, 0.45, 0.5), crop(1000, 0.40 + 25 * 0.37 / 160, 0.45 + 25 * 0.21 / 90, 0.5))
    spec = still.segment(clip(0, 1000, crop=keys), network)
    seen = [centroid(picture) for picture in still.rendered(spec, network, tmp_path)]
    steps = np.diff(np.array(seen), axis=0)
    assert len(seen) == 25
    assert steps == pytest.approx(np.tile([-0.37 * 8, -0.21 * 8], (24, 1)), abs=0.65)  # 1/16 px of the source is 0.5
    assert np.array(seen[-1]) - seen[0] == pytest.approx([-24 * 0.37 * 8, -24 * 0.21 * 8], abs=0.65)


# The network gets what the camera saw


@pytest.mark.parametrize("ends", [(0.6, 0.6), (0.6, 0.35), (0.35, 0.6)])
def test_the_crop_is_never_shrunk_and_has_one_shape(still: Shot, tmp_path: Path, ends: tuple[float, float]) -> None:
    network = Enlarger()
    spec = still.segment(clip(0, 1000, crop=(crop(0, 0.5, 0.5, ends[0]), crop(1000, 0.5, 0.5, ends[1]))), network)
    still.rendered(spec, network, tmp_path)
    largest = max(frame[4] for frame in spec.frames)
    assert len(network.seen) == 25
    (height, width, channels), *others = set(network.seen)
    assert (others, channels, width) == ([], 3, height)
    assert largest + 2 * MARGIN_PX <= height <= largest + 2 * MARGIN_PX + 3


def test_a_network_sees_the_whole_picture_at_most(still: Shot, tmp_path: Path) -> None:
    network = Enlarger()
    still.rendered(still.segment(clip(0, 40, crop=(crop(0, 0.5, 0.5, 1.0),)), network), network, tmp_path)
    assert network.seen == [(90, 100, 3)]
    of_planes = Enlarger(takes="planes")
    still.rendered(still.segment(clip(0, 40, crop=(crop(0, 0.5, 0.5, 1.0),)), of_planes), of_planes, tmp_path)
    assert of_planes.seen == [(90, 100)]


def test_a_picture_that_is_shown_again_is_made_once(still: Shot, tmp_path: Path) -> None:
    network = Enlarger()
    spec = still.segment(clip(0, 240, crop=(crop(0, 0.5, 0.5, 0.5), crop(240, 0.6, 0.5, 0.5))), network, every=4)
    pictures = still.rendered(spec, network, tmp_path)
    assert (len(pictures), len(network.seen)) == (24, 6)
    centres = [centroid(picture)[0] for picture in pictures]
    assert [round(max(centres[n : n + 4]) - min(centres[n : n + 4])) for n in range(0, 24, 4)] == [0] * 6


# It is a pure function


def test_the_same_segment_has_the_same_bytes(still: Shot, tmp_path: Path) -> None:
    network = Enlarger()
    spec = still.segment(clip(0, 200, rotation_deg=2.0), network)
    bodies: set[bytes] = set()
    for number in range(2):
        render(spec, still.path, still.source, network, tmp_path / f"{number}.mp4", told_nobody)
        bodies.add((tmp_path / f"{number}.mp4").read_bytes())
    with still.path.open("rb") as reader:
        render(spec, reader, still.source, network, tmp_path / "reader.mp4", told_nobody)
    assert len(bodies | {(tmp_path / "reader.mp4").read_bytes()}) == 1


def test_only_a_draft_is_marked(still: Shot, tmp_path: Path) -> None:
    spec = still.segment(clip(0, 80))
    plain = still.rendered(spec, None, tmp_path)
    marked = still.rendered(spec.model_copy(update={"marked": True}), None, tmp_path)
    rest = np.s_[OUTPUT.height // 8 :, :]
    for before, after in zip(plain, marked, strict=True):
        assert np.abs(before.astype(int) - after).max() > 80
        assert np.abs(before[rest].astype(int) - after[rest]).max() < 12


def test_progress_counts_every_frame(still: Shot, tmp_path: Path) -> None:
    told: list[int] = []

    def report(*, done: int | None = None, total: int | None = None, phase: str | None = None) -> None:
        told.extend([] if done is None else [done])

    render(still.segment(clip(0, 200)), still.path, still.source, None, tmp_path / "segment.mp4", report)
    assert told == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("scale", [None, 2])
def test_cancelled_it_leaves_no_thread_behind(still: Shot, tmp_path: Path, scale: int | None) -> None:
    network = PlanarUpscaler(own_weights(), scale, threads=2) if scale else None

    def stop(*, done: int | None = None, total: int | None = None, phase: str | None = None) -> None:
        if done == 2:
            raise Cancelled

    before, spec = set(threading.enumerate()), still.segment(clip(0, 1000), network)
    with pytest.raises(Cancelled) as raised:
        render(spec, still.path, still.source, network, tmp_path / "segment.mp4", stop)
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive()
    assert raised.value.code == "cancelled"


def test_a_network_is_named_by_its_weights() -> None:
    named = {"name": "repeat", "weights_sha256": "1" * 64, "scale": 4}
    assert reference(Enlarger(4)).model_dump() == named | {"blend": None, "detail": 0.0}
    blended = reference(Enlarger(4, blend=("other", "2" * 64, 0.5), detail=0.6))
    blend = {"name": "other", "weights_sha256": "2" * 64, "share": 0.5}
    assert blended.model_dump() == named | {"blend": blend, "detail": 0.6}
