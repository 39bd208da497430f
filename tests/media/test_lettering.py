"""Letters of any script: shaped, in order, as wide as their fonts say, none lost and none broken."""

from __future__ import annotations

from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from media import lettering, typeface
from media.canvas import canvas_of
from media.lettering import LINE, Line, Style, draw, width, wrapped
from media.typeface import Weight
from reel.text import ELLIPSIS, clusters

STYLE = Style(40.0)
BOLD = Style(40.0, "bold")
SAMPLES = {
    "inter.ttf": "Þórr Ąčé Ωμέγα Привет Việt 90+3’ “ok” – 5€ №7 ½ ★ →",
    "noto-sans-arabic.ttf": "هدف",
    "noto-sans-hebrew.ttf": "גול",
    "noto-sans-devanagari.ttf": "क्षत्रि",
    "noto-sans-bengali.ttf": "র্কগোল",
    "noto-sans-gurmukhi.ttf": "ਪੰਜਾਬੀ",
    "noto-sans-gujarati.ttf": "ગુજરાતી",
    "noto-sans-tamil.ttf": "தமிழ்",
    "noto-sans-telugu.ttf": "తెలుగు",
    "noto-sans-kannada.ttf": "ಕನ್ನಡ",
    "noto-sans-malayalam.ttf": "മലയാളം",
    "noto-sans-sinhala.ttf": "සිංහල",
    "noto-sans-thai.ttf": "ประตู",
    "noto-sans-lao.ttf": "ລາວ",
    "noto-sans-khmer.ttf": "ខ្មែរ",
    "noto-sans-myanmar.ttf": "မြန်မာ",
    "noto-sans-armenian.ttf": "Հայերեն",
    "noto-sans-georgian.ttf": "ქართული",
    "noto-sans-ethiopic.ttf": "አማርኛ",
    "noto-sans-cjk.otf": "日本のゴール한국중中国进球傳球",
    "noto-color-emoji.ttf": "⚽🔥💪🏽👨‍👩‍👧🇩🇪🏴󠁧󠁢󠁥󠁮󠁧󠁿❤️1️⃣👩🏻‍❤️‍👨🏾🤾‍♀️🐐⭐",
}
GREY = {"⚽", "👨‍👩‍👧"}  # as Noto draws them


def glyphs(text: str, style: Style = STYLE, *, rtl: bool = False):
    return lettering._shaped(Line(text, rtl=rtl), style)[0]


def ink(text: str, style: Style = STYLE, *, rtl: bool = False) -> NDArray[np.float32]:
    """Return how a line covers a canvas."""
    canvas = canvas_of(ceil(width(text, style)) + 40, 80)
    draw(canvas, [Line(text, rtl=rtl)], style, (1, 1, 1), (20, 10, canvas.shape[1] - 40), "start")
    return canvas


def test_every_bundled_font_is_sampled_here():
    assert set(SAMPLES) == set(typeface.ORDER) == {path.name for path in typeface.FOLDER.glob("*.[ot]tf")}


@pytest.mark.parametrize(("name", "text"), SAMPLES.items(), ids=list(SAMPLES))
def test_a_script_has_its_font_and_no_letter_is_a_box(name: str, text: str):
    found = glyphs(text)
    assert {glyph.font for glyph in found} == {name}
    assert all(glyph.number for glyph in found)
    assert ink(text)[..., 3].max() > 0.9


@pytest.mark.parametrize("character", clusters(SAMPLES["noto-color-emoji.ttf"]))
def test_an_emoji_is_one_picture_in_colour(character: str):
    drawn = ink(character)
    assert width(character, STYLE) == pytest.approx(width("⚽", STYLE))
    assert {glyph.number for glyph in glyphs(character, rtl=True)} == {glyph.number for glyph in glyphs(character)}
    assert drawn[..., 3].max() > 0.9
    assert np.abs(drawn[..., 0] - drawn[..., 2]).max() > 0.1 or character in GREY


def test_symbols_are_letters_until_they_are_asked_for_in_colour():
    assert [typeface.font_name(character) for character in ("❤", "❤\ufe0f", "1", "1\ufe0f\u20e3", "©", "⚽")] == [
        *("inter.ttf", "noto-color-emoji.ttf", "inter.ttf", "noto-color-emoji.ttf"),
        *("inter.ttf", "noto-color-emoji.ttf"),
    ]


def test_what_no_font_has_is_a_box_that_is_seen():
    for text in ("\U00013000", "\U000f0000", "\ud800", "ꦲ"):
        found = glyphs(text)
        assert [(glyph.font, glyph.number) for glyph in found][:1] == [(typeface.LATIN, 0)] or text == "\ud800"
        assert ink(text)[..., 3].max() > 0.5
    assert ink("\t")[..., 3].max() == ink("\x07")[..., 3].max() == ink("\u2028")[..., 3].max() == 0.0


def test_arabic_letters_take_the_form_of_their_place():
    alone, joined = glyphs("ه")[0].number, [glyph.number for glyph in glyphs("ههه", rtl=True)]
    assert len({alone, *joined}) == 4
    assert width("لا", STYLE) < width("ل", STYLE) + width("ا", STYLE)


def test_mixed_lines_are_drawn_in_their_order():
    found = glyphs("ab גד")
    assert [glyph.font for glyph in found] == ["inter.ttf"] * 3 + ["noto-sans-hebrew.ttf"] * 2
    dalet, gimel = (glyphs(letter)[0].number for letter in "דג")
    assert [glyph.number for glyph in found[3:]] == [dalet, gimel]
    assert [glyph.font for glyph in glyphs("גד ab", rtl=True)][:2] == ["inter.ttf"] * 2
    opening, closing = (glyphs(bracket)[0].number for bracket in "()")
    assert [glyph.number for glyph in glyphs("(ג)", rtl=True)][::2] == [opening, closing]


