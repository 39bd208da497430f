"""Takeout: all that a person made, as one document, and the objects that go with it when they take it all away."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final, TypeVar

from jobs.spec import ArchiveMember
from reel import edit
from reel.errors import Json
from reel.keys import original
from reel.timing import Span
from reel.tsv import row_of, write_tsv
from storage import athletes, clips, edits, games, projects, reels, settings, shares
from storage.clips import Marked
from storage.pages import MOST, Page
from storage.sources import WITH_BYTES, Source

T = TypeVar("T")

LONGEST_NAME: Final = 80  # characters of a file's name, without what tells it from others
_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')  # what Windows, or any of them, takes for no name


@dataclass(frozen=True, slots=True)
class Takeout:
    """What is taken away. `originals` are the footage, which is only asked for on purpose: it may be many GB."""

    document: dict[str, Any]
    reels: tuple[ArchiveMember, ...]
    clip_lists: tuple[ArchiveMember, ...]
    originals: tuple[ArchiveMember, ...]


def takeout(connection: sqlite3.Connection, user: str, now: str) -> Takeout:
    """Return all that a person made, as it is now."""
    cards = tuple(_every(lambda after: games.page(connection, after, MOST)))
    finished = tuple(_every(lambda after: reels.page(connection, after, MOST)))
    document = {
        "schema": 1,
        "taken_at": now,
        "settings": settings.to_json(settings.get(connection)),
        "athletes": [asdict(one) for one in _every(lambda after: athletes.page(connection, after, MOST))],
        "games": [_game(connection, card) for card in cards],
        "projects": [
            asdict(card.project) | {"edit": edit.to_json(edits.get(connection, card.project.id))}
            for card in _every(lambda after: projects.page(connection, after, MOST))
        ],
        "reels": [_reel(connection, reel) for reel in finished],
    }
    versions = [(reel, version) for reel in finished for version in _versions(connection, reel.id)]
    return Takeout(
        document=document,
        reels=tuple(
            ArchiveMember(name=f"reels/{_file(reel.name)} v{version.version}.mp4", key=version.key)
            for reel, version in versions
        ),
        clip_lists=tuple(
            ArchiveMember(name=f"clip lists/{_file(title)}.tsv", key=key)
            for title, key in connection.execute("SELECT title, list_key FROM downloads ORDER BY job_id")
        ),
        originals=tuple(
            _original(card.game, source, user) for card in cards for source in card.sources if _kept(source)
        ),
    )


def _game(connection: sqlite3.Connection, card: games.Card) -> dict[str, Any]:
    marked = tuple(_every(lambda after: clips.page(connection, card.game.id, after, MOST)))
    footage = {source.id: source for source in card.sources}
    return asdict(card.game) | {
        "sources": [_source(source) for source in card.sources],
        "clips": [_clip(one) for one in marked],
        "clip_lists": {source.id: _list(marked, source) for source in footage.values() if source.facts},
    }


def _source(source: Source) -> dict[str, Any]:
    told = asdict(source)
    facts = told.pop("facts")
    if facts:
        facts.pop("sprite")
        facts |= {"time_base": _terms(facts["time_base"]), "rate": _terms(facts["rate"])}
    return told | {"facts": facts}


def _clip(marked: Marked) -> dict[str, Any]:
    told = asdict(marked)
    clip = told.pop("clip")
    return clip | {"time_base": _terms(clip["time_base"])} | told


def _list(marked: tuple[Marked, ...], source: Source) -> str:
    """Return the clips of a source as a clip list, which any of these products reads."""
    assert source.facts is not None
    span: Span = source.facts.span
    return write_tsv(
        row_of(one.clip, span) for one in marked if one.clip.source_id == source.id and not one.provisional
    )


def _reel(connection: sqlite3.Connection, reel: reels.Reel) -> dict[str, Any]:
    told = asdict(reel)
    told.pop("newest")
    given_out = _every(lambda after: shares.page(connection, reel.id, after, MOST))
    links = [{name: value for name, value in asdict(share).items() if name != "token_sha256"} for share in given_out]
    return told | {"versions": [_version(version) for version in _versions(connection, reel.id)], "shares": links}


def _version(version: reels.Version) -> dict[str, Any]:
    told = asdict(version)
    told.pop("key")
    return told | {"rate": _terms(told["rate"])}


def _versions(connection: sqlite3.Connection, reel_id: str) -> Iterator[reels.Version]:
    return _every(lambda after: reels.versions(connection, reel_id, after, MOST))


def _original(game: games.Game, source: Source, user: str) -> ArchiveMember:
    name = _file(f"{game.match_date or ''} {game.opponent}".strip())
    place = f"footage/{name}/{source.part} {_file(source.name.removesuffix(f'.{source.ext}'))}"
    return ArchiveMember(name=f"{place}.{source.ext}", key=original(user, game.id, source.id, source.ext))


def _kept(source: Source) -> bool:
    return source.state in WITH_BYTES


def _file(name: str) -> str:
    """Return a name as a file of any system may have it, never hidden, never upwards."""
    return _UNSAFE.sub("_", name)[:LONGEST_NAME].strip(" .") or "untitled"


def _terms(rational: Any) -> list[Json]:
    return [rational.numerator, rational.denominator]


def _every(page: Callable[[str | None], Page[T]]) -> Iterator[T]:
    after: str | None = None
    while True:
        found = page(after)
        yield from found.items
        if found.next is None:
            return
        after = found.next
