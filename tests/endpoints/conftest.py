"""What the tests of the API may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from local.objectstore import local_endpoint, running
from storage import uploads
from storage.objects import Objects
from tests.endpoints.filming import PART_BYTES, Person, Reels
from tests.endpoints.stage import Browser, Stage, standing


@pytest.fixture(scope="session")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Objects]:
    """An embedded store, for as long as the tests run."""
    folder = tmp_path_factory.mktemp("store")
    with running(folder, local_endpoint(folder, port=0)) as endpoint, closing(Objects(endpoint)) as objects:
        yield objects


@pytest.fixture
def stage(bucket: Objects, tmp_path: Path) -> Iterator[Stage]:
    """An installation of its own over the shared store."""
    with standing(bucket, tmp_path / "stage") as stage:
        yield stage


@pytest.fixture
def browser(stage: Stage) -> Browser:
    """A fresh browser."""
    return stage.browser()


@pytest.fixture(scope="session")
def reels(tmp_path_factory: pytest.TempPathFactory) -> Reels:
    """Footage, each film made once."""
    return Reels(tmp_path_factory.mktemp("films"))


@pytest.fixture
def mia(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Somebody with a game, who uploads in parts that are as small as they may be."""
    monkeypatch.setattr(uploads, "LEAST_PART_BYTES", PART_BYTES)
    return Person(browser)
