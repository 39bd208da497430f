from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from bench import __main__ as command_line
from bench import quality
from bench.cases import CASES, CROPS, Case
from bench.footage import Benched, Missing
from bench.ladder import Score
from bench.sheet import SPOT_PX
from reel.geometry import PixelRect


def test_the_line_holds_the_gains_and_the_means() -> None:
    scores = {
        "usual": {"a": Score(0.70, 6.0, 2.0, 1.0), "b": Score(0.80, 8.0, 1.0, 3.0)},
        "crisp": {"a": Score(0.75, 5.0, 2.0, 0.5), "b": Score(0.82, 7.5, 1.0, 0.7)},
        "natural": {"a": Score(0.78, 5.5, 1.0, 0.1), "b": Score(0.83, 8.5, 0.8, 0.1)},
    }
    line = quality.line(scores)
    means = line.pop("means")
    assert line == {
        "own_ssim_gain_min": 0.03,
        "own_lsd_gain_db_min": -0.5,
        "own_flicker_ratio_max": 0.8,
        "crisp_ssim_gain_min": 0.02,
        "crisp_lsd_gain_db_mean": 0.75,
        "own_ssim_gain_mean": 0.055,
        "own_lsd_gain_db_mean": 0.0,
        "own_flicker_ratio_mean": 0.65,
        "crisp_ssim_gain_mean": 0.035,
    }
    assert means == {
        "usual": {"ssim": 0.75, "lsd_db": 7.0, "flicker": 1.5, "s_per_frame": 2.0},
        "crisp": {"ssim": 0.785, "lsd_db": 6.25, "flicker": 1.5, "s_per_frame": 0.6},
        "natural": {"ssim": 0.805, "lsd_db": 7.0, "flicker": 0.9, "s_per_frame": 0.1},
    }


@pytest.mark.footage
@pytest.mark.weights
def test_one_case_from_footage_to_sheet(footage_dir: Path, weights_dir: Path, tmp_path: Path) -> None:
    near = replace(CROPS[0], rect=PixelRect(2448, 1224, 192, 168), spots=((10, 4),))
    case = Case(near, "x264 23", Fraction(3))
    sheet = tmp_path / "out" / "sheet.png"
    line = quality.measure(Benched(footage_dir, weights_dir), sheet=sheet, cases=[case])
    assert json.loads(json.dumps(line)) == line
    assert {*line["means"]} == {"bicubic", "usual", "crisp", "natural"}  # pyright: ignore[reportGeneralTypeIssues]
    with Image.open(sheet) as image:
        assert image.width > 6 * 2 * SPOT_PX
    assert f"| {case.name} |" in sheet.with_suffix(".md").read_text()


def test_what_is_missing_is_said_before_anything_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REEL_MEDIA_DIR", str(tmp_path))
    monkeypatch.setenv("REEL_WEIGHTS_DIR", str(tmp_path))
    assert command_line.main(["quality", "--sheet", str(tmp_path / "sheet.png")]) == command_line.EXIT_MISSING
    assert "realesr-general-x4v3.pth is missing" in capsys.readouterr().err
    assert not (tmp_path / "sheet.png").exists()


@pytest.mark.parametrize("body", [None, b"", b"PK\x03\x04 and no more"])
def test_weights_that_are_none_are_refused(body: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    if body is not None:
        path.write_bytes(body)
    with pytest.raises(Missing, match=r"weights\.npz gives no weights of our own network"):
        quality.measure(Benched(tmp_path, tmp_path), sheet=tmp_path / "sheet.png", weights=path)


def test_the_whole_ladder_is_what_is_measured_unless_told() -> None:
    assert len(CASES) > 40
    assert sum(case.scale == Fraction(8, 3) for case in CASES) == 1
