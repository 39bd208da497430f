"""The checkout as the house tests read it: its rooms, their modules, and the names that a module uses."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
ROOMS = tuple(sorted(init.parent.name for init in CHECKOUT.glob("[a-z]*/__init__.py")))


@dataclass(frozen=True)
class Module:
    """One file of our own Python, named by its path in the checkout ("media/open.py")."""

    name: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text, self.name)


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """Return every module under `folders`, in the order of their names."""
    paths = sorted(path for folder in folders for path in (CHECKOUT / folder).rglob("*.py"))
    return tuple(Module(path.relative_to(CHECKOUT).as_posix(), path.read_text("utf-8")) for path in paths)


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the line and the dotted module of every import, `from a import b` as a."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or "."


def used_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the line and the full dotted name of whatever comes out of an import, aliases undone.

    `from os import environ as e; e.get("X")` uses os.environ and os.environ.get.
    """
    origins: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
                bound = alias.asname or alias.name.partition(".")[0]
                origins[bound] = alias.name if alias.asname else bound
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"
                origins[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (name := _dotted(node)):
            root, _, rest = name.partition(".")
            if root in origins:
                yield node.lineno, f"{origins[root]}.{rest}"


def _dotted(node: ast.expr) -> str | None:
    """Return `a.b.c` of a chain of plain attributes, None of anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (owner := _dotted(node.value)):
        return f"{owner}.{node.attr}"
    return None
