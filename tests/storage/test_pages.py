import pytest
from hypothesis import given
from hypothesis import strategies as st

from reel.errors import BadField
from storage.pages import checked_limit, page_of, place

keys = st.lists(st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(categories=["L", "N", "P"])), min_size=1)


@given(keys)
def test_a_page_ends_where_the_next_begins(key: list[int | str]):
    page = page_of(["a", "b"], 1, lambda _: tuple(key))
    assert page.items == ("a",)
    start = tuple("" if isinstance(part, str) else 0 for part in key)
    assert place(page.next, start) == tuple(key)


def test_the_last_page_says_so():
    assert page_of(["a", "b"], 2, lambda row: (row,)).next is None
    assert page_of(list[str](), 2, lambda row: (row,)).next is None


@given(st.text() | st.binary().map(lambda body: body.decode("latin-1")))
def test_any_other_text_is_the_end_of_no_page(text: str):
    with pytest.raises(BadField) as raised:
        place(text, ("", 0))
    assert raised.value.details["field"] == "/after"


def test_a_place_of_another_list_is_refused():
    page = page_of(["a", "b"], 1, lambda _: ("2026-05-16", "x"))
    for start in (("",), ("", 0), (0, ""), ("", "", "")):
        with pytest.raises(BadField):
            place(page.next, start)
    huge = page_of(["a", "b"], 1, lambda _: (2**70,))
    with pytest.raises(BadField):
        place(huge.next, (0,))


@pytest.mark.parametrize("limit", [0, -1, 201, True, 1.0, "5"])
def test_a_limit_is_from_1_to_200(limit: int):
    assert [checked_limit(1), checked_limit(200)] == [1, 200]
    with pytest.raises(BadField):
        checked_limit(limit)
