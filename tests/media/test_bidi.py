"""The order of mixed lines, by the examples of UAX #9 and by hand; small letters run left to right, ALEFs do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.bidi import is_rtl, levels, visual_order

HEBREW = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "אבגדהוזחטיכלמנסעפצקרשתםןףץ")
BACK = {chr(after): chr(before) for before, after in HEBREW.items()}


def shown(text: str, *, rtl: bool | None = None) -> str:
    """Return a line as it is seen: capitals stand for Hebrew letters."""
    line = text.translate(HEBREW)
    found = levels(line, rtl=is_rtl(line) if rtl is None else rtl)
    return "".join(BACK.get(character, character) for character in visual_order(line, found))


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("", ""),
        ("plain words", "plain words"),
        ("car is THE CAR in arabic", "car is RAC EHT in arabic"),  # UAX #9, 3.4
        ("CAR MEANS car", "car SNAEM RAC"),
        ("he said CAR MEANS car.", "he said SNAEM RAC car."),
        ("GOAL 2-1 NOW", "WON 2-1 LAOG"),
        ("GOAL 12", "12 LAOG"),
        ("in 90+3 GOAL", "in 90+3 LAOG"),
        ("GOAL!", "!LAOG"),
        ("he cried GOAL!", "he cried LAOG!"),
        ("he cried (GOAL) twice", "he cried (LAOG) twice"),
        ("SAID (goal) TWICE", "ECIWT )goal( DIAS"),  # not mirrored here: the shaper does that
        ("SAID goal (2 TIMES) TWICE", "ECIWT )SEMIT 2( goal DIAS"),
        ("costs 5€ HERE", "costs 5€ EREH"),
        ("PRICE 5€", "5€ ECIRP"),
        ("a\tAB CD", "a\tDC BA"),
        ("AB  ", "  BA"),
        ("ab CD  ", "ab DC  "),
    ],
)
def test_a_line_is_seen_in_its_order(text: str, seen: str):
    assert shown(text) == seen


def test_the_first_strong_character_decides_the_direction():
    assert [is_rtl(text) for text in ("", "12", "a א", "א a", "⚽ א", "“مرحبا” a", "\u200fa")] == [
        *(False, False, False),
        *(True, True, True, True),
    ]
    assert shown("ab CD", rtl=True) == "DC ab"


def test_numbers_after_arabic_letters_run_on_to_the_left():
    """W2: in 1-2 behind an Arabic letter each number is Arabic, so the score turns round; behind a Hebrew one not."""
    assert "".join(visual_order("ا 1-2", levels("ا 1-2", rtl=True))) == "2-1 ا"
    assert "".join(visual_order("א 1-2", levels("א 1-2", rtl=True))) == "1-2 א"


def test_joiners_and_marks_stay_with_their_letters():
    text = "aא\u05b8\u200dב"
    assert levels(text, rtl=False) == (0, 1, 1, 1, 1)
    assert levels("\u202bא\u202c", rtl=True)[1] == 1


@given(st.text(st.sampled_from("ab 12,.+-()[]«»אבגاب٣\u064b\u0301\u200d\t€⚽"), max_size=30), st.booleans())
def test_nothing_is_lost_and_levels_are_the_least_that_do(text: str, rtl: bool):
    found = levels(text, rtl=rtl)
    assert sorted(visual_order(text, found)) == sorted(text)
    assert all(rtl <= level <= rtl + 2 for level in found)
