from dataclasses import asdict

import pytest

from reel.banner import banner_layout
from reel.geometry import Size
from tests.golden import write as golden

VECTORS = golden.read("banner")


def test_the_vectors_are_what_the_reference_formulas_give():
    assert golden.is_fresh("banner")


@pytest.mark.parametrize("case", VECTORS["banner_layout"])
def test_banner_layout_meets_its_vectors(case: golden.Case):
    inputs = case["inputs"]
    layout = banner_layout(Size(**inputs["picture"]), inputs["shrink"])
    assert asdict(layout) == pytest.approx(case["expected"], abs=1e-6)
