"""The API's description as a file, from which the editor's client is made: python -m local.described [--check].

web/src/api/openapi.json    every operation, its forms and answers
web/src/api/codes.json      every error code with its status
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, cast

from endpoints.app import routes
from endpoints.errors import STATUS
from endpoints.policy import UNLIMITED
from endpoints.services import Services
from local.services import CHECKOUT

FOLDER: Final = CHECKOUT / "web/src/api"
_HOW: Final = "python -m local.described, then in web/: npm run api"


def described() -> dict[str, Any]:
    """Return the OpenAPI document. It says nothing of an installation, so that it changes with the API alone.

    The answers that are errors are left out of the operations: all have the one form ErrorOut, nine of them each, and
    would be four fifths of the document.
    """
    services = SimpleNamespace(version="1", policy=SimpleNamespace(rates=UNLIMITED), objects=None, clock=None)
    document = routes(cast("Services", services)).openapi()
    for operation in (one for path in document["paths"].values() for one in path.values()):
        operation["responses"] = {status: said for status, said in operation["responses"].items() if status < "400"}
    return document


def files() -> dict[str, str]:
    """Return what each file has to hold, by its name."""
    contents: dict[str, Any] = {"openapi.json": described(), "codes.json": dict(sorted(STATUS.items()))}
    return {name: json.dumps(content, indent=1, ensure_ascii=False) + "\n" for name, content in contents.items()}


def drifted(folder: Path) -> list[str]:
    """Return the names of the files that do not hold what they have to."""
    return [name for name, text in files().items() if not _holds(folder / name, text)]


def main(arguments: list[str]) -> int:
    """Write the files, or with --check say which of them are out of date."""
    if "--check" not in arguments:
        for name, text in files().items():
            (FOLDER / name).write_text(text, encoding="utf-8")
        return 0
    stale = drifted(FOLDER)
    if stale:
        sys.stderr.write(f"Out of date in web/src/api: {', '.join(stale)}. Make them anew: {_HOW}\n")
    return 1 if stale else 0


def _holds(path: Path, text: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") == text
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
