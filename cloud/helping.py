"""Help with a framing that would take long: other containers render parts of it, into the same store.

    {job}/part/{attempt}/{hash}      who renders a part: put once, by whoever comes to it first
    {job}/helper/{attempt}/{n}       how far a helper is: one entry, one writer

Everybody walks through the same parts from another place on and takes what nobody has. So there is nothing to hand out
and nobody waits for a helper that never comes; and what one has begun and not finished, whoever asked makes in the end.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from cloud.calls import Calls
from cloud.costs import Cost, costs_of
from cloud.entries import Entries
from jobs.part import Helpers, Part, render_part
from jobs.ports import Ledger
from jobs.tools import Report, Tools
from reel.errors import Cancelled, NotFound, ReelError, StoreUnavailable

MOST_HELPERS: Final = 5
"""For one job: half of all GPU containers, so that the next person's job begins too."""
MEASURED_S: Final = 1.0
"""Less than this says nothing of how fast a machine is."""
LOOK_S: Final = 1.0
QUIET_S: Final = 60.0
"""A helper that has said nothing for so long is not waited for."""
VERSION: Final = 1


class Order(BaseModel):
    """What a helper is called for: the attempt that asked, and the parts in the order in which it looks at them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = VERSION
    job: str
    user: str
    attempt: int
    number: int
    parts: tuple[Part, ...]

    def claim(self, part: Part) -> str:
        """Return the entry that says who renders a part."""
        return f"{self.job}/part/{self.attempt}/{part.spec.digest}"

    @property
    def said(self) -> str:
        """The entry in which this helper says how far it is."""
        return f"{self.job}/helper/{self.attempt}/{self.number}"


def helpers_for(frames_left: int, frames: int, elapsed_s: float, fan_out_s: float) -> int:
    """Return how many helpers are worth their start, by the speed that one machine has shown.

    As many as have `fan_out_s` of work each, beside the one that asks; none before there is a speed to judge by.
    """
    if elapsed_s < min(MEASURED_S, fan_out_s) or frames <= 0:
        return 0
    alone_s = frames_left * elapsed_s / frames
    return min(MOST_HELPERS, int(alone_s / fan_out_s) - 1) if alone_s >= 2 * fan_out_s else 0


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks for helpers for one attempt: see jobs.part.Help. `attempt` is asked when its number is known."""

    calls: Calls
    entries: Entries
    user: str
    job: str
    attempt: Callable[[], int]
    fan_out_s: float
    costs: list[Cost]
    """What helpers have cost is added here."""

    @contextmanager
    def __call__(self, parts: Sequence[Part], frames: int, elapsed_s: float) -> Generator[Helpers | None]:
        """See Help."""
        left = sum(part.spec.frame_count for part in parts)
        count = min(helpers_for(left, frames, elapsed_s, self.fan_out_s), len(parts) - 1)
        if count < 1:
            yield None
            return
        crew = Crew(self.calls, self.entries, self.costs)
        try:
            for number in range(1, count + 1):
                at = number * len(parts) // (count + 1)
                order = (*parts[at:], *parts[:at])
                crew.call(Order(job=self.job, user=self.user, attempt=self.attempt(), number=number, parts=order))
            yield crew
        finally:
            crew.dismiss()


@dataclass(slots=True)
class _Helper:
    """A helper as it was last heard of: `heard_s` on our own clock, None before it has said anything."""

    order: Order
    call: str
    said: str | None = None
    heard_s: float | None = None
    frames: int = 0
    over: bool = False


