"""What every test may ask for: the shared footage and weights, and property tests that say the same thing twice."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

CHECKOUT = Path(__file__).resolve().parent.parent

# Reproducible and untimed: a property test fails on every machine or on none.
settings.register_profile("house", derandomize=True, deadline=None, database=None)
settings.load_profile("house")


def shared_folder(variable: str, name: str) -> Path:
    """Return the folder that `variable` names, else ../shared/`name` beside the checkout; skip the test without it."""
    folder = Path(os.environ.get(variable) or CHECKOUT.parent / "shared" / name)
    if not folder.is_dir():
        pytest.skip(f"{folder} is missing: set {variable} to a folder that holds the shared {name}")
    return folder


@pytest.fixture(scope="session")
def footage_dir() -> Path:
    """The folder of real match footage."""
    return shared_folder("REEL_MEDIA_DIR", "media")


@pytest.fixture(scope="session")
def weights_dir() -> Path:
    """The folder of real network weights."""
    return shared_folder("REEL_WEIGHTS_DIR", "weights")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """In CI nothing skips unseen: every skip stands under a heading of its own, above the closing line."""
    skipped = terminalreporter.stats.get("skipped", [])
    if os.environ.get("CI") == "true" and skipped:
        terminalreporter.section(f"{len(skipped)} skipped in CI, where nothing should be", sep="!", red=True, bold=True)
        for report in skipped:
            terminalreporter.write_line(report.nodeid)
