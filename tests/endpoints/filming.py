"""A browser that brings footage: uploads it in parts by signed addresses, and follows what leads to objects."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from media.open import open_footage
from media.synth import Match, write
from reel.geometry import Size
from tests.endpoints.belongings import user_of
from tests.endpoints.stage import Browser, uuid

SIZE = Size(192, 108)
PART_BYTES = 5 * 2**20
"""The least that S3 takes."""


@dataclass
class Reels:
    """Films matches, each once for all tests."""

    folder: Path
    _films: dict[str, dict[str, Any]] = field(default_factory=dict)

    def film(self, name: str = "match.mp4", **more: Any) -> Path:
        """Return footage of 6 s with a sync frame each second, its frames' numbers burnt in."""
        path = self.folder / name
        if name not in self._films:
            usual: dict[str, Any] = {"size": SIZE, "duration_s": Fraction(6), "players": 2, "gop_frames": 25}
            write(Match(**usual | more), path)
            self._films[name] = more
        assert self._films[name] == more, f"{name} is another film already"
        return path

    def padded(self, name: str, count: int) -> Path:
        """Return the same footage as a file of more than `count` parts, with a box that players pass over."""
        path = self.folder / name
        body = self.film().read_bytes()
        free = count * PART_BYTES
        path.write_bytes(body + (free + 8).to_bytes(4, "big") + b"free" + bytes(free))
        return path


def fingerprint(body: bytes) -> str:
    """Return what a browser works out of a file."""
    mebibyte = 2**20
    middle = max(0, len(body) // 2 - mebibyte // 2)
    parts = (body[:mebibyte], body[middle : middle + mebibyte], body[-mebibyte:])
    return hashlib.sha256(str(len(body)).encode() + b"".join(parts)).hexdigest()


@dataclass
class Person:
    """Somebody with a browser, and a game to begin with."""

    browser: Browser
    game: str = uuid(1)

    def __post_init__(self) -> None:
        if self.browser.get(f"/api/games/{self.game}").status_code == 404:
            self.add_game(self.game)

    def add_game(self, game: str) -> None:
        body = {"id": game, "opponent": "Rovers", "match_date": "2026-05-16"}
        assert self.browser.post("/api/games", body).status_code == 201

    @property
    def user(self) -> str:
        return user_of(self.browser)

    def wanted(self, path: Path, number: int = 10, part: int = 1) -> dict[str, Any]:
        """Return what a browser says of a file."""
        body = path.read_bytes()
        return {
            "id": uuid(number),
            "part": part,
            "name": path.name,
            "size_bytes": len(body),
            "fingerprint": fingerprint(body),
            "content_type": "video/mp4",
        }

    def begin(self, path: Path, number: int = 10, part: int = 1) -> Any:
        return self.browser.post(f"/api/games/{self.game}/uploads", self.wanted(path, number, part))

    def send(self, upload: dict[str, Any], body: bytes, parts: Sequence[int] | None = None) -> None:
        """Send parts of an upload, all that have not arrived unless told which."""
        missing = [n for n in range(1, upload["part_count"] + 1) if n not in upload["arrived_parts"]]
        answer = self.browser.post(f"/api/uploads/{upload['id']}/parts", {"parts": list(parts or missing)})
        assert answer.status_code == 200, answer.text
        for part in answer.json()["parts"]:
            start = (part["part"] - 1) * upload["part_bytes"]
            piece = body[start : start + part["size_bytes"]]
            with urlopen(Request(part["url"], piece, method="PUT")) as done:
                assert done.status == 200

    def bring(self, path: Path, number: int = 10, part: int = 1) -> dict[str, Any]:
        """Upload a file whole; return its source, which is being looked over."""
        begun = self.begin(path, number, part).json()
        self.send(begun["upload"], path.read_bytes())
        completed = self.browser.post(f"/api/uploads/{begun['upload']['id']}/complete")
        assert completed.status_code == 200, completed.text
        return completed.json()

    def footage(self, path: Path, number: int = 10, part: int = 1) -> dict[str, Any]:
        """Upload a file and let it be looked over; return its source."""
        source = self.bring(path, number, part)
        self.work()
        return self.browser.get(f"/api/sources/{source['id']}").json()

    def work(self) -> None:
        """Let the workers do what waits, and what follows from it, until nothing does."""
        stage = self.browser.stage
        while True:
            stage.workshop.work()
            stage.services.open_jobs.settle(self.user)
            if not stage.workshop.specs:
                return

    def mark(self, source: dict[str, Any], number: int, in_s: float, out_s: float, **more: Any) -> Any:
        """Mark a clip on the source's clock, or before it is known on that of those who do not know it."""
        facts = source["facts"]
        base = facts["time_base"] if facts else [1, 90_000]
        begins = facts["in_pts"] if facts else 0
        in_pts, out_pts = (begins + round(at_s * base[1] / base[0]) for at_s in (in_s, out_s))
        body = {"id": uuid(number), "source_id": source["id"], "time_base": base, "in_pts": in_pts, "out_pts": out_pts}
        return self.browser.post(f"/api/games/{self.game}/clips", body | more)

    def fetched(self, path: str, **query: Any) -> tuple[bytes, Any]:
        """Follow an address of ours to the object; return its bytes and the headers that it came with."""
        answer = self.browser.get(path, **query)
        assert answer.status_code == 302, answer.text
        assert answer.headers["cache-control"] == "no-store"
        with urlopen(answer.headers["location"]) as found:
            return found.read(), found.headers


def frames_in(body: bytes) -> int:
    """Return how many frames a video shows."""
    with open_footage(BytesIO(body)) as container:
        return sum(1 for _ in container.decode(video=0))
