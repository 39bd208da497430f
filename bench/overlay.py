"""An overlay against a plain transcode of the same file: with a spotlight on every frame, and on a tenth of them.

All three decode with PyAV and encode with x264 at the settings of every output. They take turns, and each turn's ratios
are taken within it, so a machine that changes its speed between turns does no harm. One that is busy with other work
does: there the ratio of the processors' time says more than that of the clock's.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from av.video.frame import PictureType

from bench.footage import MATCH, Benched
from bench.turns import Took, took
from media.colour import OUTPUT, Planes, to_planes
from media.decode import all_frames
from media.encode import Encoding, add_video, mp4_options, video_sink
from media.join import join
from media.open import open_output
from media.probe import probe
from media.remade import Remade
from media.sound import decoded_sound, sample_at
from media.splice import splice
from media.spotlight import draw_spotlight
from reel.geometry import OUTPUT_SIZES
from reel.spotlight import Ellipse, Spotlight

FRAMES = 500  # twenty seconds
TENTH = range(235, 285)  # beginning and ending within a GOP of 25, as a player's run does
TURNS = 3
LOOK = Spotlight(id="bench", in_pts=0, out_pts=1, keys=())  # as one begins: dark around the player, a stroke


def measure(benched: Benched) -> dict[str, object]:
    """Return the bench's line, for everything covered and for a tenth: the median turn's ratios, and their spread."""
    footage = benched.footage(MATCH)
    encoding = Encoding(OUTPUT_SIZES["16:9"], probe(footage, tail=False).rate)
    turns: list[tuple[Took, Took, Took]] = []
    with TemporaryDirectory() as folder:
        base, made = Path(folder) / "base.mp4", Path(folder) / "made.mp4"
        _working_video(base, footage, encoding)
        for _ in range(TURNS):
            plain = took(lambda: transcode(made, base, encoding))
            full = took(lambda: covered(made, base, encoding, range(FRAMES)))
            tenth = took(lambda: covered(made, base, encoding, TENTH))
            turns.append((plain, full, tenth))
        done = covered(made, base, encoding, TENTH)
    full_ratios = [full.wall_s / plain.wall_s for plain, full, _ in turns]
    tenth_ratios = [tenth.wall_s / plain.wall_s for plain, _, tenth in turns]
    return {
        "full_vs_transcode": round(median(full_ratios), 3),
        "tenth_vs_transcode": round(median(tenth_ratios), 3),
        "spread": [round(max(each) - min(each), 3) for each in (full_ratios, tenth_ratios)],
        "full_cpu": round(median(full.cpu_s / plain.cpu_s for plain, full, _ in turns), 3),
        "tenth_cpu": round(median(tenth.cpu_s / plain.cpu_s for plain, _, tenth in turns), 3),
        "tenth_reencoded": f"{done.reencoded_frames} of {done.frames}",
    }


def _working_video(path: Path, footage: Path, encoding: Encoding) -> None:
    """Make what framing makes: the match's first seconds in one segment, with their sound."""
    segment = path.with_name("segment.mp4")
    with video_sink(segment, encoding) as sink:
        for frame in islice(all_frames(footage), FRAMES):
            sink.write(to_planes(frame, OUTPUT))
    sound = decoded_sound(footage, Fraction(0), sample_at(FRAMES, encoding.rate))
    join(path, [segment], encoding.rate, iter([sound]))


def transcode(path: Path, base: Path, encoding: Encoding) -> None:
    """Decode and encode, the frames untouched and uncopied: the least that it can cost."""
    with open_output(path, options=mp4_options(encoding.rate)) as container:
        stream = add_video(container, encoding)
        for frame in all_frames(base):
            frame.pict_type = PictureType.NONE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def covered(path: Path, base: Path, encoding: Encoding, touched: range) -> Remade:
    """Splice the video with a spotlight on the frames `touched`."""
    done = splice(path, base, encoding, _draw, [touched])
    assert not done.whole, done.why_whole
    return done


def _draw(number: int, picture: Planes) -> Planes:
    """Draw a spotlight that crosses the picture as a running player would."""
    height, width = picture.y.shape
    at = Ellipse(x=width * number / FRAMES, y=height / 2, rx=height * 0.06, ry=height * 0.12, rotation_deg=0, opacity=1)
    draw_spotlight(picture, at, LOOK)
    return picture
