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
from gpu.training.train import Recipe, train, write

TILES = 1_200


def main(argv: Sequence[str]) -> None:
    """Cut the tiles, train, write the weights, and say their digest."""
    parser = ArgumentParser(prog="python -m gpu.training", description="Train our own network from its recipe.")
    parser.add_argument("--footage", type=Path, required=True, help="the match to learn from (clip 02, see RECIPE.md)")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the weights, an npz")
    parser.add_argument("--tiles", type=int, default=TILES)
    parser.add_argument("--steps", type=int, default=Recipe().steps)
    parser.add_argument("--seed", type=int, default=Recipe().seed)
    parser.add_argument("--spectral", type=float, default=Recipe().spectral, help="the spectrum's weight in the loss")
    arguments = parser.parse_args(argv)
    began_s = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began_s:6.0f} s  {text}", flush=True)

    found = material(arguments.footage, photographs())
    say("material read")
    cut = tiles(found, NATURAL.scales, arguments.tiles, arguments.seed, cpu_count() or 1)
    say(f"{len(cut)} tiles cut")
    recipe = Recipe(steps=arguments.steps, seed=arguments.seed, spectral=arguments.spectral)
    for _, network in train(NATURAL, cut, recipe, say):
        write(arguments.output, network)
    say(f"{arguments.output}: sha256 {sha256(arguments.output.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main(sys.argv[1:])
