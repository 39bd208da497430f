"""What the overlay draws on one clip: where its spotlight stands in each frame, its player's label, and how faint.

Without a spotlight a label stands in the corner for as long as a default spotlight would, with the same fades.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from jobs.spec import FramingClip, OverlayClip
from jobs.timeline import Shot
from media.colour import Planes
from media.compositor import blend
from media.label import label
from media.spotlight import draw_spotlight
from reel.geometry import Size
from reel.light import COLOURS
from reel.spotlight import Ellipse, Spotlight, default_spotlight, in_picture, outside, spotlight_at, to_output


@dataclass(frozen=True, slots=True)
class Mark:
    """What is drawn of a clip onto one frame: a spotlight of that look at an ellipse of the output, and a label.

    Without a spotlight the label stands in the corner.
    """

    label: str
    opacity: float
    look: Spotlight | None = None
    ellipse: Ellipse | None = None

    @property
    def visible(self) -> bool:
        """Whether anything of it is seen."""
        return self.opacity > 0 and (bool(self.label) or (self.look is not None and _shows(self.look)))

    def draw(self, planes: Planes) -> None:
        """Draw it onto a picture in place."""
        size = Size(planes.y.shape[1], planes.y.shape[0])
        if self.look is None or self.ellipse is None:
            tag = label(self.label, size)
        else:
            draw_spotlight(planes, self.ellipse, self.look)
            tag = label(self.label, size, self.ellipse, self.look.colour)
        if tag is not None:
            blend(planes, tag, self.opacity)


class Marks:
    """All that is drawn on one clip of the working video. `authored` is the clip on the clock of its spotlights.

    `frozen_at` is the frame that a freeze-frame shows, if there is one: the first spotlit one, which is to say the
    first in which the spotlight's player is seen, of those that the clip does not share with a neighbour; else the
    first of these.
    """

    def __init__(self, shot: Shot, authored: FramingClip, clip: OverlayClip, output: Size) -> None:
        self.shot, self._output, self._label = shot, output, clip.label.strip()
        self._time_base = Fraction(*authored.time_base)
        self._spotlights = tuple(spotlight.authored for spotlight in clip.spotlights)
        self._regions = self._spotlights
        if self._label and not self._spotlights:
            self._regions = (default_spotlight("", "", authored.span, self._time_base),)
        self._frozen_pts: Fraction | None = None
        self.frozen_at = self._first_lit() if clip.freeze_s > 0 else None
        if self.frozen_at is not None:
            self._frozen_pts = self._time(self.frozen_at)

    def at(self, number: int) -> Mark | None:
        """Return what is drawn onto frame `number` of the working video, None if nothing is to be seen.

        In a transition it is as faint as the clip's own pictures are. After a freeze-frame, where it was full already,
        a spotlight does not fade in once more.
        """
        region = self._region(number)
        if region is None:
            return None
        mark = self._mark(region, number, self.shot.share(number))
        return mark if mark.visible else None

    def frozen(self) -> Mark | None:
        """Return what is drawn onto the freeze-frame, at full opacity; None if nothing is to be seen."""
        assert self.frozen_at is not None
        region = self._region(self.frozen_at)
        mark = self._mark(region, self.frozen_at, 1.0, full=True) if region else Mark(self._label, 1.0)
        return mark if mark.visible else None

    def unseen(self) -> list[str]:
        """Return the ids of the spotlights whose player is in no frame: the crop or the clip's ends leave them out."""
        left = {spotlight.id: spotlight for spotlight in self._spotlights}
        for number in self.shot.numbers:
            region = self._region(number)
            if region is not None and region.id in left and not outside(self._placed(region, number), self._output):
                del left[region.id]
        return list(left)

    def _first_lit(self) -> int:
        for number in self.shot.alone:
            region = self._region(number)
            if region is not None and self._mark(region, number, 1.0, full=True).opacity > 0:
                return number
        return self.shot.alone.start

    def _mark(self, region: Spotlight, number: int, share: float, *, full: bool = False) -> Mark:
        ellipse = self._placed(region, number)
        ellipse = replace(ellipse, opacity=share * (1.0 if full else ellipse.opacity))
        if not self._spotlights:
            return Mark(self._label, ellipse.opacity)
        ellipse = in_picture(ellipse, self._output)
        return Mark(self._label, ellipse.opacity, region, ellipse)

    def _placed(self, region: Spotlight, number: int) -> Ellipse:
        found = spotlight_at(region, self._time(number), self._time_base, self._frozen_pts)
        assert found is not None
        return to_output(found, self.shot.window(number), self.shot.source.displayed, self._output)

    def _region(self, number: int) -> Spotlight | None:
        at = self._time(number)
        return next((region for region in self._regions if region.in_pts <= at < region.out_pts), None)

    def _time(self, number: int) -> Fraction:
        """Return the source time of what a frame shows, on the clock of the spotlights."""
        return self.shot.pts(number) * self.shot.source.time_base / self._time_base


def _shows(look: Spotlight) -> bool:
    """Say whether a spotlight of that look changes a picture."""
    return look.effect != "none" or (COLOURS[look.colour] is not None and (look.stroke or look.fill))
