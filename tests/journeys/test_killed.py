"""kill -9 of the API, of the workers and of the store, in turn, at every step from the upload to the finished reel.

One person goes on as browsers do: what is not answered is asked again under the same key. In the end everything that
was acknowledged is there, once, and every job has ended.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import pytest

from reel import keys
from tests.journeys.finished import finished
from tests.journeys.parent import Parent, framed, segments, spotlit
from tests.local.service import Service, match, serving

Victim: TypeAlias = Literal["api", "worker", "store"]

SECONDS: Final = 9
CLIPS: Final = 8
SOON_S: Final = (0.0, 0.03, 0.1)  # after a step began: on its way in, at work, on its way out


class Home:
    """One installation, of which anything may be killed; always the same address."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._stack = folder, ExitStack()
        self.service = self._started()
        self._port = str(self.service.port)

    def close(self) -> None:
        self._stack.close()

    def kill(self, victim: Victim) -> None:
        """Kill -9; the API is started again by whoever started it, the others by the API."""
        if victim == "api":
            self.service.kill("api")
            self._stack.close()
            self.service = self._started(PORT=self._port)
        elif self.service.children(victim):
            self.service.kill(victim)

    @contextmanager
    def killing(self, victim: Victim, after_s: float) -> Iterator[None]:
        """Kill a moment after the block began; the block ends when what was killed is back."""
        thread = threading.Thread(target=lambda: (time.sleep(after_s), self.kill(victim)))
        thread.start()
        yield
        thread.join(60)
        assert not thread.is_alive()

    def _started(self, **more: str) -> Service:
        return self._stack.enter_context(serving(self._folder, **more))


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A fresh installation."""
    home = Home(tmp_path / "data")
    yield home
    home.close()


@pytest.fixture
def parent(home: Home) -> Iterator[Parent]:
    """A parent at it."""
    with closing(Parent(home.service.url)) as parent:
        yield parent


@pytest.mark.parametrize("victim", ["api", "worker", "store"])
def test_a_reel_is_made_whatever_is_killed(home: Home, parent: Parent, victim: Victim, tmp_path: Path) -> None:
    film = match(tmp_path / "match.mp4", seconds=SECONDS)
    game = parent.adds_game("Before all")

    def step(action: Callable[[], Any], soon_s: float = SOON_S[1]) -> Any:
        with home.killing(victim, soon_s):
            return action()

    begun = step(lambda: parent.begins_upload(game, film))  # upload
    upload = begun["source"]["id"]
    step(lambda: parent.sends(upload, film, parent.missing(upload)))
    for soon_s in SOON_S:
        step(lambda: parent.asks("POST", f"/api/uploads/{upload}/complete", {}), soon_s)
    source = parent.until(lambda: parent.source(game, upload), lambda found: found["state"] == "ready")
    assert source["facts"]["frames"] == SECONDS * 10
    n, d = source["facts"]["time_base"]

    clips = [step(lambda at=at: parent.marks(source, at, 1, notes=f"Play {at}"), SOON_S[at]) for at in range(3)]  # edit
    project = step(lambda: parent.begins_project(clips))
    step(lambda: parent.edits(project, framed((0, 0.5, 0.5, 1.0))))
    for number, soon_s in enumerate(SOON_S):
        said = step(lambda number=number: parent.edits(project, titled(f"Take {number}")), soon_s)
        assert said["title"] == f"Take {number}"
    step(lambda: parent.edits(project, spotlit(round(d / n / 2))))

    framing = step(lambda: parent.exports(project, "framing"))  # export
    parent.until(lambda: progress(parent, framing[1]), lambda done: done > 3)
    step(lambda: None, 0.0)
    (overlay,) = step(lambda: parent.exports(project, "overlay"))
    time.sleep(0.5)
    step(lambda: None, 0.0)  # wherever it is: rendering, committing, settling
    for _ in range(3):
        time.sleep(0.7)
        step(lambda: parent.gets("/api/jobs?active=1"), 0.0)  # settle
    ended = parent.waits_for([*framing, overlay])
    assert [job["state"] for job in ended] == ["done"] * 3, ended

    nothing_is_lost_or_double(parent, game, project, clips)
    reel = parent.gets(f"/api/projects/{project}")["reel_id"]
    assert finished(parent.downloads(f"/api/media/reel/{reel}", tmp_path / "reel.mp4")).frames == 30
    with home.service.beside() as opened:
        listed = opened.services.objects.keys
        asked = {keys.active(job["id"]) for job in parent.gets("/api/jobs")["items"]}
        # A repeat of an export notes ids that no row takes up; those go after ten minutes.
        parent.until(lambda: asked & {*listed(keys.ACTIVE_PREFIX)}, lambda left: not left, 60)


def test_a_kill_in_the_fifth_of_eight_clips_renders_none_of_the_first_four_again(
    home: Home, parent: Parent, tmp_path: Path
) -> None:
    film = match(tmp_path / "match.mp4", seconds=SECONDS)
    source = parent.brings(parent.adds_game(), film)
    project = parent.begins_project([parent.marks(source, n, 1) for n in range(CLIPS)])
    parent.edits(project, framed((0, 0.5, 0.5, 1.0)))
    framing = parent.exports(project, "framing")[1]
    parent.until(lambda: progress(parent, framing), lambda done: done > 4 * 10 + 2)
    with home.service.beside() as opened:
        before = segments(opened.services.objects)
        home.kill("worker")
        (ended,) = parent.waits_for([framing])
        after = segments(opened.services.objects)
    assert ended["state"] == "done"
    assert len(before) >= len(after) / 2 > 0, "four of eight clips were done"
    assert {key: after[key] for key in before} == before, "written once, and never again"


def nothing_is_lost_or_double(parent: Parent, game: str, project: str, clips: list[str]) -> None:
    """Hold what there is to what was acknowledged."""
    assert [one["id"] for one in parent.gets("/api/games")["items"]] == [game]
    assert [one["part"] for one in parent.gets(f"/api/games/{game}/sources")["items"]] == [1]
    assert [one["id"] for one in parent.gets(f"/api/games/{game}/clips")["items"]] == clips
    assert [one["id"] for one in parent.gets("/api/projects")["items"]] == [project]
    document = parent.gets(f"/api/projects/{project}/edit")
    assert (document["title"], len(document["clips"])) == (f"Take {len(SOON_S) - 1}", len(clips))
    assert all(len(clip["spotlights"]) == 1 for clip in document["clips"])
    kinds = sorted((job["kind"], job["draft"], job["state"]) for job in parent.gets("/api/jobs")["items"])
    made = [
        ("framing", False, "done"),
        ("framing", True, "done"),
        ("ingest", False, "done"),
        ("overlay", False, "done"),
    ]
    assert kinds == made, "each was asked for once, under one key"
    (reel,) = parent.gets("/api/reels")["items"]
    assert reel["version_count"] == 1


def progress(parent: Parent, job: dict[str, Any]) -> int:
    """Return how many frames of a framing are done."""
    found = parent.gets(f"/api/jobs/{job['id']}")
    if found["state"] == "done":
        return 10**6
    return found["progress"]["done"] if found["progress"] and found["progress"]["phase"] == "rendering" else 0


def titled(title: str) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        document["title"] = title

    return change
