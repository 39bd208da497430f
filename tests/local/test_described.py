"""The API's description as files, from which the editor's client is made."""

from __future__ import annotations

import json
from pathlib import Path

from local.described import described, drifted, files


def test_it_names_every_operation_and_error():
    said = described()
    assert {"get", "post"} <= said["paths"]["/api/games"].keys()
    assert said["paths"]["/api/games"]["post"]["responses"].keys() == {"201"}  # errors have one form, said once
    assert "ErrorOut" in said["components"]["schemas"]
    assert json.loads(files()["codes.json"])["stale_revision"] == 409


def test_it_says_the_same_twice_and_drift_is_seen(tmp_path: Path):
    assert drifted(tmp_path) == ["openapi.json", "codes.json"]
    for name, text in files().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert drifted(tmp_path) == []
    (tmp_path / "openapi.json").write_text("{}")
    assert drifted(tmp_path) == ["openapi.json"]
