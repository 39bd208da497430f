"""A job's sources, opened: original footage only, never a proxy."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from jobs.clip import Footing
from jobs.ports import Store
from jobs.spec import SourceRef
from media.open import Footage
from media.probe import probe
from reel.errors import NotFound, SourceGone
from reel.timing import Span


@contextmanager
def original(ref: SourceRef, store: Store) -> Generator[Footage]:
    """Open a source's bytes. Raises SourceGone."""
    with ExitStack() as opened:
        try:
            footage = opened.enter_context(store.open(ref.key))
        except NotFound as gone:
            raise SourceGone(source=ref.id) from gone
        yield footage


@contextmanager
def standing(ref: SourceRef, store: Store) -> Generator[Footing]:
    """Open and probe a source; its tail was looked at when it came. Raises SourceGone and a BadSource."""
    with original(ref, store) as footage:
        source = probe(footage, tail=False)
        if ref.usable_until_pts is not None:
            source = replace(source, span=Span(source.span.in_pts, ref.usable_until_pts))
        yield Footing(ref, footage, source)