def test_widths_are_the_fonts_own():
    """Against FreeType, by Pillow: the advance of a lone letter needs no shaping."""
    pillow = ImageFont.truetype(str(typeface.FOLDER / typeface.LATIN), 1000, layout_engine=ImageFont.Layout.BASIC)
    weights: dict[Weight, int] = {"regular": 450, "bold": 680}
    for weight, value in weights.items():
        pillow.set_variation_by_axes([value])
        for letter in "Hgm4—":
            assert width(letter, Style(1000.0, weight)) == pytest.approx(pillow.getlength(letter), abs=2.0)
    assert width("AV", STYLE) < width("A", STYLE) + width("V", STYLE) - 1  # kerned
    assert width("صلاح", BOLD) == width("صلاح", STYLE), "bolder strokes of one weight are no wider, as in browsers"


@pytest.mark.parametrize("letter", ["H", "g", "ß"])
def test_letters_are_drawn_where_and_as_heavy_as_freetype_draws_them(letter: str):
    size = 180  # at which hinting, which ours leaves out, moves little
    pillow = ImageFont.truetype(str(typeface.FOLDER / typeface.LATIN), size, layout_engine=ImageFont.Layout.BASIC)
    pillow.set_variation_by_axes([450])
    truth = Image.new("L", (220, 260))
    ImageDraw.Draw(truth).text((20, 10 + size), letter, 255, pillow, anchor="ls")
    canvas = canvas_of(220, 260)
    draw(canvas, [Line(letter)], Style(size), (1, 1, 1), (20, 10, 180), "start")
    wanted = np.asarray(truth, np.float32) / 255
    assert np.abs(canvas[..., 3] - wanted).sum() < 0.05 * wanted.sum()
    assert canvas[..., 3].sum() == pytest.approx(wanted.sum(), rel=0.02)


@pytest.mark.parametrize("shift", [0.25, 0.5, 1.0])
def test_letters_stand_at_fractions_of_a_pixel(shift: float):
    def centre(left: float) -> float:
        canvas = canvas_of(200, 80)
        draw(canvas, [Line("Sami 42")], Style(30.0), (1, 1, 1), (left, 10, 100), "start")
        weight = canvas[..., 3].sum(axis=0)
        return float((weight * np.arange(weight.size)).sum() / weight.sum())

    assert centre(20 + shift) - centre(20) == pytest.approx(shift, abs=0.02)


def test_lines_begin_where_their_paragraph_does():
    text = "abc\nאבג"
    lines = wrapped(text, STYLE, 400)
    assert [(line.text, line.rtl) for line in lines] == [("abc", False), ("אבג", True)]
    canvas = canvas_of(400, 2 * ceil(STYLE.size_px * LINE) + 10)
    draw(canvas, lines, STYLE, (1, 1, 1), (0, 0, 400), "start")
    middle = ceil(STYLE.size_px * LINE)
    columns = [np.flatnonzero(rows[..., 3].max(axis=0) > 0.2) for rows in (canvas[:middle], canvas[middle:])]
    assert columns[0].min() < 10
    assert columns[0].max() < 120
    assert columns[1].min() > 280
    assert columns[1].max() >= 390
    centred = canvas_of(400, 60)
    draw(centred, lines[:1], STYLE, (1, 1, 1), (0, 0, 400), "centre")
    inked = np.flatnonzero(centred[..., 3].max(axis=0) > 0.2)
    assert (inked.min() + inked.max()) / 2 == pytest.approx(200, abs=3)


def test_a_line_of_a_paragraph_keeps_the_order_it_had_in_it():
    """The number belongs to the Arabic before it, though that stands on another line (W2)."""
    paragraph = "ا ا ا 1-2"
    lines = wrapped(paragraph, STYLE, width("1-2", STYLE) * 1.05)
    last = lines[-1]
    assert (last.text, last.rtl) == ("1-2", True)
    two = glyphs("2")[0].number
    assert lettering._shaped(last, STYLE)[0][0].number == two


def test_what_is_too_long_ends_in_an_ellipsis_that_fits():
    text = "one two three four five six seven"
    across = width("one two three", STYLE)
    lines = wrapped(text, STYLE, across, 2)
    assert len(lines) == 2
    assert lines[1].text.endswith(ELLIPSIS)
    assert all(width(line.text, STYLE) <= across for line in lines)
    assert wrapped(text, STYLE, across, 9) == wrapped(text, STYLE, across)


def test_the_same_words_give_the_same_pixels():
    text = "Sami شكرا 日本 ⚽ क्ष"
    first = ink(text, BOLD)
    for cached in (lettering._shaped, typeface.font_name, typeface.font, typeface._face, typeface.coverage):
        cached.cache_clear()
    assert np.array_equal(ink(text, BOLD), first)


anything = st.text(max_size=24) | st.text(
    st.sampled_from("".join(SAMPLES.values()) + " \n\u200d\u200f\ufe0f"), max_size=24
)


@settings(max_examples=60)
@given(anything, st.floats(1.0, 90.0), st.floats(0.0, 300.0))
def test_any_text_is_laid_out_and_drawn(text: str, size: float, across: float):
    style = Style(size)
    lines = wrapped(text, style, across)
    assert all(len(clusters(line.text)) <= 1 or width(line.text, style) <= across for line in lines)
    canvas = canvas_of(64, 64)
    draw(canvas, lines, style, (1, 1, 1), (-3.5, 2.25, across), "centre")
    assert np.isfinite(canvas).all()
    assert -1e-6 <= canvas.min() <= canvas.max() <= 1 + 1e-5
