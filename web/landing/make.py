"""Makes the landing page's pictures and its reel, of the demo game: REEL_WEIGHTS_DIR=… python web/landing/make.py

No footage of anybody is in them: the match is drawn (media/synth.py), framed, upscaled and lit by the code that does
it for everybody. Takes some minutes; what it writes is kept in web/landing, so that only a change of it needs it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from jobs.sources import standing
from local.adopt import adopt
from local.commands import Making, before_and_after, make
from local.console import HumanConsole
from local.edits import clips_of, document_of
from local.home import open_home
from local.wiring import Settings, settings_from
from media import ffmpeg
from media.synth import demo_match, write
from reel.crop import Crop, CropKey
from reel.edit import EditClip
from reel.keys import uuid_of
from reel.spotlight import SpotKey, Spotlight
from reel.timing import to_pts
from reel.tsv import TsvRow

HERE: Final = Path(__file__).resolve().parent
PLAY: Final = TsvRow(Fraction(30), Fraction(5), rating=5, tags=("Goal",), notes="The second goal")
REEL_HEIGHT, STILL_HEIGHT = 0.62, 0.3
"""Of the picture: what the reel shows, and the stills."""
STILL_AT: Final = Fraction(31)
KEY_EVERY_S: Final = Fraction(1, 2)
LIT_S: Final = Fraction(9, 4)

Walk = Sequence[tuple[float, float, float]]
"""Seconds, and where the hero is: (x, y) in parts of the picture."""


def main() -> None:
    """Write reel.mp4, reel.jpg, before.jpg, after.jpg and game.jpg."""
    with TemporaryDirectory() as folder:
        work, console = Path(folder), HumanConsole()
        home = open_home(Settings(work / "data", settings_from().weights_dir), console.announce, console.note)
        game = work / "game.mp4"
        truth = write(demo_match(), game)
        path = [(float(at), x, y) for at, x, y in truth.hero_path()]
        source = adopt(game, home.store, doing=console.doing)
        with standing(source, home.store) as footing:
            clips, start_pts = clips_of([PLAY], footing), footing.source.span.in_pts
        document = document_of(clips, "9:16", "")
        [clip] = document.clips
        followed = replace(
            clip, crops={"9:16": _crop(clip, path, start_pts, "9:16")}, spotlights=(_spotlight(clip, path, start_pts),)
        )
        making = Making(replace(document, clips=(followed,)), {clip.id: ""}, source)
        make(making, "natural", home, work / "reel.mp4", console)
        still = replace(clip, crops={"4:5": _crop(clip, path, start_pts, "4:5")})
        at_pts = start_pts + to_pts(STILL_AT, clip.time_base)
        before_and_after(still, "crisp", at_pts, "4:5", source, home, console, work / "both.png")
        _shrink(work / "reel.mp4", HERE / "reel.mp4")
        _still(work / "reel.mp4", Fraction(3, 2), (540, 960), HERE / "reel.jpg")
        _still(game, STILL_AT, (1280, 720), HERE / "game.jpg")
        both = Image.open(work / "both.png").convert("RGB")
        width = (both.width - 8) // 2  # 8 px lie between them
        for name, left in (("before.jpg", 0), ("after.jpg", both.width - width)):
            one = both.crop((left, 0, left + width, both.height))
            one.resize((864, 1080), Image.Resampling.LANCZOS).save(HERE / name, quality=84, optimize=True)
    sizes = {path.name: path.stat().st_size for path in sorted(HERE.glob("*.[jm]p*"))}
    sys.stdout.write(f"{json.dumps(sizes)}\n")


def _shrink(reel: Path, to: Path) -> None:
    """Write a reel small and silent, its index first."""
    picture = ["-vf", "scale=540:960:flags=lanczos", "-an", "-c:v", "libx264", "-preset", "slow", "-crf", "29"]
    ffmpeg.run(["-i", str(reel), *picture, "-pix_fmt", "yuv420p", "-movflags", "+faststart", "-y", str(to)])


def _still(video: Path, at_s: Fraction, size: tuple[int, int], to: Path) -> None:
    """Write one frame of a video."""
    frame = ffmpeg.run(
        ["-ss", str(float(at_s)), "-i", str(video), "-frames:v", "1", "-f", "image2pipe", "-c:v", "png", "-"]
    )
    picture = Image.open(BytesIO(frame)).convert("RGB").resize(size, Image.Resampling.LANCZOS)
    picture.save(to, quality=80, optimize=True, progressive=True)


def _moments(clip: EditClip, start_pts: int) -> list[Fraction]:
    begin_s = Fraction(clip.span.in_pts - start_pts) * clip.time_base
    end_s = Fraction(clip.span.out_pts - start_pts) * clip.time_base
    return [begin_s + KEY_EVERY_S * number for number in range(int((end_s - begin_s) / KEY_EVERY_S) + 1)]


def _hero(path: Walk, at_s: Fraction, around_s: float) -> tuple[float, float]:
    near = [(x, y) for t, x, y in path if abs(t - float(at_s)) <= around_s]
    x, y = (sum(values) / len(near) for values in zip(*near, strict=True))
    return x, y


def _crop(clip: EditClip, path: Walk, start_pts: int, aspect: str) -> Crop:
    """Return a crop that follows the hero, slowly."""
    height = REEL_HEIGHT if aspect == "9:16" else STILL_HEIGHT
    width = height * 9 / 16 * (9 / 16 if aspect == "9:16" else 4 / 5)
    keys: list[CropKey] = []
    for number, at_s in enumerate(_moments(clip, start_pts)):
        x, y = _hero(path, at_s, 0.6 if aspect == "9:16" else 0.04)
        cx, cy = min(max(x, width / 2), 1 - width / 2), min(max(y, height / 2), 1 - height / 2)
        pts = start_pts + to_pts(at_s, clip.time_base)
        keys.append(CropKey(id=_id(f"crop {aspect} {number}"), pts=pts, cx=cx, cy=cy, h=height, by="hand"))
    return Crop(framed=True, keys=tuple(keys))


def _spotlight(clip: EditClip, path: Walk, start_pts: int) -> Spotlight:
    """Return a spotlight on the hero, over the clip's beginning."""
    keys = tuple(
        SpotKey(_id(f"spot {number}"), start_pts + to_pts(at_s, clip.time_base), *_hero(path, at_s, 0.05), 0.042, 0.08)
        for number, at_s in enumerate(_moments(clip, start_pts))
    )
    out_pts = clip.span.in_pts + to_pts(LIT_S, clip.time_base)
    return Spotlight(_id("spotlight"), clip.span.in_pts, out_pts, keys)


def _id(name: str) -> str:
    return uuid_of(sha256(f"landing {name}".encode()).hexdigest())


if __name__ == "__main__":
    main()
