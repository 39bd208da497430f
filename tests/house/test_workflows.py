"""GitHub's workflows do what ./run does, with nothing in them that may change under us, and no right too many."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.house.source import CHECKOUT

WORKFLOWS = sorted((CHECKOUT / ".github/workflows").glob("*.yml"))
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v?\d[\w.]*")


def uses(text: str) -> Iterator[str]:
    """Yield what each `uses:` of a workflow says, with its comment."""
    for found in re.finditer(r"^\s*(?:- )?uses: (.+)$", text, re.MULTILINE):
        yield found[1]


def loose(text: str) -> list[str]:
    """Return the actions that are not pinned by a whole commit, with the version that it is in a comment."""
    return [said for said in uses(text) if not said.startswith("./.github/") and not PINNED.fullmatch(said)]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_its_commit(path: object):
    sample = "      - uses: a/b@v1\n        uses: c/d@0123\n        uses: e/f@" + "0" * 40
    assert loose(sample) == ["a/b@v1", "c/d@0123", f"e/f@{'0' * 40}"]
    assert loose(f"{sample} # v1.2") == ["a/b@v1", "c/d@0123"]

    texts = [each.read_text("utf-8") for each in WORKFLOWS if each == path]
    assert [said for text in texts for said in loose(text)] == []
    assert all(list(uses(text)) for text in texts)


def test_one_action_has_one_version():
    said = {action for path in WORKFLOWS for action in uses(path.read_text("utf-8")) if "@" in action}
    assert len({action.partition("@")[0] for action in said}) == len(said)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_job_may_read_the_code_and_keeps_no_credentials(path: object):
    [text] = [each.read_text("utf-8") for each in WORKFLOWS if each == path]
    assert re.search(r"^permissions: \{\}$", text, re.MULTILINE), "nothing, where a job does not ask for it"
    granted = set(re.findall(r"^      ([a-z-]+): (read|write)\b", text, re.MULTILINE))
    assert granted == {("contents", "read")}
    assert text.count("persist-credentials: false") == text.count("uses: actions/checkout@")
    assert re.search(r"^concurrency:$", text, re.MULTILINE)


def test_they_run_what_anybody_can_run():
    commands = {
        found for path in WORKFLOWS for found in re.findall(r"^\s*- run: (.+)$", path.read_text("utf-8"), re.MULTILINE)
    }
    assert commands == {"./run check", "./run test", "./run deploy staging", "./run deploy production"}


def test_every_secret_of_theirs_is_explained():
    text = (CHECKOUT / ".github/workflows/deploy.yml").read_text("utf-8")
    secrets = set(re.findall(r"secrets\.([A-Z_]+)", text))
    assert len(secrets) == 5
    explained = (CHECKOUT / "docs/deploy.md").read_text("utf-8").partition("### 5. By itself: GitHub")[2]
    assert secrets <= set(re.findall(r"`([A-Z_]+)`", explained.partition("###")[0]))


def test_the_check_lints_them():
    text = (CHECKOUT / "run").read_text("utf-8")
    assert "zizmor --offline" in text
    assert "build/workflows.mjs ../.github/workflows/*.yml" in text
