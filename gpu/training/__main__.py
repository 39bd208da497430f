"""Train our own network: python -m gpu.training --footage MATCH.mp4 -o gpu/natural/natural.npz."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from hashlib import sha256
from os import cpu_count
from pathlib import Path

from gpu.planar import NATURAL
from gpu.training.photographs import photographs
from gpu.training.tiles import material, tiles
from gpu.training.train import FAITHFUL, LIVELY, SHARE, begun, mixed, train, write

TILES, SEED = 1_600, 1


def main(argv: Sequence[str]) -> None:
    """Cut the tiles, train twice, mix the weights, write them, and say their digest."""
    parser = ArgumentParser(prog="python -m gpu.training", description="Train our own network from its recipe.")
    parser.add_argument("--footage", type=Path, required=True, help="the match to learn from (clip 02, see RECIPE.md)")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the weights, an npz")
    arguments = parser.parse_args(argv)
    began_s = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began_s:6.0f} s  {text}", flush=True)

    found = material(arguments.footage, photographs())
    say("material read")
    cut = tiles(found, NATURAL.scales, TILES, SEED, cpu_count() or 1)
    say(f"{len(cut)} tiles cut")
    network = begun(NATURAL)
    faithful, lively = (train(network, cut, recipe, say) for recipe in (FAITHFUL, LIVELY))
    write(arguments.output, mixed(faithful, lively, SHARE))
    say(f"{arguments.output}: sha256 {sha256(arguments.output.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main(sys.argv[1:])
