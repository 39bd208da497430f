"""A person with one of everything: what tests look at who ask as somebody else, take it away or delete it."""

from __future__ import annotations

import sqlite3
from fractions import Fraction

from jobs.spec import ArchiveSpec
from reel import keys
from reel.annotation import Clip
from reel.edit import EditClip, EditDocument
from reel.timing import Span
from storage import (
    athletes,
    clips,
    framings,
    games,
    handouts,
    jobs,
    projects,
    reels,
    settings,
    small_copies,
    sources,
    upload_rows,
)
from storage.athletes import Athlete
from storage.framings import Framing
from storage.handouts import Download, RawClip
from storage.operations import Operation
from storage.reels import Version
from storage.small_copies import SmallCopy
from storage.upload_rows import Upload
from tests.endpoints.stage import Browser, uuid

NOW = "2026-05-17T10:00:00.000Z"
DIGEST = "ab" * 32
BASE = Fraction(1, 12800)

IDS = {
    "game_id": uuid(1001),
    "source_id": uuid(1002),
    "upload_id": uuid(1003),
    "clip_id": uuid(1004),
    "project_id": uuid(1005),
    "athlete_id": uuid(1006),
    "job_id": uuid(1007),
    "reel_id": uuid(1008),
    "share_id": uuid(1009),
}
"""What the person has, by the name that paths and bodies give such an id."""

DONE = {
    name: uuid(1020 + place)
    for place, name in enumerate(("framing", "draft", "overlay", "extract", "compile", "small_copy"))
}
"""The jobs that made what there is."""


def user_of(browser: Browser) -> str:
    """Return whom the browser's session is of."""
    session = browser.stage.services.sessions.of(token_of(browser))
    assert session is not None
    return session.user


def token_of(browser: Browser) -> str | None:
    """Return the token that the browser holds."""
    held = {cookie.name: cookie.value for cookie in browser.client.cookies.jar}
    return held.get("reel_session") or held.get("__Host-reel_session")


def settled_in(browser: Browser) -> str:
    """Make the browser's guest a person with one of everything; return their user id."""
    assert browser.patch("/api/account", {"settings": {"revision": 0, "theme": "dark"}}).status_code == 200
    user = user_of(browser)
    browser.stage.services.databases.write(user, Operation("furnished", "", "test"), lambda at: _rows(at, user))
    for key in _objects(user):
        browser.stage.services.objects.put(key, b"the bytes of " + key.encode())
    answer = browser.post(
        f"/api/reels/{IDS['reel_id']}/shares", {"id": IDS["share_id"], "shown_name": "Mia", "download": True}
    )
    assert answer.status_code == 201
    return user


def _rows(connection: sqlite3.Connection, user: str) -> None:
    game_id, source_id, clip_id, project_id = (IDS[name] for name in ("game_id", "source_id", "clip_id", "project_id"))
    athletes.add(connection, Athlete(IDS["athlete_id"], "Mia Berger", 10), NOW)
    games.add(connection, games.Game(game_id, "Rovers", "2026-05-16", "home"), NOW)
    half = sources.NewSource(source_id, game_id, 1, "half.mp4", "mp4", 1000, "1" * 64)
    sources.add(connection, half, "ingesting", NOW)
    sources.arrived(connection, source_id, DIGEST, NOW)
    sources.ingested(connection, source_id, _facts(), None, NOW)
    upload = Upload(
        id=IDS["upload_id"],
        game_id=game_id,
        part=2,
        name="second.mp4",
        size_bytes=2000,
        fingerprint="2" * 64,
        key=keys.temp_upload(user, IDS["upload_id"]),
        multipart="m",
        content_type="video/mp4",
        part_bytes=8 << 20,
        created_at=NOW,
        touched_at=NOW,
    )
    upload_rows.add(connection, upload, "mp4", NOW)
    clip = Clip(clip_id, source_id, BASE, Span(128_000, 192_000), rating=5, tags=("Goal",), notes="From the left")
    clips.add(connection, clip, NOW)
    edit = EditClip(uuid(1050), BASE, clip.span, clip_id=clip_id, source_id=source_id)
    document = EditDocument(title="Mia Berger v Rovers", clips=(edit,))
    projects.add(connection, project_id, document, NOW, athlete_id=IDS["athlete_id"])
    projects.next_version(connection, project_id, IDS["reel_id"])
    for name, draft in (("framing", False), ("draft", True)):
        key = (keys.draft if draft else keys.working_video)(user, project_id, DONE[name])
        made = Framing(DONE[name], project_id, key, draft, "hash", 125, Fraction(25), ("natural",), (), NOW)
        framings.add(connection, made)
    key = keys.final_video(user, IDS["reel_id"], 1)
    title = "Mia Berger v Rovers"
    version = Version(DONE["overlay"], IDS["reel_id"], 1, key, False, title, "9:16", "hash", 125, Fraction(25), (), NOW)
    reels.add_version(connection, version, project_id)
    small = keys.small_copy(user, IDS["reel_id"], 1)
    small_copies.add(connection, SmallCopy(DONE["small_copy"], IDS["reel_id"], 1, small, 720, 1280, 22, NOW), NOW)
    raw = RawClip(DONE["extract"], clip_id, keys.raw_clip(user, clip_id, DIGEST), "Goal", 125, NOW)
    handouts.add_raw_clip(connection, raw, NOW)
    video, listed = (keys.download(user, DONE["compile"], ext) for ext in ("mp4", "tsv"))
    made = Download(DONE["compile"], game_id, video, listed, "Rovers", 125, Fraction(25), 1920, 1080, NOW)
    handouts.add_download(connection, made)
    jobs.add(connection, ArchiveSpec(user=user, job=IDS["job_id"], members=()), NOW)
    assert settings.get(connection).theme == "dark"


def _facts() -> sources.Facts:
    return sources.Facts(
        codec="h264",
        width_px=1920,
        height_px=1080,
        time_base=BASE,
        span=Span(0, 100 * 12800),
        rate=Fraction(25),
        frames=2500,
        constant_rate=True,
        hdr=False,
        sound=True,
        proxy=True,
        sprite={"tile_px": [160, 90], "columns": 10, "pts": [0]},
    )


def _objects(user: str) -> list[str]:
    footage = (user, IDS["game_id"], IDS["source_id"])
    return [
        keys.original(*footage, "mp4"),
        *(place(*footage) for place in (keys.proxy, keys.ptsmap, keys.index, keys.sprite, keys.peaks)),
        keys.draft(user, IDS["project_id"], DONE["draft"]),
        keys.working_video(user, IDS["project_id"], DONE["framing"]),
        keys.final_video(user, IDS["reel_id"], 1),
        keys.small_copy(user, IDS["reel_id"], 1),
        keys.segment(user, DIGEST),
        keys.raw_clip(user, IDS["clip_id"], DIGEST),
        keys.download(user, DONE["compile"], "mp4"),
        keys.download(user, DONE["compile"], "tsv"),
    ]
