"""The golden vectors: what Python and TypeScript are both held to, computed by reference formulas and nothing of ours.

`python tests/golden/write.py` writes the JSON files beside it. README.md says how to read them.
"""

from __future__ import annotations

import cmath
import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import groupby, pairwise, product
from math import radians
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
Case = dict[str, Any]
Vectors = dict[str, list[Case]]

SHAPES = {"9:16": (1080, 1920), "16:9": (1920, 1080), "1:1": (1080, 1080), "4:5": (1080, 1350)}


def timing() -> Vectors:
    """Rounding in whole numbers, frames by construction, searches by looking at every frame."""
    ticks = ((1, 90000), (1, 1000), (1, 600), (1001, 30000))
    moments = ((0, 1), (1, 3), (5, 1800), (12345, 1000), (-1, 1200), (3600, 1))
    pts = (0, 1, 33, 90001, 5400000)
    stamps = (0, 33, 67, 100, 133, 167, 300, 333)
    return {
        "to_pts": [
            case({"at_s": at, "time_base": base}, nearest(at[0] * base[1], at[1] * base[0]))
            for at, base in product(moments, ticks)
        ]
        + [
            case({"at_s": at, "time_base": base}, nearest(at[0] * base[1], at[1] * base[0]), name=name)
            for name, at, base in (
                ("half a tick", (1, 2000), (1, 1000)),
                ("half a tick before the start", (-1, 2000), (1, 1000)),
                ("a tick and a half before the start", (-3, 2000), (1, 1000)),
                ("a third of a tick before the start", (-1, 3000), (1, 1000)),
                ("more ticks than 32 bits hold", (2**20 + 1, 3), (1, 90000)),
                ("as many ticks as a browser holds", (2**53 - 1, 90000), (1, 90000)),
            )
        ],
        "rescale": [
            case({"pts": n, "source": a, "target": b}, nearest(n * a[0] * b[1], a[1] * b[0]))
            for n, a, b in product(pts, ticks[:3], ticks[:3])
            if a != b
        ]
        + [
            case({"pts": n, "source": a, "target": b}, nearest(n * a[0] * b[1], a[1] * b[0]), name=name)
            for name, n, a, b in (
                ("before the start", -90001, (1, 90000), (1, 1000)),
                ("half a tick before the start", -45, (1, 90000), (1, 1000)),
                ("more ticks than 32 bits hold", 2**31 + 45, (1, 90000), (1, 1000)),
                ("a product beyond what a float holds", 2**52 + 1, (1001, 30000), (1001, 30001)),
            )
        ],
        "nominal_rate": [
            case({"frame_pts": stamped(shown, rate, base), "time_base": base}, rate, name=name)
            for name, shown, rate, base in (
                ("25, a third dropped", kept(range(60)), (25, 1), (1, 600)),
                ("59.94 in milliseconds", range(40), (60000, 1001), (1, 1000)),
                ("23.976 in 1/90000", range(40), (24000, 1001), (1, 90000)),
                ("10 stays 10", range(12), (10, 1), (1, 10240)),
                ("12.5 stays 12.5", range(12), (25, 2), (1, 1000)),
                ("15 in milliseconds", range(40), (15, 1), (1, 1000)),
                ("240 stays 240", range(40), (240, 1), (1, 90000)),
                ("240 at two and a half ticks a frame", range(41), (240, 1), (1, 600)),
                (
                    "25 at one tick a frame, two of seven dropped",
                    [n for n in range(60) if n % 7 not in (2, 5)],
                    (25, 1),
                    (1, 25),
                ),
                ("three frames in milliseconds", range(3), (60, 1), (1, 1000)),
                ("30 with a pause", [*range(20), *range(200, 220)], (30, 1), (1, 1000)),
            )
        ]
        + [
            case({"frame_pts": jittered(range(40), mean, (1, 600000)), "time_base": (1, 600000)}, rate, name=name)
            for name, mean, rate in (
                ("a phone around 29.98", (2998, 100), (30000, 1001)),
                ("a phone around 30.01", (3001, 100), (30, 1)),
                ("a phone around 59.9", (599, 10), (60000, 1001)),
            )
        ]
        + [case({"frame_pts": [700], "time_base": (1, 1000)}, (25, 1), name="one frame")],
        "project_rate": [
            case({"rates": rates}, expected)
            for rates, expected in (
                ([(25, 1)], (25, 1)),
                ([(30000, 1001), (25, 1)], (30000, 1001)),
                ([(100, 1)], (50, 1)),
                ([(120, 1), (50, 1)], (60, 1)),
                ([(240000, 1001), (24, 1)], (60000, 1001)),
                ([(120000, 1001), (60, 1)], (60, 1)),
            )
        ],
        "boundaries": [
            case({"durations": durations, "rate": rate}, cumulative(durations, rate))
            for durations, rate in (
                ([], (25, 1)),
                ([(6, 1), (6, 1), (9, 2)], (25, 1)),
                ([(101, 100)] * 12, (30000, 1001)),
                ([(1, 50), (1, 50), (1, 50), (1, 50)], (25, 1)),
                ([(4567, 1000), (12345, 2000), (7, 3)], (60000, 1001)),
            )
        ],
        "snap": [
            case({"pts": at, "frame_pts": stamps}, max(stamps, key=lambda start: (-abs(start - at), start)))
            for at in (-5, 0, 16, 17, 50, 233, 234, 400)
        ]
        + [
            case({"pts": at, "frame_pts": late}, max(late, key=lambda start: (-abs(start - at), start)), name=name)
            for name, first in (("before the start", -3000), ("beyond 32 bits", 2**33))
            for late in [[first, first + 1500, first + 3003]]
            for at in (first + 749, first + 750, first + 2251, first + 2252)
        ],
        "newest": [
            case({"at": at, "frame_pts": stamps}, begun(Fraction(*at), stamps))
            for at in ((-1, 1), (0, 1), (31, 1), (32, 1), (63, 2), (66, 1), (200, 3), (299, 1), (298, 1), (999, 1))
        ]
        + [
            case({"at": at, "frame_pts": late}, begun(Fraction(*at), late), name=name)
            for name, first in (("before the start", -3000), ("beyond 32 bits", 2**33))
            for late in [[first, first + 1500, first + 3003]]
            for at in ((2 * first + 2997, 2), (2 * first + 2998, 2), (2 * first + 3001, 2), (3 * first + 9005, 3))
        ],
    }


