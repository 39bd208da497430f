"""The small copy: its size is kept whatever the film is, its lines are what that leaves room for."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from jobs.spec import SmallCopySpec
from media import ffmpeg
from media.decode import all_frames
from media.probe import probe
from media.small_copy import FASTEST_RATE, GOOD, MOST_BYTES, Plan, plans, write_small_copy
from reel import keys
from reel.errors import BadInput, Cancelled
from reel.geometry import OUTPUT_SIZES, Size
from tests.jobs.homes import USER, Home, uuid

REEL = OUTPUT_SIZES["9:16"]
RATE = Fraction(30)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    folder = tmp_path / "home"
    folder.mkdir()
    return Home(folder)


def noise(path: Path, seconds: int, rate: int = 50, size: str = "360x640", *, sound: bool = True) -> Path:
    """Write a film of noise, which nothing can make small, with a title and a tone."""
    picture = ["-f", "lavfi", "-i", f"nullsrc=s={size}:r={rate}:d={seconds},geq=random(1)*255:128:128"]
    tone = ["-f", "lavfi", "-i", f"sine=440:d={seconds}", "-c:a", "aac"] if sound else []
    tags = ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"]
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "30", "-pix_fmt", "yuv420p"]
    ffmpeg.run([*picture, *tone, *coded, *tags, "-metadata", "title=Mia", f"file:{path}"])
    return path


def chosen(duration_s: int, film: Size = REEL, rate: Fraction = RATE, *, sound: bool = True) -> list[Plan]:
    return list(plans(film, rate, Fraction(duration_s), sound=sound, most_bytes=MOST_BYTES))


def test_a_short_reel_keeps_720_lines_and_a_long_one_has_fewer() -> None:
    lines = {seconds: min(vars_of(chosen(seconds)[0])) for seconds in (15, 60, 120, 300, 600)}
    assert lines[15] == lines[60] == lines[120] == 720
    assert 720 > lines[300] > lines[600] >= 240
    assert chosen(15)[0].size == Size(720, 1280)
    assert chosen(15, OUTPUT_SIZES["4:5"])[0].size == Size(720, 900)
    assert chosen(15, OUTPUT_SIZES["16:9"])[0].size == Size(1280, 720)


@pytest.mark.parametrize("seconds", [1, 30, 100, 600, 1200])
def test_what_is_planned_has_room_for_all_of_it(seconds: int) -> None:
    for rate in (Fraction(24), Fraction(30000, 1001), Fraction(50), Fraction(60)):
        found = chosen(seconds, rate=rate)
        assert found
        for plan in found:
            assert plan.rate <= FASTEST_RATE
            assert rate % plan.rate == 0
            assert (plan.video_bits_s + plan.sound_bits_s) * seconds <= MOST_BYTES * 8
            assert plan.sound_bits_s > 0
        assert found[0].video_bits_s >= GOOD * found[0].size.width * found[0].size.height * found[0].rate * 0.99 or (
            len(found) == 1
        )
        assert [plan.size.height for plan in found] == sorted({plan.size.height for plan in found}, reverse=True)


def test_a_reel_of_hours_has_no_small_copy() -> None:
    assert chosen(3 * 3600) == []


@pytest.mark.parametrize("most_bytes", [150_000, 400_000])
def test_even_noise_is_made_as_small_as_promised(tmp_path: Path, most_bytes: int) -> None:
    film, path, told = noise(tmp_path / "film.mp4", 4), tmp_path / "small.mp4", list[tuple[int, int]]()
    made = write_small_copy(path, film, probe(film), lambda *at: told.append(at), most_bytes)
    assert made.size_bytes == path.stat().st_size <= most_bytes
    source = probe(path)
    assert source.displayed == made.size
    assert (source.codec, source.pixel_format, source.rate) == ("h264", "yuv420p", 25)
    assert source.sound is not None
    assert source.colour == probe(film).colour
    assert sum(1 for _ in all_frames(path)) == 100
    assert told[-1] == (200, 200)
    assert b"Mia" in path.read_bytes()


def test_what_cannot_be_made_small_enough_says_so(tmp_path: Path) -> None:
    film = noise(tmp_path / "film.mp4", 2, 25, sound=False)
    with pytest.raises(BadInput, match="nothing could be made out"):
        write_small_copy(tmp_path / "small.mp4", film, probe(film), lambda *_: None, 45_000)


def test_a_copy_stands_beside_its_version(home: Home, tmp_path: Path) -> None:
    spec = SmallCopySpec(user=USER, job=uuid(1), reel=uuid(2), version=3)
    home.store.put(keys.final_video(USER, uuid(2), 3), noise(tmp_path / "film.mp4", 1).read_bytes())
    value = home.done(spec)
    body = home.store.read(keys.small_copy(USER, uuid(2), 3))
    assert value == {"key": spec.output_key, "size_bytes": len(body), "size_px": [360, 640]}
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(body)
    assert probe(copy).displayed == Size(360, 640)


def test_a_version_that_is_gone_is_said(home: Home) -> None:
    result = home.run(SmallCopySpec(user=USER, job=uuid(1), reel=uuid(2), version=3))
    assert (result.outcome, (result.error or {})["code"]) == ("failed", "not_found")


def test_a_cancel_stops_the_encoder(tmp_path: Path) -> None:
    film = noise(tmp_path / "film.mp4", 2)

    def cancel(done: int, total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        write_small_copy(tmp_path / "small.mp4", film, probe(film), cancel)
    assert not (tmp_path / "small.mp4").exists()


def vars_of(plan: Plan) -> tuple[int, int]:
    return plan.size.width, plan.size.height
