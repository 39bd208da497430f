"""What the work needs from wherever it runs. Each contract here has one suite in tests/contracts over all adapters."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from jobs.spec import Spec
from jobs.state import Event, State
from reel.errors import Json

if TYPE_CHECKING:  # the API imports this: it neither needs numpy nor opens footage
    import numpy as np
    from numpy.typing import NDArray

    from media.open import Footage

Pixels: TypeAlias = "NDArray[np.uint8]"
Picture: TypeAlias = Any  # Pixels, or a tuple of three planes of them: which, an upscaler's `takes` says when it runs
Outcome: TypeAlias = Literal["done", "cancelled", "failed"]


class Store(Protocol):
    """Objects by key. A put is all or nothing and durable when it returns; readers see the old object or the new one.

    Every method raises BadField for what is no key, and StoreUnavailable; a put StorageFull, and AnswerLost after which
    nobody knows.
    """

    def open(self, key: str) -> AbstractContextManager[Footage]:
        """Open an object to be read at any place: a local file, or a seekable reader. Raises NotFound."""
        ...

    def read(self, key: str) -> bytes:
        """Return a whole object. Raises NotFound."""
        ...

    def exists(self, key: str) -> bool:
        """Say whether there is an object."""
        ...

    def put(self, key: str, body: bytes, *, create_only: bool = False) -> None:
        """Write an object. With `create_only` exactly one of several writers succeeds; raises AlreadyExists."""
        ...

    def put_file(self, key: str, path: Path, *, create_only: bool = False) -> None:
        """Write an object from a file of the scratch folder, which it may consume. Otherwise as `put`."""
        ...

    def delete(self, key: str) -> None:
        """Remove an object; fine if there is none."""
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """Iterate the keys that begin with `prefix`, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is; nothing is simulated from elapsed time. `fps` and `eta_s` are None until they are measured."""

    phase: str
    done: int = 0
    total: int = 0
    fps: float | None = None
    eta_s: float | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A job in the ledger. `heartbeat_s` is on the clock of the ledger's home.

    `seq` counts the changes since the job was created: of two records of one job the one with more is the newer.
    """

    job: str
    user: str
    kind: str
    state: State = "queued"
    attempt: int = 0
    progress: Progress = field(default_factory=lambda: Progress("queued"))
    error: dict[str, Json] | None = None
    heartbeat_s: float = 0.0
    seq: int = 0


class Ledger(Protocol):
    """The record of every job: a cache that may be lost. A job's committed result decides, not this."""

    def create(self, record: Record) -> bool:
        """Put a new job; False, changing nothing, if there is one of this id."""
        ...

    def read(self, job: str) -> Record:
        """Return a job's record. Raises NotFound."""
        ...

    def claim(self, job: str) -> Record:
        """Begin the next attempt; each caller gets an attempt number of its own. Raises NotFound, IllegalMove."""
        ...

    def move(self, job: str, event: Event, error: dict[str, Json] | None = None) -> Record:
        """Take a job to its next state. Raises NotFound, IllegalMove."""
        ...

    def beat(self, job: str, attempt: int, now_s: float, progress: Progress) -> Record:
        """Note that an attempt lives, and how far it is. Raises NotFound.

        Ignored if the job has ended, or a later attempt was claimed.
        """
        ...


@dataclass(frozen=True, slots=True)
class Standing:
    """How a job stands. `heartbeat_age_s` is None while nobody works on it; `stale` says that it was too long ago."""

    record: Record
    heartbeat_age_s: float | None
    stale: bool


class Dispatch(Protocol):
    """The way to the workers. Every method raises StoreUnavailable."""

    def submit(self, spec: Spec) -> str:
        """Hand a job over, to be executed once however often it is handed over; return the call that it became."""
        ...

    def cancel(self, job: str) -> Record:
        """Stop a job: at once if it waits, else soon; one that has ended stays as it is. Raises NotFound."""
        ...

    def read(self, job: str) -> Standing:
        """Return how a job stands. One that nobody works on any more is seen to first. Raises NotFound."""
        ...


class Announce(Protocol):
    """The doorbell: tells whoever listens. May lose what it is told; never raises."""

    def __call__(self, record: Record) -> None:
        """Tell the newest record of a job."""
        ...


class Upscaler(Protocol):
    """A network with its weights. Deterministic on a CPU: the same picture gives the same bytes, alone or in a stream.

    Called from any thread; a cancelled job does not wait for its call, so the next one's may begin before it returns.
    """

    network: str
    weights_sha256: str
    blend: tuple[str, str, float] | None
    """The network whose weights are mixed in, their digest and their share."""
    detail: float
    """The share of the picture's own detail that is given back to it."""
    scale: int
    takes: Literal["rgb", "planes"]
    """What a picture is: RGB (H, W, 3), or the planes of a 4:2:0 one, luma (H, W) and chroma twice (⌈H/2⌉, ⌈W/2⌉)."""

    def upscale(self, picture: Picture) -> Picture:
        """Return a picture as one of (H·scale, W·scale). Raises OutOfMemory."""
        ...

    def stream(self, pictures: Iterable[Picture]) -> Generator[Picture]:
        """Iterate pictures enlarged, in order, several at a time where that is faster, each to the same bytes as alone.

        Takes a few ahead, in the thread that iterates. An error of the network comes in its picture's turn, one of
        `pictures` at once. Closing this waits for nothing: what is begun runs out unheard. Raises OutOfMemory.
        """
        ...
