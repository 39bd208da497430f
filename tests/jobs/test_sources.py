"""Sources: the original footage, standing ready, or gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.sources import standing
from jobs.spec import SourceRef
from local.folder import FolderStore
from reel.errors import EmptySpan, NotAVideo, SourceGone
from reel.timing import Span
from tests.jobs.homes import Home
from tests.media.footage import numbered


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return numbered(tmp_path_factory.mktemp("sources") / "one.mp4")


def test_a_source_is_opened_and_probed(tmp_path: Path, footage: Path) -> None:
    home = Home(tmp_path)
    ref = home.adopt(footage)
    with standing(ref, home.store) as footing:
        assert footing.ref == ref
        assert (footing.source.rate, footing.source.span) == (25, Span(0, 25600))


def test_a_source_that_was_accepted_truncated_ends_where_it_was_said_to(tmp_path: Path, footage: Path) -> None:
    home = Home(tmp_path)
    with standing(home.adopt(footage, usable_until_pts=12_800), home.store) as footing:
        assert footing.source.span == Span(0, 12_800)
    with pytest.raises(EmptySpan), standing(home.adopt(footage, usable_until_pts=0), home.store):
        pass


def test_a_source_that_is_gone_says_which(tmp_path: Path, footage: Path) -> None:
    moved = tmp_path / "game.mp4"
    moved.write_bytes(footage.read_bytes())
    store = FolderStore(tmp_path / "objects")
    store.refer("ann/games/one.mp4", moved)
    ref = SourceRef(id="one", key="ann/games/one.mp4", sha256="a" * 64)
    with standing(ref, store) as footing:
        assert footing.source.codec == "h264"
    moved.unlink()
    with pytest.raises(SourceGone) as raised, standing(ref, store):
        pass
    assert raised.value.details == {"source": "one"}


def test_what_the_work_raises_is_not_taken_for_a_lost_source(tmp_path: Path, footage: Path) -> None:
    home = Home(tmp_path)
    ref = home.adopt(footage)
    with pytest.raises(KeyError), standing(ref, home.store):
        raise KeyError
    home.store.put(ref.key, b"\x89PNG and so on")
    with pytest.raises(NotAVideo), standing(ref, home.store):
        pass
