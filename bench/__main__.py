"""The benches' command line: python -m bench NAME [--record]. Prints one JSON line, last on stdout."""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from bench import api, coldstart, cost, editor, extract, framing, ingest, overlay, quality, relay, store, sync, upload
from bench.footage import Benched, Missing

FINDINGS = Path(__file__).parent / "FINDINGS.md"
SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
SHEET = Path(__file__).resolve().parent.parent / "out" / "quality.png"
EXIT_MISSING = 2

BENCHES: Mapping[str, Callable[[Benched, Namespace], dict[str, object]]] = MappingProxyType(
    {
        "api": lambda benched, _: api.measure(benched),
        "coldstart": lambda benched, _: coldstart.measure(benched),
        "cost": lambda benched, _: cost.measure(benched),
        "editor": lambda benched, _: editor.measure(benched),
        "extract": lambda benched, _: extract.measure(benched),
        "framing": lambda benched, _: framing.measure(benched),
        "ingest": lambda benched, _: ingest.measure(benched),
        "overlay": lambda benched, _: overlay.measure(benched),
        "relay": lambda benched, _: relay.measure(benched),
        "store": lambda benched, _: store.measure(benched),
        "sync": lambda benched, _: sync.measure(benched),
        "upload": lambda benched, _: upload.measure(benched),
        "quality": lambda benched, asked: quality.measure(benched, sheet=asked.sheet, weights=asked.natural),
    }
)


def main(argv: Sequence[str]) -> int:
    """Run one bench; return 2 where what it measures with is missing."""
    parser = ArgumentParser(prog="python -m bench", description="Measure one claim.")
    parser.add_argument("name", choices=sorted(BENCHES))
    parser.add_argument("--record", action="store_true", help="add a row to bench/FINDINGS.md")
    looked_at = parser.add_argument_group("quality")
    looked_at.add_argument("--sheet", type=Path, default=SHEET, help="where the contact sheet goes, as .png")
    looked_at.add_argument("--natural", type=Path, help="weights (.npz) to take for our own network's")
    arguments = parser.parse_args(argv)
    benched = Benched(
        media_dir=Path(os.environ.get("REEL_MEDIA_DIR") or SHARED / "media"),
        weights_dir=Path(os.environ.get("REEL_WEIGHTS_DIR") or SHARED / "weights"),
    )
    try:
        line = json.dumps(BENCHES[arguments.name](benched, arguments))
    except Missing as missing:
        print(missing, file=sys.stderr)
        return EXIT_MISSING
    if arguments.record:
        with FINDINGS.open("a") as findings:
            findings.write(f"| {datetime.now(UTC):%Y-%m-%d} | {arguments.name} | `{line}` |\n")
    print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
