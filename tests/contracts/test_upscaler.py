"""The contract of Upscaler, held over every implementation."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import count, islice
from typing import Any

import numpy as np
import pytest

from gpu.planar_upscaler import PlanarUpscaler, TorchPlanarUpscaler
from gpu.upscaler import NcnnUpscaler, TorchUpscaler
from gpu.weights import Blend
from jobs.clip import reference
from jobs.pieces import BlendRef
from jobs.ports import Picture, Upscaler
from tests.gpu.tiny import COMPACT, PLANAR, compact, noise, own, planes, random_state
from tests.jobs.homes import Enlarger

SIBLING = replace(compact(random_state(COMPACT.tensors(), 8)), network="sibling")
BLENDED = replace(compact(), blend=Blend(SIBLING, 0.25))
OWN = own(random_state(PLANAR.tensors()))

UPSCALERS: dict[str, Callable[[], Upscaler]] = {
    "compact by ncnn": lambda: NcnnUpscaler(compact(), threads=1),
    "blended by ncnn on two threads": lambda: NcnnUpscaler(BLENDED, threads=2, detail=0.5),
    "compact by torch": lambda: TorchUpscaler(compact(), device="cpu"),
    "blended by torch": lambda: TorchUpscaler(BLENDED, device="cpu", detail=0.5),
    "planar by ncnn": lambda: PlanarUpscaler(OWN, 2, threads=1),
    "planar by ncnn on three threads": lambda: PlanarUpscaler(OWN, 3, threads=3),
    "planar by torch": lambda: TorchPlanarUpscaler(OWN, 3, device="cpu"),
    "the tests' own for rgb": Enlarger,
    "the tests' own for planes": lambda: Enlarger(3, takes="planes"),
}
MOST_AHEAD = 16


@dataclass(frozen=True)
class Subject:
    """An upscaler, and how to make the pictures that it takes."""

    upscaler: Upscaler

    def picture(self, height: int, width: int, seed: int = 0) -> Picture:
        return noise(height, width, seed) if self.upscaler.takes == "rgb" else planes(height, width, seed)

    def parts(self, picture: Picture) -> tuple[np.ndarray, ...]:
        parts: tuple[np.ndarray, ...] = (picture,) if self.upscaler.takes == "rgb" else picture
        assert all(isinstance(part, np.ndarray) for part in parts)
        return parts

    def assert_same(self, one: Picture, other: Picture) -> None:
        for each in zip(self.parts(one), self.parts(other), strict=True):
            np.testing.assert_array_equal(*each)


@pytest.fixture(scope="module", params=UPSCALERS)
def subject(request: pytest.FixtureRequest) -> Subject:
    return Subject(UPSCALERS[request.param]())


def test_says_what_it_is(subject: Subject) -> None:
    upscaler, named = subject.upscaler, reference(subject.upscaler)
    assert len(named.weights_sha256) == 64
    assert (named.name, named.scale, named.detail) == (upscaler.network, upscaler.scale, upscaler.detail)
    blend = (named.blend.name, named.blend.weights_sha256, named.blend.share) if named.blend else None
    assert blend == upscaler.blend


def test_a_blend_is_told_apart() -> None:
    plain, blended = (reference(UPSCALERS[name]()) for name in ("compact by torch", "blended by torch"))
    assert blended.blend == BlendRef(name="sibling", weights_sha256=SIBLING.sha256, share=0.25)
    assert blended.detail == 0.5
    assert plain.model_copy(update={"blend": blended.blend, "detail": 0.5}) == blended


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (2, 3), (5, 1), (8, 8), (23, 31), (24, 30)])
def test_makes_a_picture_of_the_scaled_size(subject: Subject, size: tuple[int, int]) -> None:
    picture = subject.picture(*size)
    before = [part.copy() for part in subject.parts(picture)]
    made = subject.parts(subject.upscaler.upscale(picture))
    height, width = (side * subject.upscaler.scale for side in size)
    half = -(-height // 2), -(-width // 2)
    whole = [(height, width, 3)] if subject.upscaler.takes == "rgb" else [(height, width), half, half]
    assert [part.shape for part in made] == whole
    assert {part.dtype for part in made} == {np.dtype(np.uint8)}
    assert all(part.flags.c_contiguous for part in made)
    for part, old in zip(subject.parts(picture), before, strict=True):
        np.testing.assert_array_equal(part, old)


@pytest.mark.parametrize("length", [0, 1, 2, 7])
def test_a_stream_is_the_pictures_in_order_each_as_alone(subject: Subject, length: int) -> None:
    pictures = [subject.picture(20, 24, seed) for seed in range(length)]
    alone = [subject.upscaler.upscale(picture) for picture in pictures]
    streamed = list(subject.upscaler.stream(iter(pictures)))
    assert len(streamed) == length
    for one, other in zip(alone, streamed, strict=True):
        subject.assert_same(one, other)


def test_a_stream_takes_pictures_of_any_size(subject: Subject) -> None:
    pictures = [subject.picture(8 + seed // 2, 9, seed) for seed in range(5)]
    for picture, made in zip(pictures, subject.upscaler.stream(pictures), strict=True):
        subject.assert_same(made, subject.upscaler.upscale(picture))


def test_several_threads_may_call_at_once(subject: Subject) -> None:
    pictures = [subject.picture(30 + seed, 26, seed) for seed in range(6)]
    with ThreadPoolExecutor(3) as pool:
        streamed = pool.submit(lambda: list(subject.upscaler.stream(pictures)))
        together = [*pool.map(subject.upscaler.upscale, pictures)]
    for picture, one, other in zip(pictures, together, streamed.result(), strict=True):
        subject.assert_same(one, subject.upscaler.upscale(picture))
        subject.assert_same(other, one)


def test_a_picture_may_be_a_view_and_may_be_gone_afterwards(subject: Subject) -> None:
    whole = subject.parts(subject.picture(40, 48))
    cut = tuple(part[4 : 4 + len(part) // 2, 2 : 2 + part.shape[1] // 2] for part in whole)

    def form(parts: tuple[np.ndarray, ...]) -> Picture:
        return parts[0] if subject.upscaler.takes == "rgb" else parts

    kept = subject.upscaler.upscale(form(cut))
    expected = subject.upscaler.upscale(form(tuple(part.copy() for part in cut)))
    for part in whole:
        part[:] = 0
    subject.assert_same(kept, expected)


def test_a_stream_takes_a_few_ahead_in_the_thread_that_iterates(subject: Subject) -> None:
    taken: list[int] = []

    def endless() -> Generator[Any]:
        for seed in count():
            taken.append(threading.get_ident())
            yield subject.picture(6, 8, seed)

    with closing(subject.upscaler.stream(endless())) as made:
        assert len(list(islice(made, 3))) == 3
    assert set(taken) == {threading.get_ident()}
    assert 3 <= len(taken) <= 3 + MOST_AHEAD


def test_an_error_of_the_pictures_comes_through(subject: Subject) -> None:
    def broken() -> Generator[Any]:
        yield subject.picture(6, 8)
        raise RuntimeError("the footage ends")

    with pytest.raises(RuntimeError, match="the footage ends"):
        list(subject.upscaler.stream(broken()))


def test_a_stream_that_is_closed_leaves_no_thread(subject: Subject) -> None:
    before = set(threading.enumerate())
    made = subject.upscaler.stream(subject.picture(6, 8, seed) for seed in count())
    next(made)
    made.close()
    assert list(made) == []
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
        assert not thread.is_alive()
