"""Pictures through a chain of libavfilter's filters, which is made anew wherever they change their form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import chain, groupby, pairwise
from typing import NamedTuple

import av.error
from av.filter import Graph
from av.video.format import VideoFormat
from av.video.frame import VideoFrame


class Form(NamedTuple):
    """What a chain of filters is made for."""

    width: int
    height: int
    layout: str
    time_base: Fraction


def filtered(pictures: Iterable[VideoFrame], *filters: tuple[str, str]) -> Iterator[VideoFrame]:
    """Pass pictures through `filters`, each a name and its options; what a filter holds back comes at the end."""
    for form, alike in groupby(pictures, _form):
        graph = _graph(form, filters)
        for picture in chain(alike, (None,)):
            graph.push(picture)
            yield from _pulled(graph)


def _form(picture: VideoFrame) -> Form:
    assert picture.time_base is not None
    return Form(picture.width, picture.height, picture.format.name, picture.time_base)


def _graph(form: Form, filters: Sequence[tuple[str, str]]) -> Graph:
    graph = Graph()
    source = graph.add_buffer(
        width=form.width, height=form.height, format=VideoFormat(form.layout), time_base=form.time_base
    )
    steps = [source, *(graph.add(name, options) for name, options in filters), graph.add("buffersink")]
    for before, after in pairwise(steps):
        before.link_to(after)
    graph.configure()
    return graph


def _pulled(graph: Graph) -> Iterator[VideoFrame]:
    while True:
        try:
            picture = graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        assert isinstance(picture, VideoFrame)
        yield picture
