"""A framing rendered by several: the same segments as by one, each made once, and nothing depends on who helps."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from jobs.part import Help, Helpers, Part, render_part
from jobs.run import run
from jobs.spec import FramingSpec
from jobs.tools import Report
from media.synth import Match, write
from reel.errors import Internal
from reel.geometry import Size
from tests.jobs.homes import USER, Enlarger, Home, clip, crop, framing, told_nobody


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "match.mp4"
    write(Match(size=Size(192, 108), rate=Fraction(10), duration_s=Fraction(4), players=2), path)
    return path


def spec_in(home: Home, film: Path) -> FramingSpec:
    """Return a framing of four clips, the last of which dissolves in."""
    clips = [clip(at * 1000, at * 1000 + 400, id=name, crop=(crop(0, 0.5, 0.5, 0.6),)) for at, name in enumerate("abc")]
    last = clip(2800, 3800, id="d", crop=(crop(0, 0.5, 0.5, 0.6),), transition_in="dissolve")
    return framing([home.adopt(film)], *clips, last, draft=False)


@dataclass
class Friend:
    """Helps from the other end: makes one part whenever it is asked how far it is, or has begun parts and is gone."""

    home: Home
    dies: bool = False
    asked: list[tuple[int, int]] = field(default_factory=list)
    taken: list[Part] = field(default_factory=list)
    left: list[Part] = field(default_factory=list)
    made: int = 0

    @contextmanager
    def help(self, parts: Sequence[Part], frames: int, elapsed_s: float) -> Generator[Helpers | None]:
        self.asked.append((len(parts), frames))
        if len(self.asked) == 1:  # it is not worth it yet
            yield None
            return
        self.left = list(parts)
        yield self

    def leave(self, part: Part) -> bool:
        if part in self.left:
            self.left.remove(part)
        return part not in self.taken

    def frames(self) -> int:
        if self.left:
            part = self.left.pop()
            self.taken.append(part)
            if not self.dies:
                render_part(part, USER, self.home.tools, told_nobody)
                self.made += part.spec.frame_count
        return self.made

    def wait(self, report: Report) -> None:
        report(done=self.frames())


def helped(home: Home, spec: FramingSpec, help_with: Help) -> dict[str, Any]:
    result = run(spec, replace(home.tools, help_with=help_with))
    assert result.outcome == "done", result.error
    assert result.value
    return result.value


@pytest.mark.parametrize("dies", [False, True], ids=["comes", "dies"])
def test_with_help_or_without_it_is_the_same_reel(tmp_path: Path, film: Path, dies: bool):
    alone, home = Home(tmp_path), Home(tmp_path)
    plain = alone.done(spec_in(alone, film))
    friend = Friend(Home(tmp_path, store=home.store), dies=dies)
    value = helped(home, spec_in(home, film), friend.help)
    assert value["segments"] == plain["segments"]
    assert home.segments() == alone.segments()
    assert (value["rendered_frames"], value["frames"]) == (plain["rendered_frames"], plain["frames"])
    assert friend.taken, "it had something to do"
    assert len(home.network.seen) + len(friend.home.network.seen) == len(alone.network.seen), "nothing is made twice"
    assert bool(friend.home.network.seen) != dies


def test_it_is_asked_for_as_long_as_nobody_helps_and_something_is_left(tmp_path: Path, film: Path):
    home, asked = Home(tmp_path), list[int]()

    @contextmanager
    def nobody(parts: Sequence[Part], frames: int, elapsed_s: float) -> Generator[None]:
        asked.append(len(parts))
        assert frames > 0
        assert elapsed_s >= 0
        yield None

    spec = spec_in(home, film)
    segments = len({each.spec.digest for one in home.planned(spec).clips for each in one.segments})
    helped(home, spec, nobody)
    assert asked == list(range(segments - 1, 0, -1))
    helped(home, spec.model_copy(update={"job": "00000000-0000-7000-8000-000000000002"}), nobody)
    assert len(asked) == segments - 1, "where everything is there nobody is asked"


def test_progress_counts_everybody_s_frames_and_never_goes_back(tmp_path: Path, film: Path):
    home = Home(tmp_path)
    helped(home, spec_in(home, film), Friend(Home(tmp_path, store=home.store)).help)
    rendering = [record.progress for record in home.announce.told if record.progress.phase == "rendering"]
    assert [each.done for each in rendering] == sorted(each.done for each in rendering)
    assert all(each.done <= each.total for each in rendering)


def test_another_network_makes_no_part_of_it(tmp_path: Path, film: Path):
    home = Home(tmp_path)
    spec = spec_in(home, film)
    segment = home.planned(spec).clips[0].segments[0]
    part = Part(source=segment.footing.ref, look="crisp", spec=segment.spec)
    with pytest.raises(Internal, match="another network"):
        render_part(part, USER, Home(tmp_path, store=home.store, network=Enlarger(network="other")).tools, told_nobody)
    assert home.segments() == {}
    assert Part.model_validate_json(part.model_dump_json()) == part