def speed() -> Vectors:
    """Each tick has its rate; output time is the sum over the ticks."""
    base = (1, 1000)
    clips = (
        ((1000, 3000), []),
        ((1000, 3000), [{"in_pts": 1500, "out_pts": 2000, "rate": (1, 2)}]),
        (
            (1000, 2600),
            [{"in_pts": 2000, "out_pts": 9000, "rate": (2, 1)}, {"in_pts": 0, "out_pts": 1200, "rate": (1, 4)}],
        ),
        (
            (40, 1240),
            [{"in_pts": 400, "out_pts": 640, "rate": (3, 4)}, {"in_pts": 640, "out_pts": 1000, "rate": (3, 4)}],
        ),
        ((0, 900), [{"in_pts": 300, "out_pts": 600, "rate": (1, 1)}]),
        ((-700, 500), [{"in_pts": -350, "out_pts": -7, "rate": (2, 3)}]),
    )
    moments = ((-1, 10), (0, 1), (1, 10), (77, 100), (5, 4), (1001, 800), (2, 1), (30, 1))
    sources = (
        ("25 to 50", stamped(range(80), (25, 1), base), (50, 1)),
        ("60 to 30", stamped(range(200), (60, 1), base), (30, 1)),
        ("29.97 to 29.97", stamped(range(100), (30000, 1001), base), (30000, 1001)),
        ("25 with dropped frames to 25", stamped(kept(range(80)), (25, 1), base), (25, 1)),
    )
    out: Vectors = {"pieces": [], "source_at": [], "output_at": [], "frames_shown": []}
    for span, speeds in clips:
        inputs = {"span": span, "speeds": speeds}
        rates = [(pts, rate_of(pts, speeds)) for pts in range(*span)]
        clocks = output_clock(rates, base)
        out["pieces"].append(
            case(inputs, {"pieces": run_lengths(rates), "output_duration": rational(clocks[-1])}, time_base=base)
        )
        for at in moments:
            out["source_at"].append(
                case({**inputs, "time_base": base, "output_s": at}, rational(source_time(Fraction(*at), rates, clocks)))
            )
        for pts in (0, span[0], span[0] + 333, 1999, 2000, 9999):
            index = min(max(pts - span[0], 0), len(rates))
            out["output_at"].append(case({**inputs, "time_base": base, "pts": pts}, rational(clocks[index])))
        for name, frame_pts, rate in sources:
            count = nearest((clocks[-1] * Fraction(*rate)).numerator, (clocks[-1] * Fraction(*rate)).denominator)
            before_out = [pts for pts in frame_pts if pts < span[1]]
            shown = [
                before_out[begun(source_time(j / Fraction(*rate), rates, clocks), before_out)] for j in range(count)
            ]
            shared = {**inputs, "time_base": base, "frame_pts": frame_pts, "rate": rate, "count": count}
            out["frames_shown"].append(case(shared, shown, name=name))
    return out


