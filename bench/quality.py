"""The ladder climbed: what each way to enlarge a picture keeps of the truth, against the usual loop."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import mean

import cv2

from bench import ladder
from bench.cases import CASES, Case, Filmed, filmed
from bench.footage import Benched, Missing
from bench.ladder import Enlarged, Rung, Score
from bench.sheet import Row, spot, write_sheet
from gpu import planar_files
from gpu.planar import NATURAL, State
from gpu.registry import CRISP_DETAIL, CRISP_SHARE
from reel.errors import WeightsMismatch

Scores = Mapping[str, Mapping[str, Score]]  # by rung, then by case


def measure(
    benched: Benched, *, sheet: Path, weights: Path | None = None, cases: Sequence[Case] = CASES
) -> dict[str, object]:
    """Return the bench's line; write the sheet, and a table of all cases beside it. Raises Missing.

    `weights` names an .npz to take in the place of our own network's weights.
    """
    rungs = _rungs(benched, weights)
    scores: dict[str, dict[str, Score]] = {name: {} for name in rungs}
    rows: list[Row] = []
    for held in filmed(benched, cases):
        made = {name: ladder.enlarged(rung, held) for name, rung in rungs.items()}
        for name, frames in made.items():
            scores[name][held.case.name] = ladder.score(frames, held)
        rows += _rows(held, [*made.values()])
    write_sheet(("truth", "small", *rungs), rows, sheet)
    table = "\n".join(_table(scores))
    sheet.with_suffix(".md").write_text(f"{table}\n")
    print(table, file=sys.stderr)
    return line(scores)


def line(scores: Scores) -> dict[str, object]:
    """Return the gains over the usual loop, worst and mean over the cases, and each rung's means."""
    own, crisp = (ladder.compared(scores[name], scores["usual"]) for name in ("natural", "crisp"))
    return {
        "own_ssim_gain_min": own["ssim_gain_min"],
        "own_lsd_gain_db_min": own["lsd_gain_db_min"],
        "own_flicker_ratio_max": own["flicker_ratio_max"],
        "crisp_ssim_gain_min": crisp["ssim_gain_min"],
        "crisp_lsd_gain_db_mean": crisp["lsd_gain_db_mean"],
        "own_ssim_gain_mean": own["ssim_gain_mean"],
        "own_lsd_gain_db_mean": own["lsd_gain_db_mean"],
        "own_flicker_ratio_mean": own["flicker_ratio_mean"],
        "crisp_ssim_gain_mean": crisp["ssim_gain_mean"],
        "means": {name: _means([*of_rung.values()]) for name, of_rung in scores.items()},
    }


def _rungs(benched: Benched, weights: Path | None) -> dict[str, Rung]:
    threads = cv2.getNumberOfCPUs()
    own = ladder.natural(threads) if weights is None else ladder.natural_in_training(_read(weights))
    return {
        "bicubic": ladder.bicubic,
        "usual": ladder.usual(benched),
        "crisp": ladder.crisp(benched, share=CRISP_SHARE, detail=CRISP_DETAIL, threads=threads),
        "natural": own,
    }


def _read(weights: Path) -> State:
    try:
        return planar_files.read(weights.read_bytes(), NATURAL)
    except (OSError, WeightsMismatch) as fault:
        raise Missing(f"{weights} gives no weights of our own network: {fault}") from fault


def _rows(held: Filmed, made: Sequence[Enlarged]) -> Iterator[Row]:
    """Iterate a case's spots as they look in the last frame, if it is one of those that the sheet shows."""
    case = held.case
    if not case.is_shown:
        return
    whole = [held.truth[-1], *(ladder.rgb_of(frames.frames[-1]) for frames in made)]
    for corner in case.crop.spots:
        truth, *others = (spot(picture, corner) for picture in whole)
        small = spot(ladder.rgb_of(held.small[-1]), corner, case.scale)
        yield Row(case.name, (truth, small, *others))


def _means(scores: Sequence[Score]) -> dict[str, float]:
    return {
        "ssim": round(mean(score.ssim for score in scores), 4),
        "lsd_db": round(mean(score.lsd_db for score in scores), 2),
        "flicker": round(mean(score.flicker for score in scores), 3),
        "s_per_frame": round(mean(score.seconds for score in scores), 3),
    }


def _table(scores: Scores) -> Iterator[str]:
    """Iterate the lines of a table: a row a case, in each column SSIM, distance in dB, flicker in levels."""
    yield f"| SSIM, LSD dB, flicker | {' | '.join(scores)} |"
    yield "|---" * (len(scores) + 1) + "|"
    for case in next(iter(scores.values())):
        of_case = (of_rung[case] for of_rung in scores.values())
        yield f"| {case} | {' | '.join(f'{s.ssim:.4f}, {s.lsd_db:.2f}, {s.flicker:.2f}' for s in of_case)} |"
    for name, of_rung in scores.items():
        if name != "usual":
            gains = ", ".join(f"{key} {gain}" for key, gain in ladder.compared(of_rung, scores["usual"]).items())
            yield f"\n{name} against usual: {gains}"
