"""Packages: each pinned exactly, each import pinned, each package of the migration plan accounted for."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.house.source import CHECKOUT, ROOMS, Module, imports, modules

PLAN = [
    *("modal", "fastapi", "boto3", "pydantic", "pytest"),
    *("torch", "realesrgan", "ffmpeg-python", "opencv-python", "ultralytics"),
]
# One machine needs none of them: torch is loaded on CUDA, by tests and by benches; benches compare the store with moto
# and look at the editor through playwright.
ELSEWHERE = {"torch", "moto", "playwright"}


def requirements(lines: str) -> Iterator[tuple[str, str]]:
    """Yield (kind, name) of each line: "-r" and a file, "==" and a package, or "loose" and the line."""
    for line in filter(None, (line.partition("#")[0].strip() for line in lines.splitlines())):
        if line.startswith("-r "):
            yield "-r", line.removeprefix("-r ")
        elif pinned := re.fullmatch(r"([\w.-]+)(?:\[[\w,-]+\])?==\d[\w.]*", line):
            yield "==", _normal(pinned[1])
        else:
            yield "loose", line


@cache
def pins(start: str) -> frozenset[str]:
    """Return the packages that a requirements file pins, by itself or through its -r lines."""
    path = CHECKOUT / start
    found: set[str] = set()
    for kind, name in requirements(path.read_text("utf-8")):
        if kind == "==":
            found.add(name)
        elif kind == "-r":
            found |= pins(str((path.parent / name).relative_to(CHECKOUT)))
    return frozenset(found)


def unpinned(module: Module, pinned: frozenset[str]) -> Iterator[str]:
    """Yield the third-party imports of a module that no pinned package provides."""
    ours = {*ROOMS, "tests"}
    for line, name in imports(module.tree):
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names or top in ours:
            continue
        if pinned.isdisjoint(map(_normal, _providers().get(top, [top]))):  # not installed: by its own name
            yield f"{module.name}:{line} imports {top}"


@cache
def _providers() -> Mapping[str, list[str]]:
    return packages_distributions()


def _normal(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()


@pytest.mark.parametrize("path", sorted((CHECKOUT / "requirements").glob("*.txt")), ids=lambda path: path.name)
def test_every_package_is_pinned_exactly(path: Path) -> None:
    assert [kind for kind, _ in requirements("a==1\nb>=2\nc\nd==1.*\n-r x.txt # e")] == ["==", *["loose"] * 3, "-r"]
    assert [name for kind, name in requirements(path.read_text("utf-8")) if kind == "loose"] == []


def test_every_import_is_pinned() -> None:
    assert list(unpinned(Module("reel/sample.py", "import numpy, os, reel.keys"), frozenset({"av"}))) == [
        "reel/sample.py:1 imports numpy"
    ]

    one_machine = pins("requirements/local.txt") | ELSEWHERE
    at_home = modules(*(room for room in ROOMS if room != "cloud"))
    assert [fault for module in at_home for fault in unpinned(module, one_machine)] == []
    cloud = one_machine | pins("requirements/cloud.txt")
    oracle = cloud | pins("requirements/oracle.txt")  # an image of its own, with nothing of ours beside it
    for module in modules("cloud"):
        assert list(unpinned(module, oracle if module.name == "cloud/oracle.py" else cloud)) == []
    assert [fault for module in modules("tests") for fault in unpinned(module, pins("requirements/test.txt"))] == []


LOAD_WITHOUT_TORCH = """
import importlib, sys
sys.modules["torch"] = None  # importing it fails
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def loads_without_torch(*names: str) -> bool:
    """Return whether modules can be imported where torch is not installed."""
    command = [sys.executable, "-c", LOAD_WITHOUT_TORCH, *names]
    return subprocess.run(command, cwd=CHECKOUT, check=False).returncode == 0


def test_one_machine_needs_no_torch() -> None:
    assert "torch" not in pins("requirements/local.txt")
    assert "torch" in pins("requirements/test.txt")

    found = modules("reel", "media", "gpu", "jobs", "local")
    names = [module.name.removesuffix(".py").replace("/", ".") for module in found]
    of_torch = {name for name in names if name == "gpu.networks" or name.startswith("gpu.training.")}
    assert not loads_without_torch("gpu.networks")
    assert loads_without_torch(*(name for name in names if name not in of_torch))


def test_requirements_name_the_ten_packages_of_the_plan() -> None:
    text = (CHECKOUT / "requirements.txt").read_text("utf-8")
    assert ("-r", "requirements/local.txt") in requirements(text)
    assert [package for package in PLAN if not re.search(rf"^# {re.escape(package)}\s", text, re.MULTILINE)] == []
