"""./run deploy: the real script and the real command line, from a checkout of its own to the stand-in, and back."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from cloud.images import DATA, PACKAGES
from cloud.wiring import APP
from tests.cloud.deployed import Cloud
from tests.conftest import CHECKOUT

FLYCTL = """#!/bin/sh
# What flyctl would be asked, and what it would say: the labels of what was deployed.
echo "$*" >>"$FLY_LOG"
case "$1 $2" in
"image show") [ -z "$FLY_AWAY" ] && grep -o 'image-label .*' "$FLY_LOG" || [ -z "$FLY_AWAY" ] ;;
esac
"""


@dataclass
class Checkout:
    """A checkout that has just what is deployed, and whoever stands in it."""

    root: Path
    environ: dict[str, str]

    def git(self, *arguments: str) -> str:
        command = ["git", "-c", "user.name=Ann", "-c", "user.email=ann@a.b", *arguments]
        return subprocess.check_output(command, cwd=self.root, text=True).strip()

    def commit(self) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "A change")
        return self.git("rev-parse", "HEAD")

    def deploys(self, *stage: str, **more: str) -> subprocess.CompletedProcess[str]:
        command, environ = [self.root / "run", "deploy", *stage], self.environ | more
        return subprocess.run(
            command, cwd=self.root, env=environ, capture_output=True, text=True, check=False, timeout=500
        )

    @property
    def asked_of_fly(self) -> list[str]:
        log = Path(self.environ["FLY_LOG"])
        return log.read_text().splitlines() if log.exists() else []


@pytest.fixture(scope="module")
def checkout(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    root, beside = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("beside")
    for folder in (*PACKAGES, "requirements"):
        shutil.copytree(CHECKOUT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__", "training"))
    for name in ("run", "app.py", ".gitignore"):
        shutil.copy(CHECKOUT / name, root / name)
    assert all((root / folder).is_dir() for folder in DATA)
    (root / ".venv").symlink_to(CHECKOUT / ".venv")
    flyctl = beside / "flyctl"
    flyctl.write_text(FLYCTL)
    flyctl.chmod(0o755)
    cloud.standin.account.environments |= {"staging"}
    environ = cloud.standin.environ() | {"FLY_LOG": str(beside / "fly.log"), "FLY_AWAY": ""}
    made = Checkout(root, environ | {"PATH": f"{beside}:{os.environ['PATH']}"})
    made.git("init", "--quiet")
    (root / ".git/info/exclude").write_text(".venv\n")
    made.commit()
    return made


def test_a_commit_is_deployed_tried_and_stays(cloud: Cloud, checkout: Checkout):
    commit, before = checkout.git("rev-parse", "HEAD"), cloud.standin.account.deployed[APP].version
    told = checkout.deploys("staging")
    assert told.returncode == 0, told.stdout + told.stderr
    app = cloud.standin.account.deployed[APP]
    assert (app.version, app.tag) == (before + 1, commit)
    assert "leaving: nothing is left of the guest" in told.stdout
    [shown, deployed] = checkout.asked_of_fly
    assert shown == "image show --app reel-ballers-relay-staging --json"
    assert deployed.startswith("deploy . --config relay/fly.toml --app reel-ballers-relay-staging --ha=false")


def test_a_release_that_does_not_work_is_taken_back(cloud: Cloud, checkout: Checkout):
    good = cloud.standin.account.deployed[APP].tag
    health = checkout.root / "endpoints/health.py"
    text = health.read_text()
    assert text.count('"ok"') == 2
    health.write_text(text.replace('"ok"', '"poorly"'))
    bad = checkout.commit()
    told = checkout.deploys("staging")
    assert told.returncode == 1
    assert "FAILED health: it says {'status': 'poorly'}" in told.stderr
    assert f"{bad} does not work on staging" in told.stderr
    assert cloud.standin.account.deployed[APP].tag == good
    assert [release.tag for release in cloud.standin.account.deployed[APP].releases[-3:]] == [good, bad, good]
    assert [line for line in checkout.asked_of_fly if line.startswith("deploy")][1:] == [], "the relay has not changed"

    health.write_text(text)
    checkout.commit()


def test_without_flyctl_s_word_the_relay_is_left_alone(cloud: Cloud, checkout: Checkout):
    before = checkout.asked_of_fly
    hub = checkout.root / "relay/hub.py"
    hub.write_text(f"{hub.read_text()}# another one\n")
    health = checkout.root / "endpoints/health.py"
    health.write_text(health.read_text().replace('"ok"', '"poorly"'))
    checkout.commit()
    told = checkout.deploys("staging", FLY_AWAY="yes")
    assert "It is left as it is" in told.stderr
    assert [line for line in checkout.asked_of_fly[len(before) :] if line.startswith("deploy")] == []
    checkout.git("reset", "--quiet", "--hard", "HEAD~1")


@pytest.mark.parametrize("stage", [[], ["moon"], ["staging", "production"]])
def test_a_stage_has_to_be_named(checkout: Checkout, stage: list[str]):
    told = checkout.deploys(*stage)
    assert told.returncode == 1
    assert "./run deploy staging" in told.stderr


def test_what_is_in_no_commit_is_not_deployed(cloud: Cloud, checkout: Checkout):
    before = cloud.standin.account.deployed[APP].version
    (checkout.root / "endpoints/stray.py").write_text("")
    told = checkout.deploys("staging")
    (checkout.root / "endpoints/stray.py").unlink()
    assert told.returncode == 1
    assert "has to be a commit" in told.stderr
    assert cloud.standin.account.deployed[APP].version == before


def test_what_modal_does_not_take_leaves_what_runs(cloud: Cloud, checkout: Checkout):
    before = cloud.standin.account.deployed[APP].version
    told = checkout.deploys("staging", MODAL_TOKEN_ID="ak-stranger")
    assert told.returncode == 1
    assert "Modal did not take it" in told.stderr
    assert cloud.standin.account.deployed[APP].version == before
    assert cloud.standin.account.broken == []
