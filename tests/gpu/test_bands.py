from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gpu.bands import Band, bands


def test_a_picture_that_fits_is_one_band() -> None:
    assert bands(720, 405, 34, 405 * 720) == (Band(0, 720, 0, 720),)


@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(1, 40), st.integers(1, 1 << 20))
def test_bands_cover_every_row_once_and_see_all_that_matters(height: int, width: int, reach: int, most: int) -> None:
    cut = bands(height, width, reach, most)
    assert [row for band in cut for row in range(band.top, band.bottom)] == [*range(height)]
    for band in cut:
        assert band.top < band.bottom
        assert (band.above, band.below) == (max(band.top - reach, 0), min(band.bottom + reach, height)) or len(cut) == 1
        assert (band.below - band.above) * width <= max(most, 3 * reach * width)
