"""The error family: the tree drawn at the top of its file is the tree of its classes, and each code is said once."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from reel import errors, refusals
from tests.house.source import ROOMS, imports, modules

_NAME = r"[A-Z]\w+(?: \([^)]*\))?"  # a class, and in brackets what its details carry
_LINE = re.compile(rf"(?P<branch>(?:│   |    )*(?:├── |└── )?)(?P<names>{_NAME}(?:  {_NAME})*)(?: {{3,}}.*)?")


def drawn_tree(docstring: str) -> dict[str, str | None]:
    """Return each drawn class with its parent. Siblings share a line, two spaces apart; a remark stands after three."""
    parents: dict[str, str | None] = {}
    above: list[str] = []  # the last class drawn at each depth
    for line in docstring.splitlines():
        if "──" not in line and above:
            break  # the drawing has ended
        if not (drawn := _LINE.fullmatch(line)) or (not above and "   " not in line):
            continue
        depth = len(drawn["branch"]) // 4
        names = [name.partition(" ")[0] for name in re.findall(_NAME, drawn["names"])]
        parents.update(dict.fromkeys(names, above[depth - 1] if depth else None))
        above[depth:] = [names[-1]]
    return parents


def family(root: type[errors.ReelError]) -> Iterator[type[errors.ReelError]]:
    """Yield `root` and every class below it."""
    yield root
    for child in root.__subclasses__():
        yield from family(child)


def test_the_drawn_tree_is_the_class_tree() -> None:
    sample = "Errors.\n\nBase    what\n├── One (a)  Two    both\n│   └── Three\n└── Four\n\nNotOne of them"
    assert drawn_tree(sample) == {"Base": None, "One": "Base", "Two": "Base", "Three": "Two", "Four": "Base"}

    built = {error.__name__: error.__mro__[1].__name__ for error in family(errors.ReelError)}
    drawn = drawn_tree(errors.__doc__ or "") | drawn_tree(refusals.__doc__ or "")
    assert drawn | {"Refused": "ReelError"} == built | {"ReelError": None}


def test_codes_are_unique_and_snake_case() -> None:
    codes = Counter(vars(error).get("code") for error in family(errors.ReelError))
    assert [
        code for code, count in codes.items() if count > 1 or not re.fullmatch(r"[a-z]+(_[a-z]+)*", str(code))
    ] == []


def test_errors_are_defined_in_the_family_s_files_only() -> None:
    names = {error.__name__ for error in family(errors.ReelError)}
    strays = [
        f"{module.name}:{node.lineno} {node.name}"
        for module in modules(*ROOMS)
        if module.name not in {"reel/errors.py", "reel/refusals.py"}
        and any(name == "reel.errors" for _, name in imports(module.tree))
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id in names for base in node.bases)
    ]
    assert strays == []
