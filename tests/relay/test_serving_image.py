"""The relay's image and its place at Fly: what they hold, and that the relay needs no more than that."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from relay.connection import Limits
from relay.hub import MOST_SOCKETS
from relay.server import DRAIN_S, PORT, settings_from
from tests.relay.serving import CHECKOUT, KEYS_TEXT
from tests.relay.stage import ORIGIN

FLY: dict[str, Any] = tomllib.loads((CHECKOUT / "relay/fly.toml").read_text())
DOCKERFILE = (CHECKOUT / "relay/Dockerfile").read_text()

# What Fly's configuration reference knows of; `fly config validate` lets a misspelt name pass.
KNOWN = {
    "app",
    "primary_region",
    "kill_signal",
    "kill_timeout",
    "build.dockerfile",
    "build.ignorefile",
    "env.PORT",
    "env.RELAY_ADDRESS_HEADER",
    "deploy.strategy",
    "http_service.internal_port",
    "http_service.force_https",
    "http_service.auto_stop_machines",
    "http_service.auto_start_machines",
    "http_service.min_machines_running",
    "http_service.concurrency.type",
    "http_service.concurrency.soft_limit",
    "http_service.concurrency.hard_limit",
    "http_service.checks.method",
    "http_service.checks.path",
    "http_service.checks.interval",
    "http_service.checks.timeout",
    "http_service.checks.grace_period",
    "metrics.port",
    "metrics.path",
    "vm.size",
    "vm.memory",
}


def names(table: Any, prefix: str = "") -> set[str]:
    if isinstance(table, list):
        return set[str]().union(*(names(one, prefix) for one in table))
    if isinstance(table, dict):
        return set[str]().union(*(names(one, f"{prefix}.{name}".lstrip(".")) for name, one in table.items()))
    return {prefix}


def instructions(name: str) -> list[str]:
    return [line.removeprefix(name).strip() for line in DOCKERFILE.splitlines() if line.startswith(f"{name} ")]


def test_fly_is_told_nothing_that_it_does_not_know():
    assert names(FLY) == KNOWN


def test_fly_runs_one_machine_that_sleeps_and_ends_in_peace():
    service = FLY["http_service"]
    assert (service["auto_stop_machines"], service["auto_start_machines"]) == ("suspend", True)
    assert service["min_machines_running"] == 0
    assert service["internal_port"] == FLY["metrics"]["port"] == int(FLY["env"]["PORT"]) == PORT
    assert service["concurrency"]["soft_limit"] < MOST_SOCKETS < service["concurrency"]["hard_limit"]
    assert service["concurrency"]["hard_limit"] == Limits().connections
    assert FLY["kill_signal"] == "SIGTERM"
    assert FLY["kill_timeout"] > DRAIN_S + Limits().close_s


def test_its_settings_and_the_two_secrets_are_enough():
    settings = settings_from(FLY["env"] | {"RELAY_KEYS": KEYS_TEXT, "RELAY_ORIGINS": ORIGIN})
    assert settings.address_header == "fly-client-ip"


def test_the_image_is_pinned_nobodys_and_holds_only_the_relay():
    (base,) = instructions("FROM")
    name, _, tag = base.partition(":")
    assert (name, tag.count(".")) == ("python", 2)
    assert instructions("COPY") == ["requirements/relay.txt ./", "relay/*.py relay/"]
    assert instructions("USER") == ["10001:10001"]
    assert json.loads(instructions("ENTRYPOINT")[0]) == ["python", "-m", "relay"]
    ignored = (CHECKOUT / "relay/Dockerfile.dockerignore").read_text().split()
    assert ignored == ["*", "!relay/*.py", "!requirements/relay.txt"]


def test_the_same_websockets_serve_in_both_homes():
    pins = [(CHECKOUT / "requirements" / name).read_text().splitlines() for name in ("relay.txt", "local.txt")]
    (ours,) = [line for line in pins[0] if not line.startswith("#")]
    assert ours in pins[1]


SAY_WHAT_IS_LOADED = """
import json, sys, relay.__main__
tops = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names) - {"__mp_main__"}
print(json.dumps(sorted(name for name in tops if not name.startswith("_"))))
"""


def test_the_relay_needs_this_room_and_websockets_alone(tmp_path: Path):
    (tmp_path / "relay").mkdir()
    for path in (CHECKOUT / "relay").glob("*.py"):
        shutil.copy(path, tmp_path / "relay")
    said = subprocess.run(
        [sys.executable, "-c", SAY_WHAT_IS_LOADED], cwd=tmp_path, capture_output=True, check=True, text=True
    )
    assert json.loads(said.stdout) == ["relay", "websockets"]
