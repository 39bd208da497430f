"""Files: short enough to read, named for what they hold, and free of what belongs to one machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.source import CHECKOUT, ROOMS, modules

MOST_LINES = 400  # read in one sitting; the longest that earned its length when this was chosen has 351
EMPTY_NAMES = {"utils", "util", "common", "helpers", "helper", "core", "manager", "misc"}
NOT_OURS = {".git", ".venv", ".cache", "data", "out", "node_modules", "__pycache__"}

# Spelled in pieces, so that this file does not hold what it looks for.
HOMES = "|".join(("wo" + "rk", "ho" + "me", "ro" + "ot", "Us" + "ers", "fa" + "rm"))
MACHINE_PATH = re.compile(rf"(?<![\w.~}})\]*/-])/(?:{HOMES})/")
REGISTRY = re.compile("|".join((r"pypi\." + "org", "python" + r"hosted\.", "npmjs" + r"\.", r"deb\." + r"debian\.")))


def project_files(folder: Path = CHECKOUT) -> Iterator[Path]:
    """Yield every text file of the project."""
    for path in sorted(folder.iterdir()):
        if (
            path.is_dir()
            and path.name not in NOT_OURS
            and not path.name.endswith("_cache")
            and path.name != ".hypothesis"
        ):
            yield from project_files(path)
        elif path.is_file() and b"\0" not in path.read_bytes():
            yield path


def test_no_file_names_one_machine_or_one_registry() -> None:
    for bad in ("/wo" + "rk/x", "cd /ho" + "me/me", "'/ro" + "ot/.a'", "=/Us" + "ers/x"):
        assert MACHINE_PATH.search(bad), bad
    for fine in ("/api/clips", "frame" + "wo" + "rk/x", "https://a.b/ho" + "me/x", "$HOME/x", "net" + "/wo" + "rk/a"):
        assert not MACHINE_PATH.search(fine), fine
    assert REGISTRY.search("https://py" + "pi.org/simple")

    found = [
        f"{path.relative_to(CHECKOUT)}: {line.strip()[:80]}"
        for path in project_files()
        for line in path.read_text("utf-8").splitlines()
        if MACHINE_PATH.search(line) or REGISTRY.search(line)
    ]
    assert found == []


def test_names_say_what_is_inside() -> None:
    places = [path for room in (*ROOMS, "tests") for path in (CHECKOUT / room).rglob("*") if path.suffix in {"", ".py"}]
    assert "utils" in EMPTY_NAMES
    assert [path for path in places if path.stem in EMPTY_NAMES] == []


def test_no_file_is_too_long_to_read() -> None:
    long = {module.name: module.text.count("\n") for module in modules(*ROOMS)}
    assert {name: lines for name, lines in long.items() if lines > MOST_LINES} == {}
