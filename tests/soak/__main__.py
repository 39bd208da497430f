"""The long run of the machine that tries to break a user's database: python -m tests.soak [--steps N] [--seed N]."""

from __future__ import annotations

import logging
import secrets
import sys
from argparse import ArgumentParser
from collections.abc import Sequence

from tests.storage.machine import Machine, play

AT_ONCE = 500  # steps a seed: few enough that a failing one is found again, and made smaller, within minutes


def main(argv: Sequence[str]) -> int:
    """Take the steps; raise what broke, after the seed that leads there."""
    parser = ArgumentParser(prog="python -m tests.soak", description="Try for long to break a user's database.")
    parser.add_argument("--steps", type=int, default=10_000, help="how many (default: 10000)")
    parser.add_argument("--seed", type=int, help="the first seed (default: a new one)")
    arguments = parser.parse_args(argv)
    first = secrets.randbelow(2**32) if arguments.seed is None else arguments.seed
    logging.disable()  # a store as bad as this one is slow, and says so each time
    for taken in range(0, arguments.steps, AT_ONCE):
        seed, steps = first + taken // AT_ONCE, min(AT_ONCE, arguments.steps - taken)
        say(f"seed {seed}: {steps} steps")
        try:
            play(Machine, steps, seed)
        except BaseException:
            say(f"It broke. To see it again: ./run soak --seed {seed} --steps {steps}")
            raise
    say(f"{arguments.steps} steps, nothing lost, nothing doubled")
    return 0


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
