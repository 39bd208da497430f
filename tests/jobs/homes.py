"""A small home to run jobs in: memory for a store, a network that repeats pixels, and footage whose truth is known."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import numpy as np
from av.video.frame import VideoFrame

from jobs.clip import Footing
from jobs.memory import MemoryAnnounce, MemoryLedger, MemoryStore
from jobs.plan import Plan, plan_framing
from jobs.ports import Ledger, Picture, Store
from jobs.run import Result, run
from jobs.sources import standing
from jobs.spec import CropKeyValue, FramingClip, FramingSpec, Look, SourceRef, Spec
from jobs.tools import Tools
from media import ffmpeg
from media.colour import lines
from media.decode import all_frames
from media.open import Footage, open_footage
from reel.geometry import Size

USER = "ann"
FRAME_RATE = Fraction(25)
RAW = ("-c:v", "libx264", "-preset", "ultrafast", "-qp", "0", "-threads", "1")


def uuid(number: int) -> str:
    """Return a job's or a project's id."""
    return f"00000000-0000-7000-8000-{number:012d}"


@dataclass(eq=False)
class Enlarger:
    """A network that repeats each pixel, and remembers the shape of all that it was given: of planes, luma's."""

    scale: int = 2
    network: str = "repeat"
    weights_sha256: str = "1" * 64
    blend: tuple[str, str, float] | None = None
    detail: float = 0.0
    takes: Literal["rgb", "planes"] = "rgb"
    meanwhile: Callable[[], object] = lambda: None
    seen: list[tuple[int, ...]] = field(default_factory=list)

    def upscale(self, picture: Picture) -> Picture:
        parts = (picture,) if self.takes == "rgb" else picture
        self.seen.append(parts[0].shape)
        self.meanwhile()
        whole, *chroma = (part.repeat(self.scale, axis=0).repeat(self.scale, axis=1) for part in parts)
        rows, columns = (-(-side // 2) for side in whole.shape[:2])
        return whole if self.takes == "rgb" else (whole, *(np.ascontiguousarray(c[:rows, :columns]) for c in chroma))

    def stream(self, pictures: Iterable[Picture]) -> Generator[Picture]:
        for picture in pictures:
            yield self.upscale(picture)


class Clock:
    """A clock that stands still until it is told."""

    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@dataclass
class Home:
    """Everything that a job is given. `run` gives each spec to jobs.run as the two real homes do."""

    scratch: Path
    store: Store = field(default_factory=MemoryStore)
    ledger: Ledger = field(default_factory=MemoryLedger)
    announce: MemoryAnnounce = field(default_factory=MemoryAnnounce)
    network: Enlarger = field(default_factory=Enlarger)
    asked: list[tuple[Look, float]] = field(default_factory=list)
    clock: Callable[[], float] = time.monotonic

    @property
    def tools(self) -> Tools:
        return Tools(self.store, self.ledger, self.announce, self.load, self.scratch, self.clock)

    def load(self, look: Look, enlargement: float) -> Enlarger:
        self.asked.append((look, enlargement))
        return self.network

    def adopt(self, path: Path, name: str = "one", **fields: Any) -> SourceRef:
        """Put footage into the store as a source."""
        body = path.read_bytes()
        key = f"{USER}/games/{name}{path.suffix}"
        self.store.put(key, body)
        return SourceRef(id=name, key=key, sha256=hashlib.sha256(body).hexdigest(), **fields)

    def run(self, spec: Spec) -> Result:
        return run(spec, self.tools)

    def done(self, spec: Spec) -> dict[str, Any]:
        """Run a job that has to succeed and return its value."""
        result = self.run(spec)
        assert result.outcome == "done", result.error
        assert result.value is not None
        return result.value

    def failure(self, spec: Spec) -> dict[str, Any]:
        """Run a job that has to fail and return the envelope of its error."""
        result = self.run(spec)
        assert (result.outcome, result.value) == ("failed", None)
        assert result.error is not None
        return result.error

    def standing(self, *sources: SourceRef) -> dict[str, Footing]:
        """Return the footings of sources. Footage in memory needs no closing."""
        stack = ExitStack()
        return {ref.id: stack.enter_context(standing(ref, self.store)) for ref in sources}

    def planned(self, spec: FramingSpec) -> Plan:
        """Plan a framing without rendering any of it."""
        return plan_framing(spec, self.standing(*spec.sources), self.load, told_nobody)

    def segments(self) -> dict[str, bytes]:
        """Return every segment in the store, by its key."""
        return {key: self.store.read(key) for key in self.store.keys(f"{USER}/segments/")}


def told_nobody(*, done: int | None = None, total: int | None = None, phase: str | None = None) -> None:
    """A report that nobody listens to."""


def clip(in_pts: int, out_pts: int, **fields: Any) -> FramingClip:
    """Return a clip in milliseconds of the source `one`, unless said otherwise."""
    named: dict[str, Any] = {"id": "a", "source": "one", "time_base": (1, 1000), "look": "crisp"}
    return FramingClip(**(named | fields), in_pts=in_pts, out_pts=out_pts)


def framing(sources: Sequence[SourceRef], *clips: FramingClip, job: int = 1, **fields: Any) -> FramingSpec:
    """Return the spec of a draft in the smallest shape, unless said otherwise."""
    named: dict[str, Any] = {"aspect": "1:1", "draft": True, "user": USER, "project": uuid(900)}
    return FramingSpec(**(named | fields), job=uuid(job), sources=tuple(sources), clips=clips)


def crop(pts: int, cx: float, cy: float, h: float, ease: str = "linear") -> CropKeyValue:
    """Return a keyframe of a crop."""
    return CropKeyValue.model_validate({"pts": pts, "cx": cx, "cy": cy, "h": h, "ease": ease})


# Footage


def painted(path: Path, pictures: Sequence[np.ndarray], *options: str, rate: Fraction = FRAME_RATE) -> Path:
    """Write grey pictures, (height, width) each, without loss."""
    height, width = pictures[0].shape
    shape = ["-f", "rawvideo", "-pix_fmt", "gray", "-video_size", f"{width}x{height}", "-framerate", str(rate)]
    coding = options if "-c:v" in options else (*RAW, "-pix_fmt", "yuv420p", *options)
    ffmpeg.run(
        [*shape, "-i", "pipe:0", *coding, "-y", f"file:{path}"], stdin=b"".join(each.tobytes() for each in pictures)
    )
    return path


def spot(size: Size, x: float, y: float, radius: float = 3.0) -> np.ndarray:
    """Return a dark picture with a soft bright spot whose centroid is (x, y), in continuous pixels."""
    across, down = np.arange(size.width) + 0.5 - x, np.arange(size.height) + 0.5 - y
    light = np.exp(-(across[None, :] ** 2 + down[:, None] ** 2) / (2 * radius**2))
    return np.rint(40 + 200 * light).astype(np.uint8)


def centroid(luma: np.ndarray) -> tuple[float, float]:
    """Return where the light of a picture lies, in continuous pixels."""
    light = np.clip(luma.astype(float) - luma.min() - 20, 0, None)
    down, across = np.indices(luma.shape) + 0.5
    return float((light * across).sum() / light.sum()), float((light * down).sum() / light.sum())


# What came out


def shown_frames(footage: Footage) -> list[VideoFrame]:
    """Return every picture of an output, decoded."""
    return list(all_frames(footage))


def luma(frame: VideoFrame) -> np.ndarray:
    """Return a decoded picture's luma as it is coded, (height, width)."""
    return lines(frame.planes[0])[: frame.height, : frame.width]


def sound(footage: Footage) -> np.ndarray:
    """Return an output's sound as mono samples of -1..1 at 48 kHz."""
    with open_footage(footage) as container:
        return np.concatenate([frame.to_ndarray().mean(axis=0) for frame in container.decode(audio=0)])
