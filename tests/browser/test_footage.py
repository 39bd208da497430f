"""Footage as people really bring it: a phone's HEVC, held upright, in halves, still on its way, its address run out."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Visit
from tests.browser.marking import clips_of, clock, go_to, line, opened, saved, seen, span_of, stands_at
from tests.browser.visitor import PATIENCE_MS, Visitor
from tests.journeys.parent import Parent
from tests.local.service import Service

pytestmark = pytest.mark.footage

LEFT = "01_soccertrack_left_3072x1728_hevc_noaudio.mp4"
RIGHT = "02_soccertrack_right_3072x1728_hevc_aac.mp4"
PEOPLE = "07_intel_people_768x432_10fps_139s.mp4"
MATCH = "09_derived_match_1080p25_70s_audio.mp4"
UPRIGHT = "10_derived_portrait_rot90_vfr_720p_8s.mov"

Shows = Callable[..., Visitor]


@pytest.fixture
def shows(visit: Visit, parent: Parent, service: Service) -> Shows:
    """What opens a game of the parent's."""

    def come(game: str, **more: object) -> Visitor:
        visitor = visit(**more)
        visitor.context.add_cookies([{"name": "reel_session", "value": parent.visitor.cookie, "url": service.url}])
        visitor.go(f"/games/{game}")
        return visitor

    return come