def geometry() -> Vectors:
    """Turning by complex numbers, rounding by exact fractions."""
    windows = [
        {"cx": 0.5, "cy": 0.5, "w": 0.31640625, "h": 1.0, "rotation_deg": 0.0},
        {"cx": 0.3, "cy": 0.62, "w": 0.2, "h": 0.4, "rotation_deg": 7.5},
        {"cx": 0.7123, "cy": 0.41, "w": 0.123, "h": 0.3, "rotation_deg": -20.0},
    ]
    source = {"width": 1920, "height": 1080}
    shown = (
        ((1920, 1080), 0, (1, 1), (1920, 1080)),
        ((1280, 720), 1, (1, 1), (720, 1280)),
        ((1280, 720), -1, (0, 1), (720, 1280)),
        ((1920, 1080), 2, (1, 1), (1920, 1080)),
        ((720, 576), 0, (64, 45), (1024, 576)),
        ((1440, 1080), 3, (4, 3), (1080, 1920)),
        ((853, 479), 0, (0, 1), (853, 479)),
    )
    return {
        "to_pixels": [
            case(
                {"window": window, "size": source},
                {"pixels": pixels, "bounds": box(pixels), "rounded": gridded(pixels)},
            )
            for window in windows
            for pixels in [in_pixels(window, source)]
        ],
        "displayed_size": [
            case(
                {"coded": named(coded), "quarter_turns": turns, "sample_aspect": aspect},
                named(size),
            )
            for coded, turns, aspect, size in shown
        ],
    }


def annotation() -> Vectors:
    """The ratings and tags once more; spans as one counts them on one's fingers."""
    ratings = (
        (1, "??", "Mental Lapse", 0xC62828),
        (2, "?", "Technical Lapse", 0xF9A825),
        (3, "!?", "Interesting", 0x1565C0),
        (4, "!", "Good", 0x2E7D32),
        (5, "!!", "Brilliant", 0x66BB6A),
    )
    tags = "Attacker Goal, Assist, Dribble; Midfielder Pass, Chance Creation, Control; "
    tags += "Defender Tackle, Interception, Build-Up; Goalie Save, Distribution"
    base, source, short = (1, 1000), (500, 100_500), (500, 1200)
    late = (2**33, 2**33 + 9_000_000)
    return {
        "ratings": [
            case({"rating": value}, {"symbol": symbol, "name": name, "colour": f"#{colour:06X}"})
            for value, symbol, name, colour in ratings
        ],
        "tags": [
            case({"position": position}, offered.split(", "))
            for position, _, offered in (line.partition(" ") for line in tags.split("; "))
        ],
        "span_around": [
            case(
                {"playhead_pts": at, "source": whole, "time_base": ticks, "lead_s": lead, "lag_s": lag}, span, name=name
            )
            for name, at, whole, ticks, lead, lag, span in (
                ("in the middle", 50_000, source, base, (8, 1), (2, 1), (42_000, 52_000)),
                ("near the start", 3000, source, base, (8, 1), (2, 1), (500, 5000)),
                ("at the start", 500, source, base, (8, 1), (2, 1), (500, 2500)),
                ("at the end", 100_500, source, base, (8, 1), (2, 1), (92_500, 100_500)),
                ("never below a second", 100_400, source, base, (0, 1), (2, 1), (99_500, 100_500)),
                ("a source below a second", 900, short, base, (8, 1), (2, 1), (500, 1200)),
                ("parts of a second", 50_000, source, base, (5, 3), (1, 3), (48_333, 50_333)),
                (
                    "beyond 32 bits",
                    2**33 + 900_000,
                    late,
                    (1, 90_000),
                    (8, 1),
                    (2, 1),
                    (2**33 + 180_000, 2**33 + 1_080_000),
                ),
                ("too short", 50_000, source, base, (1, 2), (1, 3), {"code": "clip_length_out_of_range"}),
                ("too long", 50_000, source, base, (59, 1), (2, 1), {"code": "clip_length_out_of_range"}),
            )
        ],
        "span_at": [
            case({"start_s": start, "duration_s": lasts, "source": whole, "time_base": ticks}, span, name=name)
            for name, start, lasts, whole, ticks, span in (
                ("from the first shown frame", (3, 1), (6, 1), source, base, (3500, 9500)),
                ("rounded", (1, 3), (7, 3), source, base, (833, 3167)),
                ("a millisecond past the end", (90, 1), (10_001, 1000), source, base, (90_500, 100_500)),
                (
                    "two milliseconds past the end",
                    (90, 1),
                    (10_002, 1000),
                    source,
                    base,
                    {"code": "clip_outside_source"},
                ),
                ("the whole of a short source", (0, 1), (1, 1), short, base, (500, 1200)),
                ("not the whole of a short source", (1, 10), (1, 1), short, base, {"code": "clip_outside_source"}),
                ("too long", (1, 1), (61, 1), source, base, {"code": "clip_length_out_of_range"}),
                ("too short", (1, 1), (1, 2), source, base, {"code": "clip_length_out_of_range"}),
                ("one tick too short", (1, 1), (999, 1000), source, base, (1500, 2499)),
            )
        ],
    }


