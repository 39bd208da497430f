"""The vet: a fresh upload is looked over first in a container without a network, without secrets, used once.

It cannot fetch the file, so it is given pieces of it: the first and the last at once, and those that it lacked in the
next round, in a fresh container. What it says is a word, not a file. It meets whatever a hostile file does to who opens
it; it does not see the pictures of a whole game, which the ingest decodes behind the limits of media/open.py.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, Final, cast

import modal.exception

from jobs.ports import Store
from jobs.sources import original
from jobs.spec import IngestSpec, Spec
from media.probe import probe
from reel.errors import BadSource, Internal, Json, SourceUnreadable, StoreUnavailable, by_code, from_envelope

PIECE_BYTES: Final = 2**20
MOST_PIECES: Final = 48
"""A four-hour recording's index has some ten megabytes. Who wants to see more is not served, and the ingest decides."""
FIRST, LAST = 4, 2  # pieces that are given at once
MORE: Final = 4  # times as many in each round: each is a container of its own

Said = dict[str, Any]
"""{"lacks": the numbers of pieces}, {"error": an envelope} or {}."""


def ask(function: Any, size_bytes: int, pieces: Mapping[int, bytes], accept_truncated: bool) -> Said:
    """Ask the vet. A file that its container died of, or that it was busy with for too long, cannot be read."""
    try:
        return function.remote(size_bytes, pieces, accept_truncated)
    except (modal.exception.RemoteError, modal.exception.InternalFailure, modal.exception.FunctionTimeoutError) as died:
        raise SourceUnreadable(reason=type(died).__name__) from died
    except (modal.exception.Error, OSError) as away:
        raise StoreUnavailable("Modal did not answer.", reason=str(away)[:500]) from away


def vetted(ask: Callable[[int, Mapping[int, bytes], bool], Said]) -> Callable[[Spec, Store], None]:
    """Return what looks a fresh source over before its job begins, by asking in rounds. It raises BadSource."""

    def first(spec: Spec, store: Store) -> None:
        if isinstance(spec, IngestSpec):
            _look_over(spec, store, ask)

    return first


def look(size_bytes: int, pieces: Mapping[int, bytes], accept_truncated: bool) -> Said:
    """Probe a file of which some pieces are here: say what is wrong with it, or which pieces are lacking."""
    file = _Pieces(size_bytes, pieces)
    error: dict[str, Json] | None = None
    try:
        probe(cast("BinaryIO", file), accept_truncated=accept_truncated)
    except BadSource as fault:
        error = fault.envelope()
    if file.lacks:  # then what was said of it is not to be trusted
        return {"lacks": sorted(file.lacks)}
    return {} if error is None else {"error": error}


def _look_over(spec: IngestSpec, store: Store, ask: Callable[[int, Mapping[int, bytes], bool], Said]) -> None:
    with original(spec.source, store) as footage:
        file = cast("BinaryIO", footage)
        size_bytes = file.seek(0, io.SEEK_END)
        last = max(0, size_bytes - 1) // PIECE_BYTES
        wanted = {*range(min(FIRST, last + 1)), *range(max(0, last + 1 - LAST), last + 1)}
        pieces: dict[int, bytes] = {}
        ahead = 1
        while wanted and len(pieces) + len(wanted) <= MOST_PIECES:
            pieces |= {number: _piece(file, number) for number in sorted(wanted)}
            said = ask(size_bytes, pieces, spec.accept_truncated)
            if "error" in said:
                raise _named(said["error"])
            ahead *= MORE
            lacks = [number for number in said.get("lacks", ()) if 0 <= number <= last]
            wanted = {each for number in lacks for each in range(number, min(number + ahead, last + 1))} - pieces.keys()


def _piece(file: BinaryIO, number: int) -> bytes:
    file.seek(number * PIECE_BYTES)
    return file.read(PIECE_BYTES)


def _named(error: dict[str, Json]) -> BadSource | Internal:
    """Return the error that a vet told of. It has seen the file: its word is taken for no more than it is."""
    if error.get("code") in by_code(BadSource):
        return cast("BadSource", from_envelope(error))
    return Internal("The file could not be looked over.")


class _Pieces(io.RawIOBase):
    """A file of which some pieces are here. Where one lacks the file seems to end, and that is noted."""

    def __init__(self, size_bytes: int, pieces: Mapping[int, bytes]) -> None:
        super().__init__()
        self._size_bytes, self._pieces, self._at = size_bytes, pieces, 0
        self.lacks: set[int] = set()

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that it can be read at any place."""
        return True

    def tell(self) -> int:
        """Return the place."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size_bytes}[whence]
        self._at = max(0, start + offset)
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, as many as are here in a row."""
        stop = self._size_bytes if size < 0 else min(self._size_bytes, self._at + size)
        parts: list[bytes] = []
        while self._at < stop:
            number, within = divmod(self._at, PIECE_BYTES)
            piece = self._pieces.get(number)
            if piece is None:
                self.lacks.add(number)
                break
            part = piece[within : within + stop - self._at]
            if not part:
                break
            parts.append(part)
            self._at += len(part)
        return b"".join(parts)
