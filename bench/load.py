"""A load of mixed reads and writes by several people at once, at a steady pace, and how long each request took.

The pace is kept whatever the answers do: a request that should have begun while others were waited for began late, and
that wait counts (no coordinated omission).
"""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPException
from math import ceil
from typing import Any, Final, TypeAlias
from uuid import UUID

from bench.visitor import Visitor

CLIPS: Final = 8
AT_ONCE: Final = 48

Action: TypeAlias = "Callable[[Person, random.Random], int]"
"""Does one thing and returns the answer's status."""


@dataclass(frozen=True, slots=True)
class Took:
    """One request: its route, since when it was due, and whether it was answered as it should be."""

    route: str
    due_s: float
    seconds: float
    status: int

    @property
    def is_error(self) -> bool:
        """Whether it failed. A stale revision is an answer: two requests of one person met."""
        return self.status >= 400 and self.status != 409


class Person:
    """Somebody with a game, eight clips and a project."""

    def __init__(self, url: str, seed: int) -> None:
        self.visitor = Visitor(url)
        self.rng = random.Random(seed)
        self.game, self.source, self.project = (self.fresh() for _ in range(3))
        self.clips = [self.fresh() for _ in range(CLIPS)]
        self.revisions: dict[str, int] = {}  # as an editor knows them: from the last answer
        self.document: dict[str, Any] = {}

    def settle_in(self) -> None:
        """Make what there is at the beginning."""
        post = self.visitor.post
        post("/api/games", {"id": self.game, "opponent": "FC Tigers", "match_date": "2026-05-17"})
        fingerprint = f"{self.rng.getrandbits(256):064x}"
        film = {"id": self.source, "part": 1, "name": "half.mp4", "size_bytes": 10**9, "fingerprint": fingerprint}
        post(f"/api/games/{self.game}/uploads", film)
        for place, clip in enumerate(self.clips):
            post(f"/api/games/{self.game}/clips", self.clip(clip, place * 30))
        post("/api/projects", {"id": self.project, "clip_ids": self.clips})
        self.document = self.visitor.get(f"/api/projects/{self.project}/edit")
        self.revisions = dict.fromkeys(self.clips, 1)

    def fresh(self) -> str:
        """Return a new id."""
        bits = self.rng.getrandbits(128) & ~(0xF << 76) | 0x7 << 76
        return str(UUID(int=bits & ~(0x3 << 62) | 0x2 << 62))

    def clip(self, clip: str, at_s: int) -> dict[str, Any]:
        """Return a clip of seven seconds as the API takes it."""
        return {
            "id": clip,
            "source_id": self.source,
            "time_base": [1, 90_000],
            "in_pts": at_s * 90_000,
            "out_pts": (at_s + 7) * 90_000,
            "rating": 4,
            "tags": ["Pass"],
        }


def _reads(path: str) -> Action:
    def read(person: Person, _: random.Random) -> int:
        return person.visitor.ask("GET", path.format(game=person.game, project=person.project))[0]

    return read


def _mark(person: Person, rng: random.Random) -> int:
    body = person.clip(person.fresh(), rng.randrange(5000))
    return person.visitor.ask("POST", f"/api/games/{person.game}/clips", body)[0]


def _rate(person: Person, rng: random.Random) -> int:
    clip = rng.choice(person.clips)
    change = {"revision": person.revisions[clip], "rating": rng.choice((2, 3, 4)), "notes": f"note {rng.random()}"}
    status, said = person.visitor.ask("PATCH", f"/api/clips/{clip}", change)
    now = said if status == 200 else said["details"].get("current")
    person.revisions[clip] = now["revision"] if now else person.revisions[clip]
    return status


def _edit(person: Person, rng: random.Random) -> int:
    document = copy.deepcopy(person.document)
    rng.choice(document["clips"])["rotation_deg"] = round(rng.uniform(-20, 20), 2)
    status, said = person.visitor.ask("PUT", f"/api/projects/{person.project}/edit", document)
    now = said if status == 200 else said["details"].get("current")
    person.document = now or person.document
    return status


MIX: Final[Sequence[tuple[str, int, Action]]] = (
    ("GET /api/games", 12, _reads("/api/games")),
    ("GET /api/games/{id}", 6, _reads("/api/games/{game}")),
    ("GET /api/games/{id}/clips", 14, _reads("/api/games/{game}/clips")),
    ("GET /api/projects", 8, _reads("/api/projects")),
    ("GET /api/projects/{id}", 6, _reads("/api/projects/{project}")),
    ("GET /api/projects/{id}/estimate", 2, _reads("/api/projects/{project}/estimate")),
    ("GET /api/jobs", 16, _reads("/api/jobs?active=1")),
    ("GET /api/account", 3, _reads("/api/account")),
    ("GET /api/reels", 3, _reads("/api/reels")),
    ("POST /api/games/{id}/clips", 8, _mark),
    ("PATCH /api/clips/{id}", 8, _rate),
    ("PUT /api/projects/{id}/edit", 14, _edit),
)
"""What people do while they edit, by its share in a hundred: three in ten write."""

WRITES: Final = frozenset(route for route, _, _ in MIX if not route.startswith("GET"))


def load(people: Sequence[Person], a_second: float, lasts_s: float, seed: int) -> list[Took]:
    """Let people do things at a pace, each of them in turn; return what became of every request."""
    rng = random.Random(seed)
    begins_s = time.perf_counter() + 0.5
    routes, weights = [route for route, _, _ in MIX], [weight for _, weight, _ in MIX]
    actions = {route: action for route, _, action in MIX}
    plan = [
        (begins_s + number / a_second, people[number % len(people)], route, rng.getrandbits(32))
        for number, route in enumerate(rng.choices(routes, weights, k=round(a_second * lasts_s)))
    ]

    def one(due_s: float, person: Person, route: str, chance: int) -> Took:
        try:
            status = actions[route](person, random.Random(chance))
        except (OSError, HTTPException):
            status = 599
        return Took(route, due_s, time.perf_counter() - due_s, status)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = []
        for due_s, person, route, chance in plan:
            time.sleep(max(0.0, due_s - time.perf_counter()))
            asked.append(pool.submit(one, due_s, person, route, chance))
        return [answer.result() for answer in asked]


def percentile(seconds: Sequence[float], share: float) -> float:
    """Return the smallest of some durations that `share` of them are no longer than, in milliseconds."""
    ordered = sorted(seconds)
    return ordered[max(0, ceil(share * len(ordered)) - 1)] * 1000