def keyframes() -> Vectors:
    """Bézier curves by de Casteljau in exact fractions, Brodlie's form of the Fritsch–Butland tangent."""
    tracks = {
        "one key": [(100, [0.25, 0.5], "smooth")],
        "two keys": [(0, [0.0, 1.0], "smooth"), (90, [1.0, 0.25], "smooth")],
        "a pan at uneven times": [
            (0, [0.1, 0.5], "smooth"),
            (10, [0.2, 0.5], "smooth"),
            (100, [0.9, 0.55], "smooth"),
            (130, [0.95, 0.4], "smooth"),
        ],
        "there and back": [(0, [0.2], "smooth"), (40, [0.8], "smooth"), (60, [0.8], "smooth"), (120, [0.1], "smooth")],
        "every ease": [
            (0, [0.1], "linear"),
            (30, [0.4], "smooth"),
            (60, [0.6], "ease"),
            (90, [0.7], "smooth"),
            (120, [0.8], "hold"),
            (150, [0.9], "smooth"),
            (180, [0.95], "linear"),
            (210, [0.2], "smooth"),
        ],
        "before the start": [(-9000, [0.2], "smooth"), (-3000, [0.5], "smooth"), (1, [0.4], "smooth")],
        "more ticks than 32 bits hold": [
            (2**40 - 90_000, [0.1], "smooth"),
            (2**40, [0.7], "smooth"),
            (2**40 + 45_001, [0.8], "linear"),
            (2**40 + 90_001, [0.3], "smooth"),
        ],
        "a long source in 1/90000": [
            (323_460_000, [0.5], "smooth"),
            (323_550_000, [0.61], "smooth"),
            (323_760_000, [0.7], "smooth"),
        ],
    }
    return {
        "value_at": [
            case(
                {"keys": [{"pts": p, "values": v, "ease": e} for p, v, e in keys], "pts": at},
                [float(value) for value in track_value(keys, Fraction(at))],
                name=name,
            )
            for name, keys in tracks.items()
            for at in looks(keys)
        ]
    }


def crop() -> Vectors:
    """The corners of the turned window, as complex numbers of pixels, decide how large it may be and where."""
    source, portrait = {"width": 1920, "height": 1080}, {"width": 720, "height": 1280}
    pan = [(0, [0.2, 0.5, 0.9], "smooth"), (2500, [0.5, 0.45, 0.5], "smooth"), (6000, [0.9, 0.6, 0.7], "smooth")]
    leaving = [(0, [-0.3, 0.5, 0.5], "linear"), (1000, [1.4, 1.2, 1.6], "linear")]
    views = [
        case(
            {"keys": crop_keys(keys), "pts": pts, "aspect": aspect, "source": size, "rotation_deg": turn},
            held_inside(track_value(keys, Fraction(pts)), aspect, size, turn),
        )
        for keys, moments in ((pan, (0, 700, 2500, 4321)), (leaving, (0, 300, 1000)))
        for pts, aspect, size, turn in product(moments, SHAPES, (source, portrait), (0.0, 7.5, -20.0))
        if size is source or aspect in ("9:16", "16:9")
    ]
    return {
        "crop_at": views,
        "default_crop": [
            case(
                {"aspect": aspect, "source": size, "rotation_deg": turn},
                held_inside((0.5, 0.5, 9.0), aspect, size, turn)["h"],
            )
            for aspect, size, turn in product(SHAPES, (source, portrait, {"width": 853, "height": 479}), (0.0, 5.0))
        ],
        "enlargement": [
            case(
                {"h": h, "source": size, "output": named(SHAPES[aspect])},
                {"enlargement": float(factor), "made_share": float(max(Fraction(0), 1 - 1 / factor**2))},
            )
            for h, size, aspect in (
                (1.0, source, "9:16"),
                (0.5, source, "16:9"),
                (1.0, {"width": 3840, "height": 2160}, "1:1"),
            )
            for factor in [Fraction(SHAPES[aspect][1]) / (Fraction(h) * size["height"])]
        ],
    }


