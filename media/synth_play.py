"""The football of synthesised footage: who runs where, who has the ball and where the camera looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

LENGTH_M, WIDTH_M = 105.0, 68.0
GOAL_HALF_WIDTH_M, GOAL_HEIGHT_M = 3.66, 2.44
HERO = 10
STEP_S = 0.02  # of the simulation: the play is the same at every frame rate

Side: TypeAlias = Literal["home", "away", "referee"]


@dataclass(frozen=True, slots=True)
class Person:
    """Someone on the pitch. The home team attacks to the right; the hero is its number 10."""

    number: int
    side: Side
    keeper: bool = False

    @property
    def hero(self) -> bool:
        """Whether the footage is about this one."""
        return self.side == "home" and self.number == HERO


@dataclass(frozen=True, slots=True)
class Touch:
    """Something that someone did with the ball."""

    at_s: float
    person: int  # place in the line-up
    kind: Literal["control", "pass", "shot", "goal"]


@dataclass(frozen=True, slots=True)
class Moment:
    """Everything at one time. The pitch's centre line is x = 0, its near touchline y = 0; metres and radians."""

    xy: np.ndarray  # persons × 2
    heading: np.ndarray  # persons: 0 runs to the right, π/2 away from the camera
    stride: np.ndarray  # persons: phase of the legs
    speed: np.ndarray  # persons, metres a second
    ball: np.ndarray  # x, y, height
    aim: np.ndarray  # where the camera looks: x, y


@dataclass(frozen=True, slots=True)
class Play:
    """A whole match, sampled every STEP_S."""

    people: tuple[Person, ...]
    touches: tuple[Touch, ...]
    xy: np.ndarray  # steps × persons × 2
    heading: np.ndarray
    stride: np.ndarray
    speed: np.ndarray
    ball: np.ndarray  # steps × 3
    aim: np.ndarray  # steps × 2

    def at(self, seconds: float) -> Moment:
        """Return the moment, straight between the two nearest steps."""
        place = min(max(seconds / STEP_S, 0.0), len(self.ball) - 1.001)
        index = int(place)
        part = place - index

        def between(values: np.ndarray) -> np.ndarray:
            return values[index] * (1 - part) + values[index + 1] * part

        turn = np.angle(np.exp(1j * (self.heading[index + 1] - self.heading[index])))
        return Moment(
            xy=between(self.xy),
            heading=self.heading[index] + turn * part,
            stride=between(self.stride),
            speed=between(self.speed),
            ball=between(self.ball),
            aim=between(self.aim),
        )


def play_match(duration_s: float, players: int, seed: int) -> Play:
    """Play `duration_s` seconds with `players` in two teams and a referee; the same seed plays the same match."""
    people = _line_up(players, seed)
    game = _Game(people, np.random.default_rng([seed, 2]))
    steps = int(duration_s / STEP_S) + 3
    records = [game.step() for _ in range(steps)]
    xy, heading, stride, speed, ball = (np.array(column) for column in zip(*records, strict=True))
    return Play(people, tuple(game.touches), xy, heading, stride, speed, ball, _camera(ball))


