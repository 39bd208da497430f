"""A real Chromium before the editor as it is built, before the whole service: what the browser tests ask for.

Chromium is the machine's own (Debian's package `chromium`): nothing is downloaded.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from media.synth import Match, write
from reel.geometry import Size
from tests.browser.visitor import PATIENCE_MS, Visitor, visiting
from tests.house.source import CHECKOUT
from tests.journeys.parent import Parent
from tests.local.service import Service, serving

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

Visit = Callable[..., Visitor]


@pytest.fixture(scope="session")
def editor() -> Path:
    """The editor, built from its sources as `./run up` does it."""
    environment = {**os.environ, "PYTHON": sys.executable}
    built = subprocess.run([CHECKOUT / "run", "build"], env=environment, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return CHECKOUT / "web/out"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The machine's Chromium. Playwright keeps an event loop running in this thread: only for these tests."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip(
            f"there is no Chromium: install it (Debian: apt-get install chromium), as one of {', '.join(NAMES)}"
        )
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-dev-shm-usage"],  # in a container, as root
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def service(editor: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for all: each visitor is a guest of their own."""
    assert editor
    with serving(tmp_path_factory.mktemp("browser") / "home") as service:
        yield service


@pytest.fixture(scope="module")
def parent(service: Service) -> Iterator[Parent]:
    """Somebody with an account, as the service itself knows them."""
    parent = Parent(service.url)
    yield parent
    parent.close()


@pytest.fixture
def visit(chromium: Browser, service: Service) -> Iterator[Visit]:
    """What gives a visitor of the service; a page that complained of something nobody expected fails the test."""
    with ExitStack() as stack:
        visitors: list[Visitor] = []

        def come(*arguments: object, url: str | None = None, **more: object) -> Visitor:
            coming: AbstractContextManager[Visitor] = visiting(chromium, url or service.url, *arguments, **more)  # type: ignore[arg-type]
            visitors.append(stack.enter_context(coming))
            return visitors[-1]

        yield come
        assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


@pytest.fixture
def visitor(visit: Visit) -> Visitor:
    """Somebody at a desk, in the dark, whom nobody has seen before."""
    return visit()


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, int, int], Path]:
    """What films a match: by its name, how many seconds, and how many bytes it has at the least."""
    folder = tmp_path_factory.mktemp("films")

    def film(name: str, seconds: int, least_bytes: int = 0) -> Path:
        path = folder / name
        if not path.exists():
            seed = sum(map(ord, name))  # each file is another match: the same one twice is known already
            write(
                Match(size=Size(320, 180), rate=Fraction(10), duration_s=Fraction(seconds), players=4, seed=seed), path
            )
            _pad(path, least_bytes)
        return path

    return film


def _pad(path: Path, least_bytes: int) -> None:
    """Make a film longer by a box that every reader leaves out (ISO 14496-12, `free`)."""
    lacking = least_bytes - path.stat().st_size
    if lacking > 8:
        with path.open("ab") as file:
            file.write(lacking.to_bytes(4, "big") + b"free" + bytes(lacking - 8))