def spotlight() -> Vectors:
    """Turning by complex numbers, the fade as a Bernstein polynomial in exact fractions."""
    base, source, output = (1, 1000), {"width": 1920, "height": 1080}, {"width": 1080, "height": 1920}
    keys = [(1000, [0.4, 0.5, 0.06, 0.12], "smooth"), (2000, [0.6, 0.55, 0.05, 0.1], "smooth")]
    region = {"in_pts": 1000, "out_pts": 3000}
    views = [
        ({"x": 0.5, "y": 0.5, "rx": 0.06, "ry": 0.12}, {"cx": 0.5, "cy": 0.5, "h": 1.0, "rotation_deg": 0.0}),
        ({"x": 0.45, "y": 0.6, "rx": 0.06, "ry": 0.12}, {"cx": 0.5, "cy": 0.5, "h": 0.4, "rotation_deg": 0.0}),
        ({"x": 0.45, "y": 0.6, "rx": 0.06, "ry": 0.06}, {"cx": 0.42, "cy": 0.55, "h": 0.37, "rotation_deg": 12.5}),
        ({"x": 0.9, "y": 0.2, "rx": 0.06, "ry": 0.12}, {"cx": 0.3, "cy": 0.5, "h": 0.8, "rotation_deg": -20.0}),
    ]
    return {
        "spotlight_at": [
            case(
                {**region, "keys": spot_keys(keys), "pts": pts, "time_base": base, "frozen_pts": frozen},
                lit(keys, region, Fraction(pts), Fraction(*base), frozen),
            )
            for frozen, moments in (
                (None, (0, 999, 1000, 1001, 1060, 1125, 1249, 1250, 1500, 2400, 2800, 2875, 2999, 3000)),
                (999, (999, 1000, 1100)),
                (1000, (999, 1000, 1001, 1200, 2900)),
                (1100, (1000, 1099, 1100, 1101, 1500)),
                (2900, (2800, 2899, 2900, 2950, 3000)),
                (3000, (1100, 2900, 3000)),
            )
            for pts in moments
        ],
        "to_output": [
            case(
                {"ellipse": ellipse, "window": turned, "source": source, "output": output},
                seen(ellipse, turned, source, output),
            )
            for ellipse, window in views
            for turned in [{**window, "w": window["h"] * source["height"] * 9 / 16 / source["width"]}]
        ],
        "in_picture": [
            case({"ellipse": ellipse, "output": output}, {"opacity": left(ellipse, output)})
            for x, y, rx, ry, deg, opacity in (
                (540.0, 960.0, 100.0, 200.0, 0.0, 0.8),
                (0.0, 960.0, 100.0, 200.0, 0.0, 1.0),
                (-30.0, 960.0, 100.0, 200.0, 0.0, 0.5),
                (-30.0, 960.0, 100.0, 200.0, 35.0, 1.0),
                (1130.0, 1980.0, 100.0, 200.0, -20.0, 1.0),
                (540.0, -199.0, 100.0, 200.0, 0.0, 1.0),
                (540.0, -201.0, 100.0, 200.0, 0.0, 1.0),
                (-5000.0, 960.0, 100.0, 200.0, 0.0, 1.0),
                (540.0, 960.0, 0.0, 200.0, 0.0, 1.0),
            )
            for ellipse in [{"x": x, "y": y, "rx": rx, "ry": ry, "rotation_deg": deg, "opacity": opacity}]
        ],
    }


def light() -> Vectors:
    """A spotlight's look: its numbers once more, falls as Bernstein polynomials, turning by complex numbers."""
    look = {
        "dimmed": (1, 2),
        "lift": (78, 100),
        "lift_chroma": (112, 100),
        "feather": [(9, 10), (13, 10)],
        "stroke": (1, 210),
        "fill": (1, 5),
        "rim": (35, 100),
        "ground_at": (82, 100),
        "ground_flat": (34, 100),
        "arc_full_deg": (40, 1),
        "arc_end_deg": (150, 1),
    }
    colours = {"white": 0xFFFFFF, "cyan": 0x1FE5FF, "yellow": 0xFFE600, "pink": 0xFF4FB0, "orange": 0xFF8A1F}
    begin, end = (float(Fraction(*edge)) ** 2 for edge in look["feather"])
    bodies = (
        {"x": 540.0, "y": 960.0, "rx": 115.2, "ry": 230.4, "rotation_deg": 0.0, "opacity": 1.0},
        {"x": 301.5, "y": 77.25, "rx": 40.0, "ry": 95.0, "rotation_deg": -12.5, "opacity": 0.5},
        {"x": -20.0, "y": 1900.0, "rx": 300.0, "ry": 280.0, "rotation_deg": 20.0, "opacity": 1.0},
    )
    return {
        "look": [
            case({"name": name}, [float(Fraction(*v)) for v in value] if name == "feather" else float(Fraction(*value)))
            for name, value in look.items()
        ],
        "colours": [case({"colour": name}, f"#{hue:06X}") for name, hue in colours.items()]
        + [case({"colour": "none"}, None)],
        "share_inside": [
            case({"reach": reach / 20}, bernstein((end - (reach / 20) ** 2) / (end - begin))) for reach in range(32)
        ],
        "share_of_arc": [
            case({"bearing_deg": bearing}, bernstein((150 - abs(bearing)) / 110)) for bearing in range(-180, 181, 15)
        ],
        "stroke_px": [
            case({"size": named(size)}, max(1.5, min(size) / 210))
            for size in (*SHAPES.values(), (320, 180), (3840, 2160))
        ],
        "ground": [
            case({"body": body}, {**body, "x": feet.real, "y": feet.imag, "ry": body["rx"] * 0.34})
            for body in bodies
            for down in [cmath.rect(body["ry"] * 0.82, radians(90 + body["rotation_deg"]))]
            for feet in [complex(body["x"], body["y"]) + down]
        ],
    }


