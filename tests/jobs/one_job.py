"""One job in a process of its own, to be killed: python -m tests.jobs.one_job FOLDER [MOST_BYTES_OF_A_FILE]."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from pydantic import TypeAdapter

from jobs.run import Result
from jobs.spec import Spec
from local.folder import FolderStore
from tests.jobs.homes import Home


def home_in(folder: Path) -> Home:
    """Return the home of a folder: its objects stay, its ledger begins anew with each process."""
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    return Home(scratch, FolderStore(folder / "objects"))


def main(folder: Path, most_bytes: str = "") -> Result:
    spec: Spec = TypeAdapter(Spec).validate_json((folder / "spec.json").read_bytes())
    home = home_in(folder)
    if most_bytes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(most_bytes), int(most_bytes)))
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    return home.run(spec)


if __name__ == "__main__":
    ended = main(Path(sys.argv[1]), *sys.argv[2:])
    sys.stdout.write(f"{ended.outcome} {(ended.error or {}).get('code')}\n")