@dataclass(slots=True)
class Crew:
    """Those who help one attempt: see jobs.part.Helpers. While the Dict is away it is as good as alone."""

    calls: Calls
    entries: Entries
    costs: list[Cost]
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep
    _helpers: list[_Helper] = field(default_factory=list["_Helper"])
    _looked_s: float = float("-inf")

    def call(self, order: Order) -> None:
        """Call a helper; one that cannot be called does not come."""
        with suppress(StoreUnavailable):
            self._helpers.append(_Helper(order, self.calls.spawn("assist", order.model_dump_json())))

    def leave(self, part: Part) -> bool:
        """See Helpers."""
        if not self._helpers:
            return True
        try:
            return self.entries.first(self._helpers[0].order.claim(part), "asker") == "asker"
        except StoreUnavailable:
            return True

    def frames(self) -> int:
        """See Helpers: as of less than a moment ago."""
        if self.clock() - self._looked_s >= LOOK_S:
            self._look()
        return sum(helper.frames for helper in self._helpers)

    def wait(self, report: Report) -> None:
        """See Helpers."""
        self._look()
        while any(map(self._is_at_it, self._helpers)):
            report(done=self.frames())
            self.pause(min(LOOK_S, 0.2))
        report(done=self.frames())

    def dismiss(self) -> None:
        """Stop whoever is not through, and keep from beginning whoever did not come."""
        for helper in self._helpers:
            if not helper.over:
                with suppress(StoreUnavailable):
                    self.calls.cancel(helper.call)

    def _is_at_it(self, helper: _Helper) -> bool:
        return helper.heard_s is not None and not helper.over and self.clock() - helper.heard_s < QUIET_S

    def _look(self) -> None:
        self._looked_s = self.clock()
        try:
            told = self.entries.read(*(helper.order.said for helper in self._helpers)) if self._helpers else ()
        except StoreUnavailable:
            return
        for helper, text in zip(self._helpers, told, strict=True):
            if text is not None and text != helper.said:
                said = json.loads(text)
                helper.said, helper.heard_s, helper.frames = text, self._looked_s, said["frames"]
                if said["over"] and not helper.over:
                    helper.over = True
                    self.costs.extend(costs_of(json.dumps(said["costs"])))


# The other side


def assist(text: str, entries: Entries, ledger: Ledger, tools: Tools, spent: Callable[[], Cost]) -> int:
    """Render parts until nobody needs any; return how many. An order of a newer release is left to who gave it."""
    try:
        order = Order.model_validate_json(text)
    except ValidationError:
        return 0
    saying = _Saying(order, entries, ledger, tools.clock)
    made = 0
    try:
        saying()
        for part in order.parts:
            saying.require_wanted()
            if entries.first(order.claim(part), f"helper-{order.number}") == f"helper-{order.number}":
                render_part(part, order.user, tools, saying)
                saying.base += part.spec.frame_count
                made += 1
    except ReelError:  # whoever asked makes what is lacking, and says what is wrong with it if it cannot
        return made
    finally:
        saying.last(spent())
    return made


@dataclass(slots=True)
class _Saying:
    """The Report of a helper. Every moment it says how far it is, and hears whether anybody still wants it."""

    order: Order
    entries: Entries
    ledger: Ledger
    clock: Callable[[], float]
    base: int = 0
    _done: int = 0
    _said_s: float = float("-inf")

    def __call__(
        self,
        *,
        done: int | None = None,
        total: int | None = None,  # noqa: ARG002 - a Report's form
        phase: str | None = None,  # noqa: ARG002 - the same
    ) -> None:
        """See Report. Raises Cancelled."""
        self._done = max(self._done, self.base + (done or 0))
        if self.clock() - self._said_s >= LOOK_S:
            self._said_s = self.clock()
            self.require_wanted()
            self._say(over=False, costs=[])

    def require_wanted(self) -> None:
        """Raise Cancelled once the attempt that asked has ended. A ledger that is away, or was lost, says nothing."""
        try:
            record = self.ledger.read(self.order.job)
        except (NotFound, StoreUnavailable):
            return
        if record.state != "running" or record.attempt != self.order.attempt:
            raise Cancelled

    def last(self, cost: Cost) -> None:
        """Say that this helper is through, and what it has cost."""
        self._say(over=True, costs=[cost])

    def _say(self, *, over: bool, costs: Sequence[Cost]) -> None:
        said = {"frames": self._done, "at_s": self.clock(), "over": over, "costs": [asdict(cost) for cost in costs]}
        with suppress(StoreUnavailable):
            self.entries.put(self.order.said, json.dumps(said))
