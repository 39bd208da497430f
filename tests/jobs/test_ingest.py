"""Ingest, as a job: what it stores, what it says, and that it goes on where it was stopped."""

from __future__ import annotations

import hashlib
import itertools
import json
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from jobs import ingest as body
from jobs.ingest import Ingested, ingest
from jobs.memory import MemoryAnnounce, MemoryLedger, MemoryStore
from jobs.ports import Upscaler
from jobs.run import run
from jobs.spec import IngestSpec, Look, SourceRef
from jobs.tools import Tools
from jobs.window import window
from media.decode import all_frames
from media.index import read_ptsmap
from media.probe import probe
from media.sound import decoded_sound
from media.synth import Match, beeps, read_counter, write
from reel import keys
from reel.errors import Cancelled, PlaylistNotVideo, SourceGone, SourceTruncated
from reel.geometry import Size
from reel.timing import Span
from tests.media.footage import remuxed

USER = "dev-local"
GAME, SOURCE, JOB = (keys.uuid_of(hashlib.sha256(name.encode()).hexdigest()) for name in ("game", "source", "job"))
PLACE = (USER, GAME, SOURCE)
SMALL = Size(256, 144)


def tools_of(scratch: Path, store: MemoryStore | None = None) -> Tools:
    ticks = itertools.count()
    return Tools(
        store=store or MemoryStore(),
        ledger=MemoryLedger(),
        announce=MemoryAnnounce(),
        upscaler=no_network,
        scratch=scratch,
        clock=lambda: float(next(ticks)),
    )


def no_network(look: Look, enlargement: float) -> Upscaler:
    raise AssertionError(f"ingest asked for the network of {look} at {enlargement}")


def arrived(footage: Path, tools: Tools, ext: str) -> IngestSpec:
    """Put footage where an upload would have left it; return the job that looks it over."""
    key = keys.original(*PLACE, ext)
    content = footage.read_bytes()
    tools.store.put(key, content)
    ref = SourceRef(id=SOURCE, key=key, sha256=hashlib.sha256(content).hexdigest())
    return IngestSpec(user=USER, job=JOB, game=GAME, source=ref)


class Reports:
    """Remembers what a body reports, and cancels at a wish."""

    def __init__(self, cancel_at: tuple[str, int] | None = None) -> None:
        self.told: list[tuple[str, int, int]] = []
        self.phase, self.done, self.total = "", 0, 0
        self._cancel_at = cancel_at

    def __call__(self, *, done: int | None = None, total: int | None = None, phase: str | None = None) -> None:
        if phase is not None:
            self.phase, self.done, self.total = phase, 0, 0
        self.done = self.done if done is None else done
        self.total = self.total if total is None else total
        self.told.append((self.phase, self.done, self.total))
        if self._cancel_at and self._cancel_at[0] == self.phase and self.done >= self._cancel_at[1]:
            raise Cancelled


@pytest.fixture(scope="module")
def hevc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ingest") / "match.mov"
    write(Match(size=SMALL, duration_s=Fraction(3), codec="hevc"), path)
    return path


def test_a_source_that_browsers_play_gets_all_but_a_proxy(tmp_path: Path) -> None:
    path = tmp_path / "match.mp4"
    truth = write(Match(size=SMALL, duration_s=Fraction(3), rate=Fraction(30000, 1001)), path)
    tools, reports = tools_of(tmp_path), Reports()
    done = ingest(arrived(path, tools, "mp4"), tools, reports)
    assert done == Ingested(
        codec="h264",
        size_px=(256, 144),
        time_base=(1, 30000),
        in_pts=0,
        out_pts=89 * 1001,
        rate=(30000, 1001),
        frames=89,
        constant_rate=True,
        hdr=False,
        sound=True,
        sprite=done.sprite,
        proxy=False,
    )
    assert set(tools.store.keys("")) == {
        keys.original(*PLACE, "mp4"),
        keys.ptsmap(*PLACE),
        keys.index(*PLACE),
        keys.sprite(*PLACE),
        keys.peaks(*PLACE),
    }
    times = read_ptsmap(tools.store.read(keys.ptsmap(*PLACE)))
    assert [pts * Fraction(1, 30000) for pts in times] == [frame.at for frame in truth.frames]
    levels = json.loads(tools.store.read(keys.peaks(*PLACE)))["levels"]
    assert {20, 40} <= {place for place, level in enumerate(levels) if level > 195}
    assert [phase for phase, _ in itertools.groupby(reports.told, lambda told: told[0])] == [
        "checking",
        "indexing",
        "picturing",
        "listening",
    ]
    sheet = cv2.imdecode(np.frombuffer(tools.store.read(keys.sprite(*PLACE)), np.uint8), cv2.IMREAD_COLOR)
    assert sheet is not None
    assert sheet.shape[:2] == (done.sprite.tile_px[1], done.sprite.tile_px[0] * len(done.sprite.pts))


def test_another_source_gets_a_proxy_that_is_in_step(
    tmp_path: Path, hevc: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "PART_S", 1)
    tools, reports = tools_of(tmp_path), Reports()
    done = ingest(arrived(hevc, tools, "mov"), tools, reports)
    assert done.proxy
    assert not list(tools.store.keys(f"{keys.source_prefix(*PLACE)}windows/"))  # the parts are gone
    proxy = tmp_path / "proxy.mp4"
    proxy.write_bytes(tools.store.read(keys.proxy(*PLACE)))
    made = probe(proxy)
    assert (made.codec, made.displayed, made.rate, made.duration_s) == ("h264", SMALL, 25, 3)
    assert [read_counter(f.to_ndarray(format="gray"), SMALL) for f in all_frames(proxy)] == list(range(75))
    heard = beeps(decoded_sound(proxy, Fraction(0), 3 * 48000)[:, 0], 48000)
    assert heard == pytest.approx([1.0, 2.0], abs=0.001)
    copied = [done for phase, done, _ in reports.told if phase == "copying"]
    assert copied == sorted(copied)
    assert (copied[-1], reports.told[-1][0]) == (75, "joining")


