"""The settings of one machine; and the only place here that reads the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reel.errors import BadInput
from storage.endpoint import Endpoint

PORT = 8000


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator can set, and what lies where below `data_dir`. docs/deploy.md lists both, a test compares."""

    data_dir: Path
    weights_dir: Path | None = None
    bucket: Endpoint | None = None
    """Where users' objects are kept; None: in `data_dir`, by the embedded store."""
    port: int = PORT
    """Of `./run up`; 0: one that is free."""

    @property
    def store_dir(self) -> Path:
        """The embedded store: all that users own, but for a bucket. What has to be backed up."""
        return self.data_dir / "store"

    @property
    def log_path(self) -> Path:
        """What the API did, a JSON line each."""
        return self.data_dir / "logs" / "api.jsonl"

    @property
    def cache_dir(self) -> Path:
        """Objects of the command line, weights, and all below: what can be made again."""
        return self.data_dir / "cache"

    @property
    def databases_dir(self) -> Path:
        """Copies of users' databases."""
        return self.cache_dir / "databases"

    @property
    def ledger_path(self) -> Path:
        """The jobs' ledger and queue."""
        return self.cache_dir / "jobs.sqlite"

    @property
    def workers_dir(self) -> Path:
        """Signs of life of the workers."""
        return self.cache_dir / "workers"

    @property
    def look_path(self) -> Path:
        """The look of clips that name none, as the workers found out."""
        return self.cache_dir / "look"

    @property
    def tidied_path(self) -> Path:
        """Whose time is when everything was tidied up last."""
        return self.cache_dir / "tidied"

    @property
    def scratch_dir(self) -> Path:
        """What jobs need while they run."""
        return self.cache_dir / "scratch"


def settings_from(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; what is not set has its default. Raises BadInput for a port that is none.

    And for a bucket that is named in part.
    """
    weights = environ.get("REEL_WEIGHTS_DIR")
    return Settings(
        data_dir=Path(environ.get("DATA_DIR") or "data"),
        weights_dir=Path(weights) if weights else None,
        bucket=_bucket(environ),
        port=_port(environ.get("PORT") or str(PORT)),
    )


def _port(text: str) -> int:
    if not re.fullmatch("[0-9]{1,5}", text) or int(text) > 65_535:
        raise BadInput(f"PORT has to be a number from 0 to 65535, and is {text[:40]!r}.")
    return int(text)


def _bucket(environ: Mapping[str, str]) -> Endpoint | None:
    named = {
        "R2_ENDPOINT_URL": environ.get("R2_ENDPOINT_URL"),
        "R2_BUCKET_NAME": environ.get("R2_BUCKET_NAME"),
        "R2_ACCESS_KEY_ID": environ.get("R2_ACCESS_KEY_ID"),
        "R2_SECRET_ACCESS_KEY": environ.get("R2_SECRET_ACCESS_KEY"),
    }
    if not any(named.values()):
        return None
    missing = [name for name, value in named.items() if not value]
    if missing:
        raise BadInput(f"To use a bucket, set {' and '.join(missing)} too.")
    return Endpoint(*(str(value) for value in named.values()))
