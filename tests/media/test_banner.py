"""The banner fits any picture with all its words, wears the rating's colour, and says nothing that was not said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media import banner as module
from media.banner import Edge, banner
from media.colour import OUTPUT, Planes, frame_of, to_rgb
from media.compositor import Placed, blend
from media.lettering import Style, width
from reel.annotation import MOST_NOTES, RATINGS, Rating
from reel.banner import LEAST_TEXT_PX, banner_layout
from reel.geometry import Size
from reel.text import ELLIPSIS
from tests.media.planes import copied, plain, planes_in

NAME = "Brilliant Goal and Assist"
NOTE = (
    "Won the ball at halfway, beat two defenders ⚽🔥 and played a perfect ball: "
    '"هدف رائع من محمد صلاح في الدقيقة 90+3" '
    "said the coach 👏🏽💪. Next time look up earlier: Sami was free at the far post and the keeper had committed. "
    "Great work rate all half, and well done to the whole team! 🇸🇦🏆"
)[:MOST_NOTES]
CHINESE = ("进球漂亮，配合默契。" * 28)[:MOST_NOTES]
SIZES = [
    Size(1920, 1080),
    Size(720, 1280),
    Size(640, 360),
    Size(320, 180),
    Size(180, 320),
    Size(3840, 2160),
    Size(853, 479),
]


def test_the_note_is_as_long_as_notes_may_be():
    assert len(NOTE) == len(CHINESE) == MOST_NOTES


@pytest.mark.parametrize(
    ("picture", "note"),
    [*((picture, NOTE) for picture in SIZES), *((picture, CHINESE) for picture in SIZES[:3])],
    ids=lambda value: str(value)[:24],
)
def test_the_longest_note_fits_whole_and_is_large_enough_to_read(picture: Size, note: str):
    words = module._fitted(NAME, note, picture)
    assert "".join(line.text for line in words.notes).replace(" ", "") == note.replace(" ", "")
    assert words.layout.text_px >= LEAST_TEXT_PX
    assert words.layout.text_px >= 0.7 * banner_layout(picture).text_px
    assert all(width(line.text, Style(words.layout.text_px)) <= words.across + 1e-6 for line in words.notes)
    placed = banner(RATINGS[5], NAME, note, picture)
    margin = banner_layout(picture).margin_px
    assert placed.x >= margin - 2
    assert placed.x + placed.layer.width <= picture.width - margin + 2
    assert placed.y >= picture.height * 0.38
    assert placed.y + placed.layer.height <= picture.height - margin + 2


@pytest.mark.parametrize("rating", RATINGS.values(), ids=lambda rating: rating.name)
@pytest.mark.parametrize("edge", ["top", "bottom"])
def test_it_stands_at_its_edge_in_the_ratings_colour(rating: Rating, edge: Edge):
    picture = Size(640, 360)
    before = plain(picture, y=200, u=128, v=128)
    placed = banner(rating, NAME, "Left foot.", picture, edge)
    assert placed.y < 30 if edge == "top" else placed.y + placed.layer.height > 330
    after = copied(before)
    blend(after, placed)
    rgb = to_rgb(frame_of(after), OUTPUT)
    wanted = np.array([int(rating.colour[n : n + 2], 16) for n in (1, 3, 5)])
    badge = rgb[placed.y + 10, placed.x + 12].astype(int)
    assert np.abs(badge - wanted).max() <= 8
    middle = placed.y + placed.layer.height // 2
    border = rgb[middle, placed.x : placed.x + 3].astype(int)
    assert np.abs(border - wanted).sum(axis=1).min() < np.abs(np.array([200, 200, 200]) - wanted).sum() / 2
    outside = np.ones(before.y.shape, bool)
    outside[placed.y : placed.y + placed.layer.height, placed.x : placed.x + placed.layer.width] = False
    assert (after.y[outside] == 200).all()


def test_the_ground_is_dark_and_the_play_shines_through():
    picture = Size(640, 360)
    bright, dark = plain(picture, y=235), plain(picture, y=16)
    placed = banner(RATINGS[4], NAME, NOTE, picture)
    for planes in (bright, dark):
        blend(planes, placed)
    inside = np.s_[placed.y + 8 : placed.y + placed.layer.height - 8, placed.x + 8 : placed.x + placed.layer.width - 8]
    assert np.median(bright.y[inside]) < 90
    assert np.median(bright.y[inside]) > np.median(dark.y[inside]) + 10
    assert bright.y[inside].max() > 200  # letters


def test_without_words_there_is_the_symbol_and_without_notes_the_name():
    picture = Size(640, 360)
    symbol, name, both = (banner(RATINGS[3], *words, picture) for words in (("", ""), (NAME, ""), (NAME, NOTE)))
    assert symbol.layer.width == pytest.approx(symbol.layer.height, abs=2)
    assert symbol.layer.width < name.layer.width < both.layer.width
    assert name.layer.height < both.layer.height
    assert np.array_equal(banner(RATINGS[3], f" {NAME}\n", "  ", picture).layer.alpha, name.layer.alpha)


def test_a_name_from_right_to_left_turns_the_banner_round():
    picture = Size(640, 360)
    left, right = banner(RATINGS[5], "Goal", "", picture), banner(RATINGS[5], "هدف", "", picture)
    assert left.x < 30
    assert right.x + right.layer.width > 610
    solid = [np.flatnonzero(placed.layer.alpha[placed.layer.height // 4] > 250) for placed in (left, right)]
    assert solid[0].mean() < 0.45 * left.layer.width  # the badge
    assert solid[1].mean() > 0.55 * right.layer.width


def test_what_cannot_fit_is_cut_and_says_so():
    words = module._fitted("W" * 80, "W" * MOST_NOTES, Size(96, 54))
    shown = [*words.name, *words.notes]
    assert shown
    assert shown[-1].text.endswith(ELLIPSIS)


def test_the_same_clip_gives_the_same_bytes():
    first, second = (banner(RATINGS[2], NAME, NOTE, Size(640, 360)) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(planes_of(first), planes_of(second), strict=True))


def planes_of(placed: Placed):
    return (*planes_in(placed.layer.planes), placed.layer.alpha, placed.layer.alpha_chroma)


@settings(max_examples=40)
@given(
    st.text(max_size=90), st.text(max_size=60), st.integers(1, 400), st.integers(1, 400), st.sampled_from([*RATINGS])
)
def test_no_words_and_no_picture_break_it(name: str, notes: str, across: int, down: int, rating: int):
    planes = Planes(*(plane.copy() for plane in planes_in(plain(Size(across, down)))))
    blend(planes, banner(RATINGS[rating], name, notes, Size(across, down)))
    assert planes.y.shape == (down, across)
