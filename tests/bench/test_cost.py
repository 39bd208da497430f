"""The month's table: the plan's figures as it has them, arithmetic that adds up, no word of what nobody measured."""

from __future__ import annotations

import pytest

from bench.cost import A_MONTH, CLIP_S, RATE, THEIR_TOTAL, THEIRS, break_even_fps, table
from cloud.costs import GPU_S, dollars_a_second, found_gpu, idle_dollars_a_day
from cloud.machines import MACHINES


def test_the_plan_s_table_adds_up():
    assert sum(THEIRS[name] * A_MONTH[name] for name in A_MONTH) == pytest.approx(THEIR_TOTAL[0], abs=0.005)
    assert THEIR_TOTAL[0] < THEIR_TOTAL[1] < THEIR_TOTAL[2]


@pytest.mark.parametrize("gpu", MACHINES["framing"].gpus)
def test_at_the_break_even_a_framing_costs_what_the_plan_says(gpu: str):
    machine = MACHINES["framing"]
    lasts_s = float(CLIP_S * RATE) / break_even_fps(gpu) + machine.idle_s
    dollars = lasts_s * dollars_a_second(machine.cores, machine.memory_gib, gpu)
    assert dollars == pytest.approx(THEIRS["framing"], rel=0.01)


def test_a_price_is_cores_memory_and_gpu_together():
    assert dollars_a_second(1, 0, None) == 0.0000131
    assert dollars_a_second(0, 1, None) == 0.00000222
    assert dollars_a_second(0, 0, "T4") == 0.000164
    assert dollars_a_second(0, 0, "a GPU of next year") == max(GPU_S.values()), "never too cheap"
    assert found_gpu() is None or found_gpu() not in {"", "NVIDIA"}


def test_idle_is_a_cent_a_day_at_the_most():
    assert 0 < idle_dollars_a_day() <= 0.01


def test_the_table_says_what_it_is_not():
    said = {
        "each": {"overlay": 0.001, "framing natural": 0.002, "compilation": 0.0003},
        "month": {"overlay": 0.4, "framing": 1.0, "compilation": 0.03},
        "theirs_month": {"overlay": 3.0, "framing": 15.15, "compilation": 0.04},
        "theirs_total": 18.19,
        "total": 1.43,
    }
    lines = table(said).splitlines()
    assert [line.split()[0] for line in lines[1:4]] == list(A_MONTH)
    assert lines[4].split()[-2:] == ["18.19", "1.43"]
    assert "needs an account" in lines[5]
