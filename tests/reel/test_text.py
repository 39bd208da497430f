from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reel.text import ELLIPSIS, Measure, break_lines, clusters, cut
from tests.golden import write as golden

VECTORS = golden.read("text")

scripts = st.text(
    st.sampled_from("ab-–. ,\n\u00a0e\u0301日本「」、ー한글هدف👨👩\u200d👍🏽🇩🇪कष\u094d\u200b"), max_size=60
)
widths = st.integers(1, 12)


def measured(advances: Mapping[str, float]) -> Measure:
    return lambda line: sum(advances.get(cluster, 1) for cluster in clusters(line))


one_each = measured({})


@pytest.mark.parametrize("case", VECTORS["clusters"], ids=lambda case: case["name"])
def test_clusters_meets_its_vectors(case: golden.Case):
    assert list(clusters(case["inputs"]["text"])) == case["expected"]


@pytest.mark.parametrize("case", VECTORS["break_lines"], ids=lambda case: case["name"])
def test_break_lines_meets_its_vectors(case: golden.Case):
    inputs = case["inputs"]
    measure = measured(inputs.get("advances", {}))
    assert list(break_lines(inputs["text"], inputs["max_width"], measure, inputs.get("max_lines"))) == case["expected"]


@pytest.mark.parametrize("case", VECTORS["cut"], ids=lambda case: case["name"])
def test_cut_meets_its_vectors(case: golden.Case):
    assert cut(**case["inputs"]) == case["expected"]


@given(st.text())
def test_clusters_joined_are_the_text(text: str):
    assert "".join(clusters(text)) == text


@given(scripts, widths)
def test_a_line_is_at_most_as_wide_as_it_may_be(text: str, width: int):
    assert all(one_each(line) <= width for line in break_lines(text, width, one_each))


@given(scripts, widths)
def test_breaking_loses_nothing_but_spaces_and_divides_no_cluster(text: str, width: int):
    lines = break_lines(text, width, one_each)
    spaces = " \u200b\n"
    kept = [cluster for cluster in clusters(text.strip(spaces)) if cluster not in spaces]
    assert [cluster for line in lines for cluster in clusters(line) if cluster not in spaces] == kept


@given(scripts, widths, st.integers(1, 4))
def test_a_limit_shortens_the_last_line_and_no_other(text: str, width: int, most: int):
    whole, limited = break_lines(text, width, one_each), break_lines(text, width, one_each, most)
    if len(whole) <= most:
        assert limited == whole
    else:
        assert limited[:-1] == whole[: most - 1]
        assert limited[-1].endswith(ELLIPSIS)
        assert whole[most - 1].startswith(limited[-1].removesuffix(ELLIPSIS))
        assert one_each(limited[-1]) <= width


@given(st.text(), st.integers(0, 50))
def test_a_cut_text_is_a_beginning_of_it_and_short_enough(text: str, most: int):
    beginning = cut(text, most)
    assert len(beginning) <= most
    assert " ".join(text.split()).startswith(beginning)
