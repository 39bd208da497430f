"""The preview: the very frame that the framing will have, before and after, and soon."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from threading import Event
from typing import Any, Literal

import numpy as np
import pytest
from PIL import Image

from jobs.clip import reference
from jobs.plan import Segment
from jobs.segment import finished_picture
from jobs.spec import FramingClip, PreviewSpec, SourceRef
from media.colour import OUTPUT, frame_of, to_rgb
from media.decode import frames
from media.synth_counter import read_counter
from reel.geometry import Size, Window
from reel.timing import Span
from tests.jobs.homes import USER, Enlarger, Home, clip, crop, framing, luma, shown_frames, uuid
from tests.media.footage import numbered

SIZE = Size(160, 90)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("preview"))


@pytest.fixture(scope="module")
def source(home: Home) -> SourceRef:
    """Two seconds of numbered frames."""
    return home.adopt(numbered(home.scratch / "one.mp4", size=SIZE))


def preview(source: SourceRef, clip: FramingClip, pts: int, job: int, **fields: Any) -> PreviewSpec:
    named: dict[str, Any] = {"aspect": "1:1", "user": USER}
    return PreviewSpec(**(named | fields), job=uuid(job), source=source, clip=clip, pts=pts)


def pixels(home: Home, key: str) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(home.store.read(key))))


PAN = clip(400, 1200, crop=(crop(400, 0.4, 0.5, 0.8), crop(1200, 0.6, 0.5, 0.8)), rotation_deg=2.0)
ZOOM = clip(400, 1200, crop=(crop(400, 0.5, 0.5, 1.0), crop(1200, 0.5, 0.5, 0.6)))


@pytest.mark.parametrize("takes", ["rgb", "planes"])
@pytest.mark.parametrize("moving", [PAN, ZOOM], ids=["pan", "zoom"])
@pytest.mark.parametrize("number", [10, 17, 29])
def test_a_preview_is_the_frame_that_the_framing_makes(
    home: Home, source: SourceRef, moving: FramingClip, number: int, takes: Literal["rgb", "planes"]
) -> None:
    """Before it is encoded, level for level."""
    home = replace(home, network=Enlarger(network=takes, takes=takes))
    value = home.done(
        preview(source, moving, number * 40, 10 * number + len(moving.crop) + (moving is ZOOM) + 2 * (takes == "rgb"))
    )
    plan, footing = home.planned(framing([source], moving, draft=False)), home.standing(source)["one"]
    pts = number * 512
    assert value["pts"] == pts
    segment, place = next(found(plan.clips[0].segments, pts))
    spec = segment.spec.model_copy(update={"frames": segment.spec.frames[place:] + segment.spec.frames[:place]})
    picture = next(frames(footing.footage, footing.source, Span(pts, pts + 1)))
    planes = finished_picture(spec, picture, footing.source, segment.upscaler)
    assert np.array_equal(pixels(home, value["key"]), to_rgb(frame_of(planes), OUTPUT))


def found(segments: tuple[Segment, ...], pts: int) -> Any:
    """Find the segment that shows a source frame, and the frame's place in it."""
    for segment in segments:
        yield from ((segment, place) for place, frame in enumerate(segment.spec.frames) if frame[0] == pts)


def test_it_is_what_is_seen_in_the_finished_video(home: Home, source: SourceRef) -> None:
    short = PAN.model_copy(update={"out_pts": 520})
    video = home.done(framing([source], short, job=500, draft=False))
    with home.store.open(video["key"]) as footage:
        encoded = [luma(frame) for frame in shown_frames(footage)]
    value = home.done(preview(source, short, 440, 501))
    rgb = pixels(home, value["key"])
    expected = 16 + (rgb @ np.array([0.2126, 0.7152, 0.0722])) * 219 / 255
    assert float(np.abs(encoded[1] - expected).mean()) < 1.5
    assert float(np.abs(encoded[2] - expected).mean()) > 3


def test_before_and_after_are_two_pictures_of_one_frame(home: Home, source: SourceRef) -> None:
    still = clip(400, 1200, crop=(crop(400, 0.45, 0.5, 0.9),))
    after = home.done(preview(source, still, 800, 600))
    before = home.done(preview(source, still, 800, 601, draft=True))
    assert before["key"] != after["key"]
    assert (before["network"], after["network"]) == (None, reference(Enlarger()).model_dump())
    assert before["enlargement"] == after["enlargement"] == pytest.approx(1080 / 81)
    pictures = [pixels(home, value["key"]) for value in (before, after)]
    assert [picture.shape for picture in pictures] == [(1080, 1080, 3)] * 2
    assert not np.array_equal(pictures[0], pictures[1])
    window = Window(0.45, 0.5, 81 / 160, 0.9)
    assert [read_counter(picture, SIZE, window) for picture in pictures] == [20, 20]


def test_the_same_preview_is_made_once(home: Home, source: SourceRef) -> None:
    first = home.done(preview(source, PAN, 600, 610))
    ran = len(home.network.seen)
    second = home.done(preview(source, PAN.model_copy(update={"name": "Goal", "audio": False}), 639, 611))
    assert (second, len(home.network.seen)) == (first, ran), "it shows the same frame until the next begins"


def test_a_crop_with_the_output_s_pixels_needs_no_network(tmp_path: Path) -> None:
    home = Home(tmp_path)
    source = home.adopt(numbered(tmp_path / "one.mp4", size=Size(1920, 1080), frames=2))
    values = [home.done(preview(source, clip(0, 80), 0, job, draft=job == 1)) for job in (1, 2)]
    assert values[0] == values[1]
    assert (values[1]["network"], values[1]["enlargement"], home.network.seen) == (None, 1.0, [])


def test_the_moment_is_on_the_clock_of_the_clip(home: Home, source: SourceRef) -> None:
    ticks = PAN.model_copy(
        update={
            "time_base": (1, 90_000),
            "in_pts": 36_000,
            "out_pts": 108_000,
            "crop": tuple(key.model_copy(update={"pts": key.pts * 90}) for key in PAN.crop),
        }
    )
    assert home.done(preview(source, ticks, 61_200, 620)) == home.done(preview(source, PAN, 680, 621))


@pytest.mark.parametrize("pts", [399, 1200])
def test_a_moment_outside_the_clip_is_refused(home: Home, source: SourceRef, pts: int) -> None:
    error = home.failure(preview(source, PAN, pts, 630 + pts))
    assert (error["code"], error["details"]) == ("clip_outside_source", {"pts": pts})


def test_it_is_cancelled_while_the_network_runs(tmp_path: Path) -> None:
    leave, left = Event(), Event()
    home = Home(tmp_path)

    def meanwhile() -> None:
        home.ledger.move(uuid(1), "cancel")
        leave.wait(30)
        left.set()

    home.network = Enlarger(meanwhile=meanwhile)
    source = home.adopt(numbered(tmp_path / "one.mp4", size=SIZE, frames=5))
    result = home.run(preview(source, clip(0, 200), 0, 1))
    assert (result.outcome, left.is_set()) == ("cancelled", False)
    assert [*home.store.keys(f"{USER}/previews/")] == []
    leave.set()
    assert left.wait(30)
