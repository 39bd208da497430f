"""The store's bench measures what it says, on an object that is small."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import store
from bench.footage import Benched


def test_it_measures_both_stores(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(store, "SIZE_MB", 1)
    line = store.measure(Benched(Path(), Path()))
    names = {"put_mb_s", "get_mb_s", "multipart_mb_s", "rss_mb"}
    assert line.keys() == names | {f"moto_{name}" for name in names}
    assert all(isinstance(value, float) and value > 0 for value in line.values())
