"""Train our own network: python -m gpu.training --footage MATCH.mp4 -o gpu/natural/natural.npz."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from hashlib import sha256
from os import cpu_count
from pathlib import Path

from gpu import planar_files
from gpu.device import best_device
from gpu.networks import PlanarNetwork, planar_network
from gpu.planar import NATURAL
from gpu.training.lessons import lessons
from gpu.training.photographs import photographs
from gpu.training.settle import settle
from gpu.training.tiles import Material, material, soft_tiles, tiles
from gpu.training.train import FAITHFUL, LIVELY, SHARE, begun, mixed, train, write

TILES, SEED = 1_721, 1
SOFT_TILES, ORDINARY_TILES = 100, 100  # that the heads are settled on; the ordinary ones are others than the above


def main(argv: Sequence[str]) -> None:
    """Cut the tiles, train twice, mix the weights, settle the heads, write them, and say their digest."""
    parser = ArgumentParser(prog="python -m gpu.training", description="Train our own network from its recipe.")
    parser.add_argument("--footage", type=Path, required=True, help="the match to learn from (clip 02, see RECIPE.md)")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the weights, an npz")
    parser.add_argument("--trained", type=Path, help="weights (.npz) trained already, whose heads alone are settled")
    arguments = parser.parse_args(argv)
    began_s = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began_s:6.0f} s  {text}", flush=True)

    found = material(arguments.footage, photographs())
    say("material read")
    network = _trained(found, say) if arguments.trained is None else _read(arguments.trained)
    others = tiles(found, NATURAL.scales, ORDINARY_TILES, SEED, cpu_count() or 1)
    ordinary = lessons(others, ORDINARY_TILES, NATURAL.scales)
    soft = lessons(soft_tiles(NATURAL.scales, SOFT_TILES, SEED), SOFT_TILES, NATURAL.scales)
    say(f"{SOFT_TILES} soft and {ORDINARY_TILES} ordinary tiles cut")
    settle(network, soft, ordinary, NATURAL.reach)
    write(arguments.output, network.state_dict())
    say(f"{arguments.output}: sha256 {sha256(arguments.output.read_bytes()).hexdigest()}")


def _trained(found: Material, say: Callable[[str], None]) -> PlanarNetwork:
    """Train a network twice, and return it with both weights mixed."""
    cut = tiles(found, NATURAL.scales, TILES, SEED, cpu_count() or 1)
    held = lessons(cut, TILES, NATURAL.scales)
    say(f"{TILES} tiles cut")
    network = begun(NATURAL).to(best_device())
    faithful, lively = (train(network, held, recipe, say) for recipe in (FAITHFUL, LIVELY))
    network.load_state_dict(mixed(faithful, lively, SHARE))
    return network


def _read(path: Path) -> PlanarNetwork:
    return planar_network(NATURAL, planar_files.read(path.read_bytes(), NATURAL)).to(best_device())


if __name__ == "__main__":
    main(sys.argv[1:])
