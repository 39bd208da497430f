"""The whole cloud on one machine: app.py deployed to the stand-in, the embedded store in the place of R2."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from cloud.wiring import APP, SECRET, Settings, Wired, by_name, wired
from jobs.ports import Record
from jobs.spec import SourceRef, Spec
from local.objectstore import local_endpoint, running
from media.synth import Match, write
from reel import keys
from reel.errors import NotFound
from reel.geometry import Size
from storage.endpoint import Endpoint
from tests.conftest import CHECKOUT
from tests.jobs.homes import USER
from tests.modal_standin import standin as modal_standin
from tests.modal_standin.client import pointed_at
from tests.modal_standin.standin import Standin

PATIENCE_S = 120.0


@dataclass
class Cloud:
    """One installation, and this process as one that may hand jobs over."""

    standin: Standin
    home: Wired

    @property
    def url(self) -> str:
        """Where the API answers."""
        return self.standin.web_url(APP, "api")

    def deploy(self) -> None:
        """Deploy the app as it is in the checkout."""
        self.standin.cli("deploy", "app.py", cwd=CHECKOUT)

    def record(self, job: str) -> Record:
        return self.home.hands.ledger.read(job)

    def result(self, spec: Spec) -> dict[str, Any] | None:
        """Return how a job ended, as its result says."""
        try:
            return json.loads(self.home.objects.read(keys.result(spec.user, spec.job)))
        except NotFound:
            return None

    def done(self, spec: Spec) -> dict[str, Any]:
        """Wait for a job that has to succeed; return its value."""
        ended = self.until(lambda: self.result(spec))
        assert ended["outcome"] == "done", ended["error"]
        return ended["value"]

    def until(self, ask: Callable[[], Any], most_s: float = PATIENCE_S) -> Any:
        """Ask until the answer is true, and return it; that it never is is a failure, told with what was logged."""
        ends_s = time.monotonic() + most_s
        while not (found := ask()):
            if time.monotonic() >= ends_s:
                raise AssertionError(f"it never came: {self.standin.account.broken} {self.standin.log(APP)[-4000:]}")
            time.sleep(0.05)
        return found

    def adopt(self, path: Path, name: str = "one") -> SourceRef:
        """Put footage into the bucket as a source."""
        body, key = path.read_bytes(), f"{USER}/games/{name}{path.suffix}"
        self.home.objects.put(key, body)
        return SourceRef(id=name, key=key, sha256=hashlib.sha256(body).hexdigest())

    def calls_of(self, name: str) -> int:
        """Return how many calls a function has had."""
        function = self.standin.function(APP, name)
        return sum(call.function is function for call in self.standin.account.calls.values())


@contextmanager
def deployed(folder: Path, **settings: str) -> Generator[Cloud]:
    """Deploy the app to a stand-in of its own, with more settings in its Secret."""
    (folder / "store").mkdir(parents=True)
    with (
        running(folder / "store", local_endpoint(folder / "store", port=0)) as endpoint,
        modal_standin.running(folder) as standin,
        pointed_at(standin),
    ):
        standin.account.secrets[SECRET] = secret(endpoint) | settings
        with wired(Settings(endpoint), by_name(APP)) as home:
            cloud = Cloud(standin, home)
            cloud.deploy()
            yield cloud


def secret(endpoint: Endpoint) -> dict[str, str]:
    """Return what an operator puts into the Secret."""
    return {
        "R2_ENDPOINT_URL": endpoint.url,
        "R2_BUCKET_NAME": endpoint.bucket,
        "R2_ACCESS_KEY_ID": endpoint.access_key_id,
        "R2_SECRET_ACCESS_KEY": endpoint.secret_access_key,
    }


def filmed(path: Path, seconds: int = 2, rate: int = 10) -> Path:
    """Write a small synthesised match."""
    write(Match(size=Size(192, 108), rate=Fraction(rate), duration_s=Fraction(seconds), players=2), path)
    return path
