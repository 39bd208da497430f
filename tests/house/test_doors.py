"""Some things are done in one place only: programs, footage, the environment, heavy packages, blanket catches."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

import pytest

from tests.house.source import ROOMS, Module, imports, modules, used_names


@dataclass(frozen=True)
class Door:
    """A set of names (patterns of dotted names) that only some files or folders may use."""

    names: tuple[str, ...]
    keepers: tuple[str, ...]  # patterns of file names; some of them come with later rooms
    breach: str

    def breaches(self, module: Module) -> list[str]:
        """Return `file:line name` of each use that is not a keeper's."""
        if any(fnmatchcase(module.name, keeper) for keeper in self.keepers):
            return []
        return [
            f"{module.name}:{line} {name}"
            for line, name in used_names(module.tree)
            if any(fnmatchcase(name, pattern) for pattern in self.names)
        ]


DOORS = {
    "other programs are started by their wrappers": Door(
        (
            "subprocess",
            "subprocess.*",
            "os.system",
            "os.popen",
            "os.exec*",
            "os.spawn*",
            "os.posix_spawn*",
            "pty.*",
            "asyncio.create_subprocess*",
        ),
        ("media/ffmpeg.py", "gpu/wheel.py", "local/programs.py", "bench/up.py"),
        "from os import system as go",
    ),
    "footage is opened behind its limits": Door(
        ("av.open", "av.container.open", "cv2.VideoCapture", "cv2.VideoWriter"),
        ("media/open.py",),
        "import av as a\na.open('x')",
    ),
    "there is one ffmpeg": Door(
        ("imageio_ffmpeg", "imageio_ffmpeg.*", "imageio", "imageio.*"),
        ("media/ffmpeg.py",),
        "from imageio_ffmpeg import get_ffmpeg_exe",
    ),
    "the environment is read by wiring": Door(
        ("os.environ*", "os.getenv*", "os.putenv", "os.path.expand*", "pathlib.Path.home"),
        ("local/wiring.py", "cloud/wiring.py", "relay/server.py", "bench/__main__.py"),
        "import os.path\nos.environ['X']",
    ),
    "torch is the CUDA path, the training and the benches' reference": Door(
        ("torch", "torch.*"),
        ("gpu/networks.py", "gpu/upscaler.py", "gpu/planar_upscaler.py", "gpu/device.py", "gpu/training/*", "bench/*"),
        "import torch.nn as n",
    ),
    "the cloud stays in its room": Door(
        ("modal", "modal.*", "boto3", "boto3.*", "botocore", "botocore.*"),
        (
            "cloud/*",
            "local/objectstore.py",
            "storage/objects.py",
            "storage/clients.py",
            "storage/direct.py",
            "storage/rules.py",
        ),
        "def f():\n    import modal",
    ),
    "the web framework stays at the edge": Door(
        ("fastapi", "fastapi.*", "starlette", "starlette.*"), ("endpoints/*", "cloud/*", "local/*"), "import fastapi"
    ),
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_a_door_is_used_by_its_keepers_only(door: Door) -> None:
    assert door.breaches(Module("jobs/sample.py", door.breach))
    assert not door.breaches(Module(door.keepers[0].replace("*", "sample.py"), door.breach))
    assert [breach for module in modules(*ROOMS) for breach in door.breaches(module)] == []


PURE = {
    *("__future__", "bisect", "collections", "collections.abc", "contextlib", "csv", "dataclasses", "decimal", "enum"),
    *("fractions", "functools", "hashlib", "io", "itertools", "json", "math", "operator", "re", "statistics", "string"),
    *("types", "typing", "unicodedata", "uuid"),
}
IMPURE_BUILTINS = {"open", "input", "print", "exec", "eval", "__import__"}


def impurities(module: Module) -> Iterator[str]:
    """Yield what lets the world into a pure module: other imports, files, the terminal, made-up identifiers."""
    for line, name in imports(module.tree):
        if name not in PURE and name.partition(".")[0] != "reel":
            yield f"{module.name}:{line} imports {name}"
    for line, name in used_names(module.tree):
        if fnmatchcase(name, "uuid.uuid[0-9]*") or name == "io.open":
            yield f"{module.name}:{line} uses {name}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name) and node.id in IMPURE_BUILTINS:
            yield f"{module.name}:{node.lineno} uses {node.id}"


def test_the_domain_is_pure() -> None:
    for sample in (
        "import time",
        "from os import path",
        "from media import probe",
        "open('x')",
        "import uuid; uuid.uuid4()",
    ):
        assert list(impurities(Module("reel/sample.py", sample))), sample
    assert [fault for module in modules("reel") for fault in impurities(module)] == []


BLANKET_CATCHES = {
    "jobs/run.py": 1,  # where any failure becomes a coded answer
    "endpoints/errors.py": 1,  # the same
    "storage/batch.py": 1,  # carries a command's failure to the thread that asked for it, which raises it
    "media/ahead.py": 1,  # carries a failure to the thread that waits for it, which raises it
}


def blanket_catches(tree: ast.Module) -> list[int]:
    """Return the lines that catch everything. A handler that ends by raising again has caught nothing."""
    lines: list[int] = []
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.ExceptHandler)
            and not _raises_again(node)
            and (not node.type or _is_blanket(node.type))
        ):
            lines.append(node.lineno)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            if name == "suppress" and any(_is_blanket(argument) for argument in node.args):
                lines.append(node.lineno)
    return lines


def _is_blanket(caught: ast.expr) -> bool:
    return any(isinstance(node, ast.Name) and node.id in {"Exception", "BaseException"} for node in ast.walk(caught))


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_everything_is_caught_in_one_place() -> None:
    for sample in ("except:\n pass", "except (ValueError, Exception):\n pass", "except BaseException as e:\n raise e"):
        assert blanket_catches(ast.parse(f"try:\n f()\n{sample}")) == [3], sample
    assert blanket_catches(ast.parse("from contextlib import suppress\nwith suppress(Exception):\n f()")) == [2]
    assert blanket_catches(ast.parse("try:\n f()\nexcept BaseException:\n tidy()\n raise")) == []

    found = {module.name: blanket_catches(module.tree) for module in modules(*ROOMS)}
    assert {name: lines for name, lines in found.items() if len(lines) > BLANKET_CATCHES.get(name, 0)} == {}
