"""A parent at the service, over HTTP: brings footage, marks clips, makes a reel. Comes again when nobody answers."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

from bench.visitor import Visitor
from storage.ids import uuid7

MEBIBYTE: Final = 2**20
PATIENCE_S: Final = 420.0
ENDED: Final = frozenset({"done", "failed", "cancelled"})

Job = dict[str, Any]


@dataclass
class Parent:
    """One person in one browser. Whatever is asked is asked again, under the same key, until it is answered."""

    url: str
    visitor: Visitor = field(init=False)
    unanswered: int = 0

    def __post_init__(self) -> None:
        self.visitor = Visitor(self.url)

    def asks(self, method: str, path: str, body: Any = None, *, wanted: Collection[int] = (200, 201, 202, 204)) -> Any:
        """Return what is answered; no answer, and 503, are asked again."""
        key, ends_s = uuid4().hex, time.monotonic() + PATIENCE_S
        while time.monotonic() < ends_s:
            try:
                status, said = self.visitor.ask(method, path, body, key)
            except (OSError, HTTPException):
                status, said = 0, None
            if status not in {0, 503}:
                assert status in wanted, (method, path, status, said)
                return said
            self.unanswered += 1
            time.sleep(0.1)
        raise AssertionError(f"{method} {path} was never answered")

    def close(self) -> None:
        self.visitor.close()

    def gets(self, path: str) -> Any:
        return self.asks("GET", path)

    # What a parent does

    def adds_game(self, opponent: str = "FC Tigers") -> str:
        game = uuid7()
        self.asks("POST", "/api/games", {"id": game, "opponent": opponent, "match_date": "2026-05-17"})
        return game

    def begins_upload(self, game: str, film: Path, part: int = 1) -> dict[str, Any]:
        size_bytes = film.stat().st_size
        asked = {"id": uuid7(), "part": part, "name": film.name, "size_bytes": size_bytes}
        return self.asks("POST", f"/api/games/{game}/uploads", asked | {"fingerprint": fingerprint(film)})

    def sends(self, upload: str, film: Path, numbers: Sequence[int]) -> None:
        """Send some parts to where the service says."""
        for number in numbers:
            ends_s = time.monotonic() + PATIENCE_S
            while not self._sent(upload, film, number):
                assert time.monotonic() < ends_s, "the part never arrived"
                self.unanswered += 1
                time.sleep(0.1)

    def missing(self, upload: str) -> list[int]:
        """Return the parts that have not arrived, as the service says."""
        standing = self.gets(f"/api/uploads/{upload}")
        return [n for n in range(1, standing["part_count"] + 1) if n not in standing["arrived_parts"]]

    def brings(self, game: str, film: Path, part: int = 1) -> dict[str, Any]:
        """Upload a film whole, and wait until it was looked over; return its source."""
        begun = self.begins_upload(game, film, part)
        source = begun["source"]["id"]
        self.sends(source, film, self.missing(source))
        self.asks("POST", f"/api/uploads/{source}/complete", {})
        return self.until(
            lambda: self.source(game, source), lambda found: found["state"] not in {"uploading", "ingesting"}
        )

    def source(self, game: str, source: str) -> dict[str, Any]:
        return next(one for one in self.gets(f"/api/games/{game}/sources")["items"] if one["id"] == source)

    def marks(self, source: dict[str, Any], at_s: float, lasts_s: float, **said: Any) -> str:
        """Mark a clip on the source's own clock; return its id."""
        clip, (n, d) = uuid7(), source["facts"]["time_base"]
        begin, end = (round(moment * d / n) + source["facts"]["in_pts"] for moment in (at_s, at_s + lasts_s))
        span = {"source_id": source["id"], "time_base": [n, d], "in_pts": begin, "out_pts": end}
        self.asks("POST", f"/api/games/{source['game_id']}/clips", {"id": clip, **span, **said})
        return clip

    def begins_project(self, clips: Sequence[str], **said: Any) -> str:
        project = uuid7()
        self.asks("POST", "/api/projects", {"id": project, "clip_ids": list(clips), **said})
        return project

    def edits(self, project: str, change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """Change the edit document as an editor does: from the one that is there."""
        document = self.gets(f"/api/projects/{project}/edit")
        change(document)
        return self.asks("PUT", f"/api/projects/{project}/edit", document)

    def exports(self, project: str, stage: str, **said: Any) -> list[Job]:
        return self.asks("POST", f"/api/projects/{project}/exports", {"stage": stage, **said})["jobs"]

    def waits_for(self, jobs: Sequence[Job], most_s: float = PATIENCE_S) -> list[Job]:
        """Wait until jobs have ended; return them."""
        wanted = [job["id"] for job in jobs]
        return [
            self.until(lambda job=job: self.gets(f"/api/jobs/{job}"), lambda found: found["state"] in ENDED, most_s)
            for job in wanted
        ]

    def downloads(self, path: str, to: Path) -> Path:
        """Download what an address of /api/media leads to."""
        address = urlsplit(self.visitor.location(path))
        connection = HTTPConnection(address.netloc, timeout=60)
        connection.request("GET", f"{address.path}?{address.query}")
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        to.write_bytes(answer.read())
        connection.close()
        return to

    def until(self, ask: Callable[[], Any], holds: Callable[[Any], bool], most_s: float = PATIENCE_S) -> Any:
        """Ask until something holds; that it never does is a failure."""
        ends_s = time.monotonic() + most_s
        while not holds(found := ask()):
            assert time.monotonic() < ends_s, found
            time.sleep(0.1)
        return found

    def _sent(self, upload: str, film: Path, number: int) -> bool:
        (part,) = self.asks("POST", f"/api/uploads/{upload}/parts", {"parts": [number]})["parts"]
        part_bytes = self.gets(f"/api/uploads/{upload}")["part_bytes"]
        address = urlsplit(part["url"])
        with film.open("rb") as file:
            file.seek((number - 1) * part_bytes)
            body = file.read(part["size_bytes"])
        connection = HTTPConnection(address.netloc, timeout=60)
        try:
            connection.request("PUT", f"{address.path}?{address.query}", body)
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


def fingerprint(film: Path) -> str:
    """Return what tells a file from others without reading it whole: size, first, middle and last MiB."""
    size_bytes = film.stat().st_size
    digest = hashlib.sha256(str(size_bytes).encode())
    with film.open("rb") as file:
        for start in (0, max(0, size_bytes // 2 - MEBIBYTE // 2), max(0, size_bytes - MEBIBYTE)):
            file.seek(start)
            digest.update(file.read(MEBIBYTE))
    return digest.hexdigest()


def framed(*keys: tuple[int, float, float, float], aspect: str = "9:16") -> Callable[[dict[str, Any]], None]:
    """Return a change that gives every clip a crop: keyframes of (pts after the clip's beginning, cx, cy, h)."""

    def change(document: dict[str, Any]) -> None:
        for clip in document["clips"]:
            clip["crops"][aspect] = {
                "framed": True,
                "keys": [
                    {
                        "id": uuid7(),
                        "pts": clip["in_pts"] + at,
                        "cx": cx,
                        "cy": cy,
                        "h": h,
                        "ease": "linear",
                        "by": "hand",
                    }
                    for at, cx, cy, h in keys
                ],
            }

    return change


def spotlit(lasts: int) -> Callable[[dict[str, Any]], None]:
    """Return a change that puts a spotlight at every clip's beginning, `lasts` pts long."""

    def change(document: dict[str, Any]) -> None:
        for clip in document["clips"]:
            key = {"id": uuid7(), "pts": clip["in_pts"], "x": 0.5, "y": 0.5, "rx": 0.06, "ry": 0.12, "ease": "smooth"}
            span = {"id": uuid7(), "in_pts": clip["in_pts"], "out_pts": clip["in_pts"] + lasts}
            clip["spotlights"] = [span | {"keys": [key], "shape": "body", "colour": "yellow"}]

    return change


def segments(objects: Any) -> dict[str, object]:
    """Return when each rendered segment was written."""
    return {one.key: one.modified for one in objects.sizes("") if "/segments/" in one.key}
