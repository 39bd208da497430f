"""How soon the API answers 20 people who edit at once, through the whole service as `./run up` serves it.

Mixed reads and writes at a steady pace, from another process, the best of three minutes. Then once more over a bucket
that takes one write a second for each user's database, as R2 does: writes wait for their turn there, and share it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.footage import Benched
from bench.load import WRITES, Person, Took, load, percentile
from bench.machine import machine_factor
from bench.served import serve_paced, served
from bench.up import import_s, up

PEOPLE, A_SECOND, LASTS_S, RUNS = 20, 50.0, 60.0, 3


def measure(_: Benched) -> dict[str, object]:
    """Return the bench's line. Errors and memory are those of all runs, the times those of the best."""
    factor = machine_factor()
    with TemporaryDirectory() as folder:
        with up(Path(folder, "home")) as service:
            people = _settled_in(service.url)
            runs = [load(people, A_SECOND, LASTS_S, seed) for seed in range(RUNS)]
            rss_mb = service.rss_mb
        with served(serve_paced, Path(folder, "bucket")) as bucket, up(Path(folder, "paced"), bucket.endpoint) as there:
            paced = load(_settled_in(there.url), A_SECOND, LASTS_S, RUNS)
    best = min(runs, key=lambda took: percentile([one.seconds for one in took], 0.95))
    slowest = max(_by_route(best).items(), key=lambda route: percentile(route[1], 0.95))
    every = [one.seconds for one in best]
    return {
        "p50_ms": round(percentile(every, 0.5), 1),
        "p95_ms": round(percentile(every, 0.95), 1),
        "slowest_route": slowest[0],
        "slowest_route_p95_ms": round(percentile(slowest[1], 0.95), 1),
        "p95_write_paced_ms": round(percentile([one.seconds for one in paced if one.route in WRITES], 0.95), 1),
        "rss_mb": round(rss_mb, 1),
        "import_s": round(min(import_s("endpoints.app") for _ in range(RUNS)), 2),
        "errors": sum(one.is_error for took in (*runs, paced) for one in took),
        "machine_factor": round(factor, 2),
    }


def _settled_in(url: str) -> list[Person]:
    people = [Person(url, seed) for seed in range(PEOPLE)]
    with ThreadPoolExecutor(PEOPLE) as pool:  # at R2's pace each needs a dozen seconds
        list(pool.map(Person.settle_in, people))
    return people


def _by_route(took: Sequence[Took]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for one in took:
        found[one.route].append(one.seconds)
    return found