def banner() -> Vectors:
    """The banner's parts, each a share of the text's size; the text a share of the picture's mean side."""
    pictures = ((1920, 1080), (1080, 1920), (720, 1280), (640, 360), (320, 180), (3840, 2160), (1080, 1080), (64, 48))
    return {
        "banner_layout": [
            case(
                {"picture": named(picture), "shrink": shrink},
                {
                    "text_px": text,
                    "name_px": 1.18 * text,
                    "badge_px": 2.1 * text,
                    "padding_px": 0.62 * text,
                    "border_px": max(0.13 * text, 1.5),
                    "radius_px": 0.55 * text,
                    "margin_px": margin,
                    "width_px": min(picture[0] - 2 * margin, 46 * text / shrink),
                    "tallest_px": 0.6 * picture[1] - margin,
                },
            )
            for picture, shrink in product(pictures, (1.0, 0.92, 0.85, 0.78, 0.72))
            for text in [max(shrink * (picture[0] * picture[1]) ** 0.5 / 40, 9.0)]
            for margin in [0.035 * min(picture)]
        ],
    }


VECTORS: Mapping[str, Callable[[], Vectors]] = {
    "timing": timing,
    "speed": speed,
    "geometry": geometry,
    "annotation": annotation,
    "keyframes": keyframes,
    "crop": crop,
    "spotlight": spotlight,
    "light": light,
    "banner": banner,
}


def read(name: str) -> Vectors:
    """Return the committed vectors of one module."""
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def text(name: str) -> str:
    """Return what the file of one module has to hold: a line a case, so that a change can be read."""
    groups = (
        f" {json.dumps(group)}: [\n  "
        + ",\n  ".join(json.dumps(rounded(one), ensure_ascii=False) for one in cases)
        + "\n ]"
        for group, cases in VECTORS[name]().items()
    )
    return "{\n" + ",\n".join(groups) + "\n}\n"


def is_fresh(name: str) -> bool:
    """Say whether the committed file holds what the reference formulas give."""
    return (HERE / f"{name}.json").read_text(encoding="utf-8") == text(name)


# --- the form of a case


def case(inputs: Case, expected: Any, **more: Any) -> Case:
    name = {"name": more.pop("name")} if "name" in more else {}
    return {**name, "inputs": {**inputs, **more}, "expected": expected}


def rounded(value: Any) -> Any:
    """Cut floats at 1e-10: a last bit of sine may differ between machines, and 1e-6 is what is asked."""
    if isinstance(value, float):
        return round(value, 10) + 0.0
    if isinstance(value, Mapping):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [rounded(inner) for inner in value]
    return value


def rational(value: Fraction) -> tuple[int, int]:
    return value.numerator, value.denominator


def named(size: tuple[int, int]) -> Case:
    return {"width": size[0], "height": size[1]}


def bernstein(s: float) -> float:
    """From 0 to 1 with rest at both ends: control values 0, 0, 1, 1."""
    s = min(max(s, 0.0), 1.0)
    return 3 * s**2 * (1 - s) + s**3


# --- reference formulas: time


