"""The demo: the whole main job on one machine, on a game that is filmed here or on your own."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from hashlib import sha256
from math import ceil
from pathlib import Path

from jobs.sources import standing
from jobs.spec import SourceRef
from local.adopt import adopt
from local.commands import Making, before_and_after, make
from local.console import Console
from local.edits import clips_of, document_of, read_rows
from local.home import Home, open_home
from local.wiring import Settings
from local.work import arriving
from media.synth import demo_match, write
from reel.annotation import Clip
from reel.crop import Crop, CropKey
from reel.edit import EditClip
from reel.errors import BadField
from reel.keys import uuid_of
from reel.timing import seconds, to_pts
from reel.tsv import TsvRow, write_tsv

# How the demo's crop follows the hero: a keyframe this often, and the crop's height in parts of the picture.
KEY_EVERY_S = Fraction(3, 4)
CROP_HEIGHT = 0.62
CLIPS = (
    TsvRow(Fraction(6), Fraction(3), rating=4, tags=("Dribble",)),
    TsvRow(Fraction(14), Fraction(3), rating=4, tags=("Goal",)),
    TsvRow(Fraction(31), Fraction(3), rating=5, tags=("Goal",)),
)


def demo(arguments: Namespace, settings: Settings, console: Console) -> None:
    """Make a draft of three clips with a moving crop, then the reel itself; and show one frame before and after."""
    if (arguments.game is None) != (arguments.clips is None):
        raise BadField("", "A game of your own needs its clip list too: give both GAME and CLIPS.")
    home = open_home(settings, console.announce, console.note)
    folder = settings.data_dir.resolve() / "demo"  # ./run has changed the folder: say the whole path
    folder.mkdir(exist_ok=True)
    making = _own(arguments, home, console) if arguments.game else _filmed(folder, home, console)
    draft, reel, picture = folder / "draft.mp4", folder / "reel.mp4", folder / "before-after.png"
    make(making, "draft", home, draft, console)
    console.note("Now the same upscaled, which takes longer; Ctrl-C keeps what is done")
    make(making, None, home, reel, console)
    clip = making.document.clips[-1]
    middle = (clip.span.in_pts + clip.span.out_pts) // 2
    after = before_and_after(clip, home.look(), middle, making.document.aspect, making.source, home, console, picture)
    console.result(
        {"output": str(reel), "draft": str(draft), "before_after": str(picture), "weights": after["network"]},
        f"The reel is {reel}, one frame of it before and after upscaling {picture}.",
    )


def _own(arguments: Namespace, home: Home, console: Console) -> Making:
    """Take a person's own game and its clip list, in the default crop."""
    rows = read_rows(arguments.clips, 1, best=False)
    source = adopt(arguments.game, home.store, accept_truncated=arguments.accept_truncated, doing=console.doing)
    with standing(source, home.store) as footing:
        return _making(clips_of(rows, footing), source, arguments.game.stem)


def _filmed(folder: Path, home: Home, console: Console) -> Making:
    """Film the demo game, unless it is there, and follow its hero."""
    game, listed, followed = folder / "game.mp4", folder / "clips.tsv", folder / "hero.json"
    if not (game.exists() and followed.exists()):
        console.note("Filming the demo game")
        _film(game, followed)
    listed.write_text(write_tsv(CLIPS))
    path = json.loads(followed.read_text())
    source = adopt(game, home.store, doing=console.doing)
    with standing(source, home.store) as footing:
        making = _making(clips_of(CLIPS, footing), source, "Demo game")
        crops = [_following(path, clip, footing.source.span.in_pts) for clip in making.document.clips]
    clips = tuple(replace(clip, crops={"9:16": crop}) for clip, crop in zip(making.document.clips, crops, strict=True))
    return replace(making, document=replace(making.document, clips=clips))


def _film(game: Path, followed: Path) -> None:
    """Write the game and where its hero is, [seconds, x, y] a frame."""
    with arriving(game) as filmed, arriving(followed) as path:
        truth = write(demo_match(), filmed)
        path.write_text(json.dumps([[float(at), x, y] for at, x, y in truth.hero_path()]))


def _making(clips: Sequence[Clip], source: SourceRef, title: str) -> Making:
    document = document_of(clips, "9:16", title)
    names = {edit.id: clip.shown_name for edit, clip in zip(document.clips, clips, strict=True)}
    return Making(document, names, source)


def _following(path: Sequence[tuple[float, float, float]], clip: EditClip, start_pts: int) -> Crop:
    """Return a crop that follows the hero, a keyframe every so often, each on the mean of the time around it."""
    begin_s = seconds(clip.span.in_pts - start_pts, clip.time_base)
    end_s = seconds(clip.span.out_pts - start_pts, clip.time_base)
    moments = [begin_s + KEY_EVERY_S * n for n in range(ceil((end_s - begin_s) / KEY_EVERY_S) + 1)]
    return Crop(
        framed=True, keys=tuple(_key(path, at_s, number, clip, start_pts) for number, at_s in enumerate(moments))
    )


def _key(
    path: Sequence[tuple[float, float, float]], at_s: Fraction, number: int, clip: EditClip, start_pts: int
) -> CropKey:
    near = [(x, y) for t, x, y in path if abs(t - at_s) <= KEY_EVERY_S]
    x, y = (sum(values) / len(near) for values in zip(*near, strict=True))
    half_width = CROP_HEIGHT * 9 / 16 * 9 / 16 / 2  # of a 16:9 picture, by a 9:16 crop
    return CropKey(
        id=uuid_of(sha256(f"{clip.id} {number}".encode()).hexdigest()),
        pts=start_pts + to_pts(at_s, clip.time_base),
        cx=min(max(x, half_width), 1 - half_width),
        cy=min(max(y, CROP_HEIGHT / 2), 1 - CROP_HEIGHT / 2),
        h=CROP_HEIGHT,
        by="track",
    )