def _line_up(players: int, seed: int) -> tuple[Person, ...]:
    """Return home, away and the referee; a team of four or more has a keeper, and home always has its number 10."""
    shirts = np.random.default_rng([seed, 1])
    people: list[Person] = []
    sides: tuple[tuple[Side, int], ...] = (("home", (players + 1) // 2), ("away", players // 2))
    for side, count in sides:
        keeper = count >= 4
        others = [number for number in range(2, max(20, count + 2)) if number != HERO]
        numbers = [HERO, *(int(number) for number in shirts.permutation(others))][: count - keeper]
        if keeper:
            people.append(Person(1, side, keeper=True))
        people += [Person(number, side) for number in numbers]
    return (*people, Person(0, "referee"))


@dataclass(frozen=True, slots=True)
class _Flight:
    """The ball on its way, from foot to where it comes to rest."""

    start: np.ndarray
    end: np.ndarray
    left_s: float
    lasts_s: float
    height_m: float
    scorer: int | None  # whose goal it is if nobody stops it


class _Game:
    """One ball, two teams that keep their shape, chase and pass; advanced a step at a time."""

    def __init__(self, people: tuple[Person, ...], rng: np.random.Generator) -> None:
        self.people = people
        self.rng = rng
        self.direction = np.array([{"home": 1.0, "away": -1.0, "referee": 0.0}[p.side] for p in people])
        self.keeper = np.array([p.keeper for p in people])
        self.home = self._formation()
        count = len(people)
        self.phase = rng.uniform(0, 2 * np.pi, (count, 2))
        self.now = 0.0
        self.touches: list[Touch] = []
        self.ball = np.array([-8.0, 30.0, 0.0])
        self.holder = next(index for index, person in enumerate(people) if person.hero)
        self.release = 3.0
        self.flight: _Flight | None = None
        self.receiver = self.holder
        self.xy = self._wanted()
        self.xy[self.holder] = self.ball[:2]
        self.velocity = np.zeros((count, 2))
        self.heading = np.where(self.direction < 0, np.pi, 0.0)
        self.stride = rng.uniform(0, 2 * np.pi, count)

    def step(self) -> tuple[np.ndarray, ...]:
        """Return positions, headings, strides, speeds and the ball now, then go on by STEP_S."""
        speed = np.hypot(*self.velocity.T)
        record = (self.xy.copy(), self.heading.copy(), self.stride.copy(), speed, self.ball.copy())
        self._move_people()
        self._move_ball()
        self.now += STEP_S
        return record

    def _formation(self) -> np.ndarray:
        """Return each one's place in the team's shape, centred on it: metres towards the other goal, and across."""
        places = np.zeros((len(self.people), 2))
        for side in (1.0, -1.0):
            members = np.flatnonzero((self.direction == side) & ~self.keeper)
            for order, index in enumerate(members):
                forward = 12.0 - 30.0 * order / max(1, len(members) - 1)
                across = ((order * 0.618 + 0.5) % 1.0 - 0.5) * 46.0
                places[index] = forward, across
        return places

    def _wanted(self) -> np.ndarray:
        """Return where everybody would like to stand."""
        x, y = self.ball[:2]
        sway = np.sin(self.phase + self.now * np.array([0.5, 0.37])) * (3.0, 2.5)
        wanted = np.empty_like(self.home)
        wanted[:, 0] = 0.72 * x + self.direction * self.home[:, 0]
        wanted[:, 1] = WIDTH_M / 2 + 0.45 * (y - WIDTH_M / 2) + self.home[:, 1]
        wanted += sway
        referee = self.direction == 0
        wanted[referee] = x - 7.0, min(max(y + 9.0, 6.0), WIDTH_M - 4.0)
        wanted[self.keeper, 0] = self.direction[self.keeper] * -(LENGTH_M / 2 - 3.0)
        wanted[self.keeper, 1] = WIDTH_M / 2 + 0.12 * (y - WIDTH_M / 2)
        return np.clip(wanted, (-LENGTH_M / 2 + 1, 1.0), (LENGTH_M / 2 - 1, WIDTH_M - 1.0))

    def _move_people(self) -> None:
        wanted = self._wanted()
        pace = np.full(len(self.people), 4.2)
        gap = np.hypot(*(self.xy - self.ball[:2]).T)
        if self.holder >= 0:
            wanted[self.holder] = self._dribble()
            pace[self.holder] = 5.2
        else:
            wanted[self.receiver] = self.flight.end[:2] if self.flight else self.ball[:2]
            pace[self.receiver] = 7.0
        attack = self.direction[self.receiver]
        rivals = np.where((self.direction == -attack) & ~self.keeper, gap, np.inf)
        if np.isfinite(rivals).any():
            chaser = int(rivals.argmin())
            wanted[chaser] = self.ball[:2] + np.array([attack * 1.6, 0.4])
            pace[chaser] = 5.6
        pull = (wanted - self.xy) * 1.3
        length = np.hypot(*pull.T)
        pull *= np.minimum(1.0, pace / np.maximum(length, 1e-6))[:, None]
        pull += self._elbow_room()
        change = pull - self.velocity
        force = np.hypot(*change.T)
        self.velocity += change * np.minimum(1.0, 6.0 * STEP_S / np.maximum(force, 1e-6))[:, None]
        self.xy = self.xy + self.velocity * STEP_S
        speed = np.hypot(*self.velocity.T)
        to_ball = np.arctan2(self.ball[1] - self.xy[:, 1], self.ball[0] - self.xy[:, 0])
        facing = np.where(speed > 0.6, np.arctan2(self.velocity[:, 1], self.velocity[:, 0]), to_ball)
        turn = np.angle(np.exp(1j * (facing - self.heading)))
        self.heading = self.heading + np.clip(turn, -7.0 * STEP_S, 7.0 * STEP_S)
        self.stride = self.stride + 2 * np.pi * STEP_S * np.where(speed > 0.3, 0.75 + 0.11 * speed, 0.0)

    def _elbow_room(self) -> np.ndarray:
        """Return the push away from everybody within a metre and a half."""
        apart = self.xy[:, None] - self.xy[None]
        distance = np.hypot(apart[..., 0], apart[..., 1]) + np.eye(len(self.xy)) * 99.0
        return (apart / distance[..., None] * np.maximum(0.0, 1.5 - distance)[..., None] * 4.0).sum(axis=1)

    def _dribble(self) -> np.ndarray:
        """Return where the one with the ball runs: at the goal, weaving."""
        direction = self.direction[self.holder]
        goal = np.array([direction * LENGTH_M / 2, WIDTH_M / 2])
        away = goal - self.xy[self.holder]
        ahead = away / max(1e-6, float(np.hypot(*away)))
        weave = np.array([-ahead[1], ahead[0]]) * 0.7 * np.sin(self.now * 1.9 + self.holder)
        return self.xy[self.holder] + (ahead + weave) * 5.0

    def _move_ball(self) -> None:
        if self.flight:
            self._fly(self.flight)
        elif self.holder < 0:
            if self._in_reach(1.0):
                self._control(self.receiver)
        else:
            self._lead_ball()
            if self.now >= self.release:
                self._kick()

    def _fly(self, flight: _Flight) -> None:
        part = min(1.0, (self.now - flight.left_s) / flight.lasts_s)
        rolled = 1 - (1 - part) ** 1.4  # fast off the foot, slower as it rolls
        self.ball = flight.start + (flight.end - flight.start) * rolled
        self.ball[2] += 4 * flight.height_m * part * (1 - part)
        if part >= 1.0:
            self.flight = None
            if flight.scorer is not None:
                self.touches.append(Touch(self.now, flight.scorer, "goal"))
        elif part > 0.5 and self._in_reach(0.9) and self.ball[2] < 1.0:
            self._control(self.receiver)

    def _in_reach(self, reach_m: float) -> bool:
        """Tell whether the ball is near the one that it was meant for."""
        return float(np.hypot(*(self.xy[self.receiver] - self.ball[:2]))) < reach_m

    def _lead_ball(self) -> None:
        """Keep the ball a step ahead of the one who has it."""
        heading = self.heading[self.holder]
        touch = 0.75 + 0.35 * np.sin(self.stride[self.holder])
        foot = self.xy[self.holder] + touch * np.array([np.cos(heading), np.sin(heading)])
        self.ball[:2] += (foot - self.ball[:2]) * min(1.0, 9.0 * STEP_S)
        self.ball[2] *= 0.8

    def _control(self, index: int) -> None:
        self.flight = None
        self.holder = index
        self.touches.append(Touch(self.now, index, "control"))
        held = self.rng.uniform(2.4, 3.6) if self.people[index].hero else self.rng.uniform(0.8, 1.9)
        self.release = self.now + held

    def _kick(self) -> None:
        """Shoot when near enough, else pass; who is alone keeps the ball."""
        passer, direction = self.holder, self.direction[self.holder]
        goal = np.array([direction * LENGTH_M / 2, WIDTH_M / 2])
        mates = np.flatnonzero((self.direction == direction) & (np.arange(len(self.people)) != passer))
        if float(np.hypot(*(goal - self.ball[:2]))) < 21.0 and not self.people[passer].keeper:
            self._shoot(passer, goal)
        elif mates.size:
            self._pass(passer, mates)
        else:
            self.release = self.now + 2.0

    def _shoot(self, shooter: int, goal: np.ndarray) -> None:
        self.touches.append(Touch(self.now, shooter, "shot"))
        direction = self.direction[shooter]
        rivals = np.flatnonzero(self.direction == -direction)
        keepers = np.flatnonzero(self.keeper & (self.direction == -direction))
        fetching = keepers if keepers.size else rivals
        self.receiver = int(fetching[0]) if fetching.size else shooter
        wide = self.rng.uniform(-4.2, 4.2)
        end = np.array([goal[0] + direction * 0.8, goal[1] + wide, 0.1])
        scorer = shooter if abs(wide) < GOAL_HALF_WIDTH_M else None
        self._send(end, 23.0, self.rng.uniform(0.0, 1.2), scorer)

    def _pass(self, passer: int, mates: np.ndarray) -> None:
        """Pass to somebody free and forward, to the hero most of all; now and then a rival steps in."""
        self.touches.append(Touch(self.now, passer, "pass"))
        rivals = np.flatnonzero(self.direction == -self.direction[passer])
        scores = [self._pass_score(int(mate), self.direction[passer], self.xy[rivals]) for mate in mates]
        self.receiver = int(mates[int(np.argmax(scores))])
        target = self.xy[self.receiver] + self.velocity[self.receiver] * 0.7
        target = np.clip(target, (-LENGTH_M / 2 + 2, 2.0), (LENGTH_M / 2 - 2, WIDTH_M - 2.0))
        far = float(np.hypot(*(target - self.ball[:2])))
        self._send(np.array([*target, 0.0]), 14.0, 3.5 if far > 28 else self.rng.uniform(0.0, 0.3))
        if rivals.size and self.rng.uniform() < 0.15:
            self.receiver = int(rivals[np.hypot(*(self.xy[rivals] - target).T).argmin()])

    def _pass_score(self, mate: int, direction: float, rivals: np.ndarray) -> float:
        forward = direction * (self.xy[mate, 0] - self.ball[0])
        far = float(np.hypot(*(self.xy[mate] - self.ball[:2])))
        free = min(8.0, float(np.hypot(*(rivals - self.xy[mate]).T).min())) if len(rivals) else 8.0
        wish = 14.0 if self.people[mate].hero else 0.0
        return 0.5 * forward - 0.5 * abs(far - 17.0) + free + wish - 25.0 * self.keeper[mate] + self.rng.normal(0, 3.0)

    def _send(self, end: np.ndarray, speed: float, height_m: float, scorer: int | None = None) -> None:
        start = np.array([self.ball[0], self.ball[1], 0.0])
        lasts_s = max(0.35, float(np.hypot(*(end - start)[:2])) / speed)
        self.flight = _Flight(start, end, self.now, lasts_s, height_m, scorer)
        self.holder = -1


def _camera(ball: np.ndarray) -> np.ndarray:
    """Return where an unhurried camera looks: the ball's own way, smoothed over a second and a half to either side."""
    reach = int(3.0 / STEP_S)
    offsets = np.arange(-reach, reach + 1) * STEP_S
    weights = np.exp(-0.5 * (offsets / 1.0) ** 2)
    padded = np.pad(ball[:, :2], ((reach, reach), (0, 0)), mode="edge")
    smooth = [np.convolve(padded[:, axis], weights / weights.sum(), mode="valid") for axis in (0, 1)]
    return np.stack(smooth, axis=1)