def test_a_source_without_sound(tmp_path: Path) -> None:
    path = tmp_path / "match.mkv"
    write(Match(size=SMALL, duration_s=Fraction(1), audio=False), path)
    tools = tools_of(tmp_path)
    done = ingest(arrived(path, tools, "mkv"), tools, Reports())
    assert (done.sound, done.proxy) == (False, True)
    assert not tools.store.exists(keys.peaks(*PLACE))
    proxy = tmp_path / "proxy.mp4"
    proxy.write_bytes(tools.store.read(keys.proxy(*PLACE)))
    assert len(list(all_frames(proxy))) == 25


def test_stopped_and_started_again_it_ends_with_the_same_bytes(
    tmp_path: Path, hevc: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "PART_S", 1)
    undisturbed = tools_of(tmp_path)
    ingest(arrived(hevc, undisturbed, "mov"), undisturbed, Reports())
    tools = tools_of(tmp_path)
    spec = arrived(hevc, tools, "mov")
    with pytest.raises(Cancelled):
        ingest(spec, tools, Reports(cancel_at=("copying", 40)))
    assert len(list(tools.store.keys(f"{keys.source_prefix(*PLACE)}windows/"))) == 1
    assert not tools.store.exists(keys.proxy(*PLACE))
    again = Reports()
    ingest(spec, tools, again)
    assert [done for phase, done, _ in again.told if phase == "copying"][:3] == [0, 30, 31]
    assert tools.store.read(keys.proxy(*PLACE)) == undisturbed.store.read(keys.proxy(*PLACE))
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]  # nothing is left in the scratch folder


@pytest.mark.parametrize("phase", ["indexing", "picturing", "listening"])
def test_it_stops_in_every_phase(tmp_path: Path, hevc: Path, phase: str) -> None:
    tools = tools_of(tmp_path)
    with pytest.raises(Cancelled):
        ingest(arrived(hevc, tools, "mov"), tools, Reports(cancel_at=(phase, 1)))


def test_as_a_job_it_commits_a_result(tmp_path: Path) -> None:
    path = tmp_path / "match.mp4"
    write(Match(size=SMALL, duration_s=Fraction(1)), path)
    tools = tools_of(tmp_path)
    result = run(arrived(path, tools, "mp4"), tools)
    assert result.outcome == "done"
    assert result.value is not None
    assert result.value["frames"] == 25
    assert tools.store.exists(keys.result(USER, JOB))


def test_bad_footage_is_named(tmp_path: Path) -> None:
    tools = tools_of(tmp_path)
    playlist = tmp_path / "game.mp4"
    playlist.write_bytes(b"#EXTM3U\n#EXTINF:9,\nhttp://127.0.0.1:9/x.ts\n")
    with pytest.raises(PlaylistNotVideo):
        ingest(arrived(playlist, tools, "mp4"), tools, Reports())
    spec = arrived(playlist, tools, "mp4")
    tools.store.delete(spec.source.key)
    with pytest.raises(SourceGone):
        ingest(spec, tools, Reports())


def test_a_truncated_source_is_taken_when_the_person_says_so(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.mp4", tmp_path / "cut.mp4"
    write(Match(size=SMALL, duration_s=Fraction(6), gop_frames=25), whole)
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    tools = tools_of(tmp_path)
    spec = arrived(cut, tools, "mp4")
    with pytest.raises(SourceTruncated):
        ingest(spec, tools, Reports())
    done = ingest(spec.model_copy(update={"accept_truncated": True}), tools, Reports())
    assert 50 < done.frames < 125
    assert done.frames == len(read_ptsmap(tools.store.read(keys.ptsmap(*PLACE))))


def test_a_window_is_made_once(tmp_path: Path, hevc: Path) -> None:
    tools, reports = tools_of(tmp_path), Reports()
    spec = arrived(hevc, tools, "mov")
    tick = 12800
    first = window(USER, GAME, spec.source, Span(tick, 2 * tick), tools, reports)
    assert (first.first_pts, first.frames) == (0, 75)
    assert reports.told[-1] == ("copying", 75, 75)
    again = Reports()
    assert window(USER, GAME, spec.source, Span(tick, 2 * tick), tools, again) == first
    assert again.told == []
    made = tmp_path / "window.mp4"
    made.write_bytes(tools.store.read(first.key))
    assert [read_counter(f.to_ndarray(format="gray"), SMALL) for f in all_frames(made)] == list(range(75))


@pytest.mark.footage
def test_real_footage(tmp_path: Path, footage_dir: Path) -> None:
    tools = tools_of(tmp_path)
    match = ingest(arrived(next(footage_dir.glob("09_*.mp4")), tools, "mp4"), tools, Reports())
    assert (match.frames, match.rate, match.proxy, match.sound) == (1750, (25, 1), False, True)
    start = remuxed(next(footage_dir.glob("10_*.mov")), tmp_path / "phone.mov", "-t", "2")
    phone = ingest(arrived(start, tools, "mov"), tools, Reports())
    assert (phone.size_px, phone.constant_rate, phone.proxy) == ((720, 1280), False, True)
    proxy = tmp_path / "proxy.mp4"
    proxy.write_bytes(tools.store.read(keys.proxy(*PLACE)))
    made = probe(proxy)
    assert (made.displayed, made.rate) == (Size(540, 960), 25)
    assert abs(made.duration_s - (phone.out_pts - phone.in_pts) * Fraction(*phone.time_base)) <= Fraction(1, 25)
