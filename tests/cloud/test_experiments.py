"""Experiments: medians with their spread, the cold run apart, and nothing said where nothing was measured."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cloud import experiments
from cloud.__main__ import main
from cloud.experiments import HERE, KNOWN, by_several, rows, run, run_here
from cloud.measures import MEASURES
from reel.errors import BadInput


def runs(*seconds: float) -> Any:
    """Return a measure of ten frames whose runs take so long, one after another."""
    left = list(seconds)
    return lambda name, pictures: [{"what": "w", "frames": pictures, "seconds": left.pop(0), "size_bytes": len(left)}]


def test_medians_are_of_the_warm_runs():
    [row] = rows("E4", None, runs(100.0, 5.0, 2.0, 10.0), times=3, pictures=10)
    assert (row["seconds"], row["fps"], row["fps_spread"]) == (5.0, 2.0, [1.0, 5.0])
    assert row["dollars_per_1000_frames"] == pytest.approx(500 * (4 * 0.0000131 + 4 * 0.00000222), rel=1e-4)
    assert (row["size_bytes"], row["gpu"]) == (0, None)
    [dearer] = rows("E6", "L4", runs(1.0, 5.0), times=1, pictures=10)
    assert dearer["dollars_per_1000_frames"] > 3 * row["dollars_per_1000_frames"]


def test_what_runs_here_has_no_price():
    [row] = rows("E4", None, runs(1.0, 1.0), times=1, pictures=10, priced=False)
    assert (row["dollars_per_1000_frames"], row["prices_of"]) == (None, None)


def test_an_experiment_runs_here(capsys: pytest.CaptureFixture[str]):
    run_here("e4", times=1, pictures=2)
    [row] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (row["experiment"], row["what"], row["frames"]) == ("E4", "draft", 2)
    assert row["fps"] > 0


@pytest.mark.parametrize(("name", "said"), [("E6", "needs Modal: modal run"), ("E1", "needs"), ("E99", "only E1")])
def test_what_cannot_run_here_is_said(name: str, said: str, capsys: pytest.CaptureFixture[str]):
    assert main(["experiment", name]) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("frames", ["0", "1", "-3", "many", "1.5"])
def test_frames_are_a_number(frames: str):
    assert main(["experiment", "E4", frames]) == 1


def test_every_experiment_is_known_by_what_it_compares():
    assert list(KNOWN) == [f"E{number}" for number in range(1, 10)]
    assert set(HERE) == set(MEASURES) <= set(KNOWN)
    assert set(experiments.ON_GPU) <= set(HERE)
    with pytest.raises(BadInput):
        run("E10", None, None, 1, 1)
    with pytest.raises(BadInput):
        run_here("E6", 1, 1)


def test_several_containers_last_as_long_as_the_slowest():
    class There:
        """A method of Modal's, of which each call takes as many seconds as it is late."""

        def map(self, names: list[str], pictures: list[int]) -> Any:
            assert set(names) == {"E7"}
            return ([{"what": "w", "frames": frames, "seconds": 1.0 + n}] for n, frames in enumerate(pictures))

    [row] = rows("E7", "T4", by_several(There()), times=1, pictures=30)
    assert (row["what"], row["frames"], row["seconds"], row["fps"]) == ("by 3 containers", 30, 3.0, 10.0)