def hold_part(page: Page, number: int) -> list[Route]:
    """Keep back one part of every upload: what is kept is sent on by who asked."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        is_it = f"partNumber={number}&" in route.request.url + "&"
        if route.request.method == "PUT" and is_it:
            held.append(route)
        else:
            route.continue_()

    page.route("**/*partNumber=*", hold)
    return held


def test_hevc_is_seen_as_its_copy_and_stepped_frame_by_frame(parent: Parent, shows: Shows, footage_dir: Path) -> None:
    game = parent.adds_game("HEVC")
    source = parent.brings(game, footage_dir / LEFT)
    assert source["plays"] == "proxy"
    page = shows(game).page
    opened(page)
    picture = seen(page)
    assert picture["width"] > 0, "HEVC itself is 0 pixels wide in this browser"
    assert picture["width"] / picture["height"] == pytest.approx(3072 / 1728, rel=0.01)
    go_to(page, 5)
    for said in ("0:05.04", "0:05.08"):
        page.keyboard.press("ArrowRight")
        expect(clock(page)).to_have_text(said)
    page.keyboard.press("Space")
    page.wait_for_function("() => [...document.querySelectorAll('main video')].some((v) => v.currentTime > 5.6)")
    page.keyboard.press("Space")


def test_a_phone_held_upright_is_seen_upright_at_its_own_frames(parent: Parent, shows: Shows, footage_dir: Path):
    game = parent.adds_game("Upright")
    source = parent.brings(game, footage_dir / UPRIGHT)
    assert source["plays"] == "proxy"
    page = shows(game).page
    opened(page)
    picture = seen(page)
    assert 0 < picture["width"] < picture["height"]
    page.get_by_role("slider", name="Playhead").press("Home")
    told = [clock(page).inner_text()]
    for _ in range(12):
        page.keyboard.press("ArrowRight")
        expect(clock(page)).not_to_have_text(told[-1])
        told.append(clock(page).inner_text())
    n, d = source["facts"]["time_base"]
    frames = parent.visitor.location(f"/api/sources/{source['id']}/ptsmap")
    begun = page.evaluate("(url) => fetch(url).then((answer) => answer.json())", frames)
    (step_n, step_d), (count, _, *more) = begun["step"], begun["runs"]
    pts = [number * step_n // step_d for number in range(count)]
    end = count * step_n
    for run_count, gap in zip(more[::2], more[1::2], strict=True):
        end += gap
        pts += [(end + number * step_n) // step_d for number in range(run_count)]
        end += run_count * step_n
    assert [float(said.partition(":")[2]) for said in told] == pytest.approx(
        [(at - pts[0]) * n / d for at in pts[:13]], abs=0.0101
    ), "each step goes to the next frame, however far apart they are"
    gaps = {round((after - before) * n / d, 3) for before, after in pairwise(pts)}
    assert len(gaps) > 1, "the footage has a variable frame rate"


def test_two_halves_are_one_timeline(parent: Parent, shows: Shows, footage_dir: Path) -> None:
    game = parent.adds_game("Halves")
    parent.brings(game, footage_dir / RIGHT, part=1)  # ten seconds, played from a copy
    parent.brings(game, footage_dir / PEOPLE, part=2)  # as it is
    page = shows(game).page
    opened(page)
    expect(page.get_by_text("/ 2:29")).to_be_visible()
    go_to(page, 9)
    first = seen(page)["src"]
    page.keyboard.press("Space")
    page.wait_for_function(f"(first) => ({PLAYS_ANOTHER})(first)", arg=first)
    page.keyboard.press("Space")
    go_to(page, 14)
    stands_at(page, 4.05, 0.02)  # the second half's own fourth second
    page.keyboard.press("n")
    saved(page)
    (made,) = clips_of(parent, game)
    assert span_of(made) == (0, pytest.approx(6, abs=0.1)), "a clip lies in one half"
    expect(page.get_by_label("Starts", exact=True)).to_have_value("0:10.00")
    go_to(page, 10)
    page.keyboard.press("ArrowLeft")
    expect(clock(page)).to_have_text("0:09.96")
    assert stands_at(page, 9.97, 0.03)["src"] == first


PLAYS_ANOTHER = """(first) => [...document.querySelectorAll("main video")].some(
  (video) => video.src !== first && !video.paused && video.currentTime > 0.4)"""


def test_clips_are_marked_in_the_file_itself_while_it_is_on_its_way(visitor: Visitor, footage_dir: Path) -> None:
    page = visitor.page
    held = hold_part(page, 2)
    visitor.go()
    visitor.add_game("On its way", footage_dir / MATCH)
    page.get_by_role("button", name="Mark clips").click()
    opened(page)
    go_to(page, 30)
    picture = stands_at(page, 30)
    assert (picture["src"][:5], picture["width"]) == ("blob:", 1920)
    page.keyboard.press("n")
    page.keyboard.press("4")
    page.keyboard.press("Shift+1")
    saved(page)
    expect(page.get_by_role("button", name="1 under way")).to_be_visible()

    (kept,) = held
    with page.expect_response(re.compile("/ptsmap"), timeout=4 * PATIENCE_MS):  # from then on its frames are known
        kept.continue_()
    expect(page.get_by_role("button", name="Nothing under way")).to_be_visible(timeout=4 * PATIENCE_MS)
    expect(page.get_by_text("/ 1:10")).to_be_visible()
    expect(clock(page)).to_have_text("0:30.00")
    assert seen(page) == picture, "what is looked at stays where it is when the footage is known"
    page.keyboard.press("ArrowRight")
    expect(clock(page)).to_have_text("0:30.04")
    page.keyboard.press("o")
    expect(page.get_by_label("Ends", exact=True)).to_have_value("0:30.04")
    saved(page)
    game = page.url.rpartition("/")[2]
    (made,) = page.request.get(f"{visitor.url}/api/games/{game}/clips").json()["items"]
    assert span_of(made) == (22, pytest.approx(30.04))
    assert made["time_base"] != [1, 90_000]
    assert (made["rating"], made["tags"]) == (4, ["Goal"])
    assert visitor.faults() == []
    visitor.forgive("409")  # put onto the footage's frames between a change here and its save: nobody is asked


def test_the_second_half_comes_while_the_first_is_marked(visitor: Visitor, footage_dir: Path) -> None:
    page = visitor.page
    held = hold_part(page, 2)
    visitor.go()
    visitor.add_game("Both halves", footage_dir / PEOPLE, footage_dir / MATCH)  # the match is the second by its name
    page.get_by_role("button", name="Mark clips").click()
    opened(page)
    go_to(page, 20)
    page.keyboard.press("n")
    saved(page)
    expect(page.get_by_text("/ 3:29")).to_be_visible()
    page.get_by_role("button", name="1 under way").wait_for(timeout=4 * PATIENCE_MS)  # the first has come
    expect(clock(page)).to_have_text("0:20.00")
    for _ in range(30):
        page.keyboard.press("Control+ArrowRight")
    expect(clock(page)).to_have_text("2:50.00")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+2")
    expect(line(page, "Good Assist")).to_be_visible()
    saved(page)
    for kept in held:
        kept.continue_()
    expect(page.get_by_role("button", name="Nothing under way")).to_be_visible(timeout=4 * PATIENCE_MS)
    expect(clock(page)).to_have_text("2:50.00")
    game = page.url.rpartition("/")[2]
    clips = page.request.get(f"{visitor.url}/api/games/{game}/clips").json()["items"]
    spans = sorted(span_of(clip) for clip in clips)
    assert spans == [(12, pytest.approx(22, abs=0.1)), (pytest.approx(22.7, abs=0.2), pytest.approx(32.7, abs=0.2))]


def test_a_picture_that_this_browser_cannot_show_is_said_so(visitor: Visitor, footage_dir: Path) -> None:
    page = visitor.page
    visitor.go()
    visitor.add_game("From a phone", footage_dir / RIGHT)  # of ten seconds: it is a play, not a match
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.get_by_text("The picture comes when the upload is done")).to_be_visible()
    assert visitor.faults() == []
    expect(page.get_by_text("The picture comes when the upload is done")).to_be_hidden(timeout=4 * PATIENCE_MS)
    assert seen(page)["width"] > 0

    hevc = (footage_dir / RIGHT).read_bytes()
    page.route("**/api/media/proxy/*", lambda route: route.fulfill(body=hevc, content_type="video/mp4"))
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("This browser shows no picture of this video")
    assert page.evaluate("document.querySelector('main video').videoWidth") == 0


def test_an_address_that_has_run_out_is_renewed_unseen(parent: Parent, shows: Shows, footage_dir: Path) -> None:
    game = parent.adds_game("Run out")
    parent.brings(game, footage_dir / MATCH)
    visitor = shows(game)
    page, given, refused = visitor.page, [], []

    def expire(route: Route) -> None:
        """Do as the store does an hour after it gave the first addresses."""
        if signature(route.request.url) in first:
            refused.append(route.request.url)
            route.fulfill(status=403, body="")
        else:
            route.continue_()

    page.on("request", lambda request: given.append(signature(request.url)))
    page.reload()
    opened(page)
    first = set(filter(None, given))
    page.route("**/*X-Amz-Signature=*", expire)
    go_to(page, 65)
    expect(page.get_by_role("alert")).to_have_count(0)
    stands_at(page, 65.02, 0.02)
    assert refused, "what lies so far on had not come yet"
    visitor.forgive("403")


def signature(url: str) -> str | None:
    """Return what the store signed an address with."""
    found = re.search("X-Amz-Signature=([0-9a-f]+)", url)
    return found and found[1]
