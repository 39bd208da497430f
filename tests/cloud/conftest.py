"""The deployed app, for as long as the tests run, and footage in its bucket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jobs.spec import SourceRef
from tests.cloud.deployed import Cloud, deployed, filmed


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The whole app."""
    with deployed(tmp_path_factory.mktemp("cloud")) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def match(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> SourceRef:
    """Four seconds of a match in the bucket."""
    return cloud.adopt(filmed(tmp_path_factory.mktemp("match") / "match.mp4", seconds=4))
