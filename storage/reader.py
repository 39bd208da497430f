"""An object as a file: read in blocks, the next one fetched while this one is looked at."""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

BLOCK_BYTES = 8 * 2**20
KEPT_BLOCKS = 4  # sound and picture of one file are read at two places, each with the block ahead of it


class ObjectReader(io.RawIOBase):
    """A seekable reader of `size_bytes`; `fetch(start, stop)` returns these bytes, or raises what the read raises.

    `first` is the object's beginning, if that was read already. Used by one thread at a time.
    """

    def __init__(self, fetch: Callable[[int, int], bytes], size_bytes: int, first: bytes = b"") -> None:
        super().__init__()
        self._fetch = fetch
        self._size = size_bytes
        self._place = 0
        self._blocks: OrderedDict[int, Future[bytes]] = OrderedDict()
        self._ahead = ThreadPoolExecutor(2, "read-ahead")
        if len(first) >= min(BLOCK_BYTES, size_bytes):
            known: Future[bytes] = Future()
            known.set_result(first[:BLOCK_BYTES])
            self._blocks[0] = known

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Return the place of the next byte."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, also behind the end; return it."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        if origin + offset < 0:
            raise ValueError(f"there is no place {origin + offset}")
        self._place = origin + offset
        return self._place

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer, short only at the end of the object; return how many bytes that were."""
        wanted = memoryview(buffer).cast("B")
        begun = self._place
        stop = min(begun + len(wanted), self._size)
        while self._place < stop:
            number, offset = divmod(self._place, BLOCK_BYTES)
            piece = self._block(number)[offset : offset + stop - self._place]
            at = self._place - begun
            wanted[at : at + len(piece)] = piece
            self._place += len(piece)
        return self._place - begun

    def close(self) -> None:
        """Ask for nothing more; what is under way is not waited for."""
        if not self.closed:
            self._ahead.shutdown(wait=False, cancel_futures=True)
            self._blocks.clear()
        super().close()

    def _block(self, number: int) -> bytes:
        follows = number == 0 or number - 1 in self._blocks
        block = self._asked(number)
        if follows and (number + 1) * BLOCK_BYTES < self._size:
            self._asked(number + 1)
        while len(self._blocks) > KEPT_BLOCKS:
            self._blocks.popitem(last=False)[1].cancel()
        try:
            return block.result()
        except BaseException:
            self._blocks.pop(number, None)  # or the fault would be kept as if it were the block
            raise

    def _asked(self, number: int) -> Future[bytes]:
        if number not in self._blocks:
            start = number * BLOCK_BYTES
            stop = min(start + BLOCK_BYTES, self._size)
            self._blocks[number] = self._ahead.submit(self._fetch, start, stop)
        self._blocks.move_to_end(number)
        return self._blocks[number]
