"""The bench of a database's writes, on small ones: what its line says."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import machine, sync
from bench.footage import Benched


def test_the_line_says_what_was_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync, "SIZES", {"20kb": 20_000, "100kb": 100_000})
    monkeypatch.setattr(sync, "TURNS", 1)
    monkeypatch.setattr(sync, "WRITES", 3)
    monkeypatch.setattr(machine, "BLOCKS", 1)
    line = sync.measure(Benched(media_dir=tmp_path, weights_dir=tmp_path))
    requests = {"store_requests_per_read": 1.0, "store_requests_per_write": 2.0}
    assert list(line) == ["p95_ms_20kb", "p95_ms_100kb", *requests, "machine_factor"]
    assert line.items() >= requests.items()
    assert all(isinstance(line[name], float) and line[name] > 0 for name in ("p95_ms_20kb", "p95_ms_100kb"))  # pyright: ignore
