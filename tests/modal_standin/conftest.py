"""A stand-in for as long as the tests of one file run, and Modal's client in this process pointed at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.modal_standin.client import pointed_at
from tests.modal_standin.standin import Standin, running


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standin]:
    """A stand-in without a single object."""
    with running(tmp_path_factory.mktemp("standin")) as standin, pointed_at(standin):
        yield standin
