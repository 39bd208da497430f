"""Modal's client in the process of the tests, pointed at a stand-in."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager

import modal
import modal.config

from tests.modal_standin.standin import Standin


@contextmanager
def pointed_at(standin: Standin) -> Generator[None]:
    """Let this process's Modal client find the stand-in, and forget it afterwards."""
    before = {name: os.environ.get(name) for name in standin.environ() if name.startswith("MODAL_")}
    os.environ.update({name: standin.environ()[name] for name in before})
    modal.Client._client_from_env = None  # pyright: ignore[reportAttributeAccessIssue]
    try:
        yield
    finally:
        modal.Client.from_env().close()
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
