"""The working video, frame by frame: which clips a frame shows, of which source picture; and what is put in where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from jobs.plan import Plan
from jobs.spec import FramingClip
from media.join import Chapter
from media.probe import Source
from reel.edit import Transition
from reel.geometry import Window


@dataclass(frozen=True, slots=True)
class Gap:
    """`count` frames that are put in before frame number `before`."""

    before: int
    count: int


@dataclass(frozen=True, slots=True)
class Shot:
    """One clip as the working video shows it.

    `frames` are what its frames show, as in a SegmentSpec: (source pts, centre x, centre y, width, height). The first
    `lead` of them it shares with the clip before, the last `trail` with the one after.
    """

    clip: FramingClip
    source: Source
    first_frame: int
    frames: Sequence[tuple[int, float, float, float, float]]
    lead: int
    trail: int
    comes: Transition
    goes: Transition

    @property
    def numbers(self) -> range:
        """The frames of the working video that show it."""
        return range(self.first_frame, self.first_frame + len(self.frames))

    @property
    def alone(self) -> range:
        """Those that show nothing else: never empty, but for a clip that is all transition."""
        return range(self.numbers.start + self.lead, self.numbers.stop - self.trail)

    def pts(self, number: int) -> int:
        """Return the source time of what a frame shows; the picture on screen as a clip begins may be older than it."""
        return max(self.frames[number - self.first_frame][0], self.clip.in_pts)

    def window(self, number: int) -> Window:
        """Return the window of the source that a frame shows: exactly the one that was rendered."""
        _, cx, cy, width, height = self.frames[number - self.first_frame]
        across, down = self.source.displayed.width, self.source.displayed.height
        return Window(cx / across, cy / down, width / across, height / down, self.clip.rotation_deg)

    def share(self, number: int) -> float:
        """Return how much of a frame is this clip's, 0..1: less than 1 in a transition, as its pictures are mixed."""
        at, left = number - self.numbers.start, self.numbers.stop - number
        if at < self.lead:
            return _shown(self.comes, (at + 0.5) / self.lead)
        if left <= self.trail:
            return _shown(self.goes, (left - 0.5) / self.trail)
        return 1.0


def shots(plan: Plan) -> tuple[Shot, ...]:
    """Return the clips of a framing as its video shows them."""
    following: list[Transition] = [*(clip.clip.transition_in for clip in plan.clips[1:]), "cut"]
    return tuple(
        Shot(
            clip=clip.clip,
            source=clip.footing.source,
            first_frame=clip.first_frame,
            frames=[frame for segment in clip.segments for frame in segment.spec.frames],
            lead=clip.lead,
            trail=clip.trail,
            comes=clip.clip.transition_in,
            goes=after,
        )
        for clip, after in zip(plan.clips, following, strict=True)
    )


def openings(plan: Plan) -> list[int]:
    """Return the frame with which each clip takes over: where its chapter begins, in the middle of a transition."""
    return [clip.first_frame + clip.lead // 2 for clip in plan.clips]


def chapters(names: Iterable[str], starts: Sequence[int], frame_count: int) -> list[Chapter]:
    """Return a chapter a clip, from where it starts to where the next one does; one without a name is numbered."""
    named = [name or f"Clip {number}" for number, name in enumerate(names, 1)]
    return [Chapter(*each) for each in zip(named, starts, [*starts[1:], frame_count], strict=True)]


def shifted(number: int, gaps: Iterable[Gap]) -> int:
    """Return the number that the frame `number` gets, before which what is put in there stands already: the first."""
    return number + sum(gap.count for gap in gaps if gap.before < number)


def ranges(numbers: Iterable[int]) -> Iterator[range]:
    """Iterate the stretches that numbers, in order and none twice, make."""
    begin = end = None
    for number in numbers:
        if begin is None or end is None:
            begin = number
        elif number != end:
            yield range(begin, end)
            begin = number
        end = number + 1
    if begin is not None and end is not None:
        yield range(begin, end)


def _shown(transition: Transition, share: float) -> float:
    """Return how much is shown of a clip that a transition has let in so far: a fade goes through black."""
    return max(0.0, 2 * share - 1) if transition == "fade" else share