def nearest(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def stamped(frames: Iterable[int], rate: tuple[int, int], base: tuple[int, int]) -> list[int]:
    return [nearest(n * rate[1] * base[1], rate[0] * base[0]) for n in frames]


def kept(frames: Iterable[int]) -> list[int]:
    return [n for n in frames if n % 7 != 3 and n % 11 != 5]


def jittered(frames: Iterable[int], mean: tuple[int, int], base: tuple[int, int]) -> list[int]:
    """Stamps that wander by up to a tenth of a frame, and return: the first and last are exact."""
    frame = Fraction(mean[1] * base[1], mean[0] * base[0])
    wander = (0, 7, -4, 10, -9, 3, -10, 5, 1, -6)
    frames = list(frames)
    return [round(n * frame + (wander[n % 10] * frame / 100 if n != frames[-1] else 0)) for n in frames]


def cumulative(durations: Sequence[tuple[int, int]], rate: tuple[int, int]) -> list[int]:
    sums = [
        sum((Fraction(*one) for one in durations[:n]), Fraction(0)) * Fraction(*rate) for n in range(len(durations) + 1)
    ]
    return [nearest(total.numerator, total.denominator) for total in sums]


def begun(at: Fraction, frame_pts: Sequence[int]) -> int:
    early = [0] + [min(Fraction(1), Fraction(after - before, 4)) for before, after in pairwise(frame_pts)]
    return max((index for index, start in enumerate(frame_pts) if start - early[index] <= at), default=0)


# --- reference formulas: speed


def rate_of(pts: int, speeds: Sequence[Case]) -> Fraction:
    return next((Fraction(*s["rate"]) for s in speeds if s["in_pts"] <= pts < s["out_pts"]), Fraction(1))


def run_lengths(rates: Sequence[tuple[int, Fraction]]) -> list[Case]:
    runs = [(rate, [pts for pts, _ in run]) for rate, run in groupby(rates, key=lambda tick: tick[1])]
    return [{"in_pts": run[0], "out_pts": run[-1] + 1, "rate": rational(rate)} for rate, run in runs]


def output_clock(rates: Sequence[tuple[int, Fraction]], base: tuple[int, int]) -> list[Fraction]:
    clocks = [Fraction(0)]
    for _, rate in rates:
        clocks.append(clocks[-1] + Fraction(*base) / rate)
    return clocks


def source_time(output_s: Fraction, rates: Sequence[tuple[int, Fraction]], clocks: Sequence[Fraction]) -> Fraction:
    first = rates[0][0]
    if output_s <= 0:
        return Fraction(first)
    if output_s >= clocks[-1]:
        return Fraction(first + len(rates))
    tick = bisect_right(clocks, output_s) - 1
    return first + tick + (output_s - clocks[tick]) / (clocks[tick + 1] - clocks[tick])


# --- reference formulas: tracks

Track = Sequence[tuple[int, Sequence[float], str]]


def looks(keys: Track) -> list[int]:
    first, last = keys[0][0], keys[-1][0]
    step = max((last - first) // 16, 1)
    return sorted({first - 5, *range(first, last, step), *(key[0] for key in keys), last + 5})


def track_value(keys: Track, at: Fraction) -> tuple[Fraction, ...]:
    return tuple(
        curve_value([(p, Fraction(values[n]), ease) for p, values, ease in keys], at) for n in range(len(keys[0][1]))
    )


def curve_value(keys: Sequence[tuple[int, Fraction, str]], at: Fraction) -> Fraction:
    if at <= keys[0][0]:
        return keys[0][1]
    if at >= keys[-1][0]:
        return keys[-1][1]
    k = max(index for index, key in enumerate(keys) if key[0] <= at)
    (t0, v0, ease), (t1, v1, _) = keys[k], keys[k + 1]
    third = Fraction(t1 - t0, 3)
    controls = {
        "hold": [v0, v0, v0, v0],
        "linear": [v0, v0 + (v1 - v0) / 3, v1 - (v1 - v0) / 3, v1],
        "ease": [v0, v0, v1, v1],
        "smooth": [v0, v0 + third * tangent(keys, k), v1 - third * tangent(keys, k + 1), v1],
    }[ease]
    return de_casteljau(controls, (at - t0) / (t1 - t0))


def tangent(keys: Sequence[tuple[int, Fraction, str]], k: int) -> Fraction:
    if k in (0, len(keys) - 1) or {keys[k - 1][2], keys[k][2]} & {"ease", "hold"}:
        return Fraction(0)
    h0, h1 = keys[k][0] - keys[k - 1][0], keys[k + 1][0] - keys[k][0]
    d0, d1 = (keys[k][1] - keys[k - 1][1]) / h0, (keys[k + 1][1] - keys[k][1]) / h1
    alpha = Fraction(h0 + 2 * h1, 3 * (h0 + h1))
    return d0 * d1 / (alpha * d1 + (1 - alpha) * d0) if d0 * d1 > 0 else Fraction(0)


def de_casteljau(points: Sequence[Fraction], s: Fraction) -> Fraction:
    while len(points) > 1:
        points = [a + (b - a) * s for a, b in pairwise(points)]
    return points[0]


# --- reference formulas: windows and ellipses


def turn(deg: float) -> complex:
    """Turn clockwise: with y down, that is the positive sense."""
    return cmath.exp(1j * radians(deg))


def corners(width: float, height: float, deg: float) -> list[complex]:
    return [turn(deg) * complex(x * width / 2, y * height / 2) for x, y in product((-1, 1), (-1, 1))]


def in_pixels(window: Case, size: Case) -> Case:
    return {
        "cx": window["cx"] * size["width"],
        "cy": window["cy"] * size["height"],
        "width": window["w"] * size["width"],
        "height": window["h"] * size["height"],
        "rotation_deg": window["rotation_deg"],
    }


def box(pixels: Case) -> list[float]:
    centre = complex(pixels["cx"], pixels["cy"])
    at = [centre + corner for corner in corners(pixels["width"], pixels["height"], pixels["rotation_deg"])]
    xs, ys = [corner.real for corner in at], [corner.imag for corner in at]
    return [min(xs), min(ys), max(xs), max(ys)]


def gridded(pixels: Case) -> Case:
    exact = {key: Fraction(value) * 16 for key, value in pixels.items() if key != "rotation_deg"}
    grid = {key: nearest(value.numerator, value.denominator) / 16 for key, value in exact.items()}
    return {**grid, "rotation_deg": pixels["rotation_deg"]}


def crop_keys(keys: Track) -> list[Case]:
    return [{"pts": pts, "cx": cx, "cy": cy, "h": h, "ease": ease} for pts, (cx, cy, h), ease in keys]


def held_inside(values: Sequence[Fraction | float], aspect: str, source: Case, deg: float) -> Case:
    cx, cy, h = (float(value) for value in values)
    shape = SHAPES[aspect][0] / SHAPES[aspect][1]
    unit = corners(shape, 1.0, deg)
    half_width, half_height = max(corner.real for corner in unit), max(corner.imag for corner in unit)
    height = min(h * source["height"], source["width"] / 2 / half_width, source["height"] / 2 / half_height)
    margin_x, margin_y = half_width * height / source["width"], half_height * height / source["height"]
    return {
        "cx": sorted((margin_x, cx, 1 - margin_x))[1],
        "cy": sorted((margin_y, cy, 1 - margin_y))[1],
        "w": height * shape / source["width"],
        "h": height / source["height"],
        "rotation_deg": deg,
    }


def spot_keys(keys: Track) -> list[Case]:
    return [{"pts": p, "x": x, "y": y, "rx": rx, "ry": ry, "ease": ease} for p, (x, y, rx, ry), ease in keys]


def lit(keys: Track, region: Case, at: Fraction, base: Fraction, frozen: int | None) -> Case | None:
    moments = range(region["in_pts"], region["out_pts"])
    if not moments.start <= at < moments.stop:
        return None
    was_full = frozen is not None and frozen in moments and at >= frozen
    s = min(1 if was_full else (at - moments.start) * base * 4, (moments.stop - at) * base * 4, Fraction(1))
    ellipse = dict(zip(("x", "y", "rx", "ry"), map(float, track_value(keys, at)), strict=True))
    return {**ellipse, "rotation_deg": 0.0, "opacity": float(3 * (1 - s) * s**2 + s**3)}


def seen(ellipse: Case, window: Case, source: Case, output: Case) -> Case:
    scale = output["width"] / (window["w"] * source["width"])
    offset = complex((ellipse["x"] - window["cx"]) * source["width"], (ellipse["y"] - window["cy"]) * source["height"])
    at = complex(output["width"], output["height"]) / 2 + scale * offset / turn(window["rotation_deg"])
    return {
        "x": at.real,
        "y": at.imag,
        "rx": ellipse["rx"] * source["height"] * scale,
        "ry": ellipse["ry"] * source["height"] * scale,
        "rotation_deg": -window["rotation_deg"],
        "outside": not (0 <= at.real <= output["width"] and 0 <= at.imag <= output["height"]),
    }


def left(ellipse: Case, output: Case) -> float:
    """How opaque an ellipse is that leaves the picture: by its outermost points, found by where their tangents lie."""
    if not (ellipse["rx"] and ellipse["ry"]):
        return 0.0
    across, down = turn(ellipse["rotation_deg"]) * ellipse["rx"], turn(ellipse["rotation_deg"]) * 1j * ellipse["ry"]
    rightmost, lowest = cmath.phase(complex(across.real, down.real)), cmath.phase(complex(across.imag, down.imag))
    wide = (across * cmath.exp(1j * rightmost).real + down * cmath.exp(1j * rightmost).imag).real
    high = (across * cmath.exp(1j * lowest).real + down * cmath.exp(1j * lowest).imag).imag
    gone = [
        max(-ellipse["x"], ellipse["x"] - output["width"]) / wide,
        max(-ellipse["y"], ellipse["y"] - output["height"]) / high,
    ]
    return ellipse["opacity"] * (1 - bernstein(max(gone)))


if __name__ == "__main__":
    for name in VECTORS:
        (HERE / f"{name}.json").write_text(text(name), encoding="utf-8")
