"""What the docs list is what there is: rooms, settings, subcommands, decisions, links."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.source import CHECKOUT

PLAN = {"app.py", "requirements.txt", "endpoints/", "gpu/", "storage/", "web/", "tests/"}
LEFT_BEHIND = re.compile(r"data/|out/|[._].*|.*\.(mp4|mov|png|tsv|json)")  # by runs and tools
DOCS = sorted(path for path in [*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md")])


def read(name: str) -> str:
    return (CHECKOUT / name).read_text("utf-8")


def top_level() -> set[str]:
    """Return the names in the checkout's root, folders with a slash, without what runs and tools leave there."""
    names = {path.name + "/" * path.is_dir() for path in CHECKOUT.iterdir()}
    return {name for name in names if name in {".ci/", ".github/"} or not LEFT_BEHIND.fullmatch(name)}


def table(text: str, heading: str) -> list[list[str]]:
    """Return the cells of the rows under the first table whose heading row contains `heading`."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in _block_with(text, heading)]
    return rows[2:]


def _block_with(text: str, heading: str) -> list[str]:
    for block in text.split("\n\n"):
        lines = block.strip().splitlines()
        if lines and lines[0].startswith("|") and heading in lines[0]:
            return lines
    return []


def quoted(cell: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", cell))


def test_the_readme_lists_every_place_and_no_other() -> None:
    assert table("a\n\n| | | why |\n|---|---|---|\n| `b/` | x | y |\n\nz", "why") == [["`b/`", "x", "y"]]

    listed = set().union(*(quoted(row[0]) for row in table(read("README.md"), "why it stands")))
    assert listed == top_level()


@pytest.mark.parametrize("record", ["docs/decisions/0001-the-layout.md", "docs/architecture.md"])
def test_every_place_beside_the_plan_is_explained(record: str) -> None:
    assert top_level() - PLAN - quoted(read(record)) == set()


def settings_read(text: str) -> set[str]:
    """Return the string constants that a module looks up in an environ: by [], `in`, get or getenv."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Subscript(value=holder, slice=ast.Constant(value=str(name))):
                pass
            case ast.Compare(left=ast.Constant(value=str(name)), comparators=[holder]):
                pass
            case ast.Call(func=ast.Attribute(value=holder), args=[ast.Constant(value=str(name)), *_]):
                pass
            case _:
                continue
        if ast.unparse(holder) in {"environ", "os.environ"} or ast.unparse(node).startswith("os.getenv("):
            found.add(name)
    return found


def settings_of_the_shell(text: str) -> set[str]:
    """Return the variables that a shell script takes from its caller: those it reads with a default."""
    return set(re.findall(r"\$\{([A-Z_]+):?[-+]", text))


def test_the_settings_are_the_documented_ones() -> None:
    sample = "os.environ['A']; environ.get('B', 1); os.getenv('C'); 'D' in environ; other['E']; environ.get(name)"
    assert settings_read(sample) == {"A", "B", "C", "D"}
    assert settings_of_the_shell('x=${ONE:-} y=${TWO:+"$TWO"} z=$PWD') == {"ONE", "TWO"}

    in_code: dict[str, set[str]] = defaultdict(set)
    for name in ("local/wiring.py", "cloud/wiring.py", "relay/server.py", "bench/__main__.py"):
        if (CHECKOUT / name).exists():
            in_code[name] = settings_read(read(name))
    in_code["run"] = settings_of_the_shell(read("run"))

    in_docs: dict[str, set[str]] = defaultdict(set)
    for setting, readers, *_ in table(read("docs/deploy.md"), "setting"):
        for reader in quoted(readers):
            in_docs[reader] |= quoted(setting)
    assert in_docs == {reader: settings for reader, settings in in_code.items() if settings}


def test_the_docs_name_subcommands_that_exist() -> None:
    offered = set(re.findall(r"^    ([a-z]+)(?: \| [-a-z| ]+)?\)", read("run"), re.MULTILINE))
    assert {"demo", "test", "check", "bench", "help"} <= offered
    for doc in DOCS:
        assert set(re.findall(r"\./run ([a-z]+)", doc.read_text("utf-8"))) <= offered, doc.name


def broken_links(text: str, folder: str) -> Iterator[str]:
    """Yield the relative link targets of a Markdown text in `folder` that lead nowhere."""
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        if not (CHECKOUT / folder / target).exists():
            yield target


@pytest.mark.parametrize("doc", DOCS, ids=lambda path: path.relative_to(CHECKOUT).as_posix())
def test_links_lead_somewhere(doc: Path) -> None:
    assert list(broken_links("[a](run) [b](nowhere.md) [c](https://d.e/f)", ".")) == ["nowhere.md"]
    assert list(broken_links(doc.read_text("utf-8"), str(doc.parent.relative_to(CHECKOUT)))) == []


def test_decisions_are_numbered_without_gaps() -> None:
    records = sorted((CHECKOUT / "docs/decisions").glob("*.md"))
    assert [record.name[:5] for record in records] == [f"{number:04}-" for number in range(1, len(records) + 1)]
    assert [
        record.name for record in records if not record.read_text("utf-8").startswith(f"# {record.name[:4]}: ")
    ] == []
