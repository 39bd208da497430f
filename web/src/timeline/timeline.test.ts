import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clockOf, type GameClock } from "../player/game.ts";
import { dragged, pinchOf, targetsFor, wheelZoom } from "./drag.ts";
import { energyFrom, energyOf, loudest } from "./energy.ts";
import { flicked, isAtRest, remembered, speedOf, type Touched } from "./flick.ts";
import { Looking } from "./looking.ts";
import { laneAt, laneHeight, laneTop, RULER_PX, TRACK_PX } from "./sizes.ts";
import { sheetFrom, tileAt, tileX, tileY } from "./sprites.ts";

const CLOCK = clockOf([
  { source_id: "a", part: 1, time_base: [1, 1000], span: { in_pts: 0, out_pts: 7_200_000 } },
]) as GameClock;
const VIEW = { start_pts: 0, px_per_tick: 0.1, width_px: 1000 };

describe("the sound's energy", () => {
  test("is never quieter than what is there, nor louder than its neighbourhood", () => {
    const levels = fc.uint8Array({ minLength: 1, maxLength: 300 });
    const at = fc.nat({ max: 299 });
    fc.assert(
      fc.property(levels, at, at, (given, a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b) + 1];
        const found = loudest(energyOf(given, 20), from / 20, to / 20);
        const wide = to - from;
        expect(found).toBeGreaterThanOrEqual(Math.max(0, ...given.slice(from, to)));
        expect(found).toBeLessThanOrEqual(Math.max(0, ...given.slice(Math.max(from - wide, 0), to + wide)));
      }),
    );
  });

  test.each([null, 3, {}, { per_s: 0, levels: [] }, { per_s: 20 }])("%j is none", (said) => {
    expect(energyFrom(said)).toBeNull();
  });
});

describe("sprites", () => {
  const sheet = sheetFrom({
    tile_px: [160, 90],
    columns: 10,
    pts: [0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000],
  });

  test("the nearest moment's tile, where it lies", () => {
    if (!sheet) throw new Error("It is a sheet.");
    expect([-5, 49, 51, 1000, 5000].map((at) => tileAt(sheet, at))).toEqual([0, 0, 1, 10, 10]);
    expect([tileX(sheet, 10), tileY(sheet, 10)]).toEqual([0, 90]);
  });

  test.each([undefined, {}, { tile_px: [0, 0], columns: 1, pts: [1] }, { tile_px: [1, 1], columns: 1, pts: [] }])(
    "%j is no sheet",
    (said) => {
      expect(sheetFrom(said)).toBeNull();
    },
  );
});

describe("a drag", () => {
  const clips = [
    { id: "a", in_pts: 1000, out_pts: 2000 },
    { id: "b", in_pts: 3000, out_pts: 4000 },
  ];
  const grip = {
    id: "a",
    part: "out" as const,
    span: { in_pts: 1000, out_pts: 2000 },
    began_px: 200,
    targets: targetsFor("a", clips, 2500, [0, 7_200_000]),
  };

  test("comes to rest at the next clip, at the playhead, and nowhere with Alt", () => {
    expect(dragged(grip, 295, VIEW, false)).toMatchObject({
      span: { in_pts: 1000, out_pts: 3000 },
      target: { kind: "clip" },
    });
    expect(dragged(grip, 253, VIEW, false).target?.kind).toBe("playhead");
    expect(dragged(grip, 295, VIEW, true)).toMatchObject({ span: { out_pts: 2950 }, target: null });
  });

  test("of the body keeps the length", () => {
    fc.assert(
      fc.property(fc.integer({ min: -100, max: 1000 }), (px) => {
        const { span } = dragged({ ...grip, part: "body" }, px, VIEW, false);
        expect(span.out_pts - span.in_pts).toBe(1000);
      }),
    );
  });
});

describe("a flick", () => {
  const wayOf = (...moves: readonly (readonly [px: number, at_ms: number])[]) =>
    moves.reduce<readonly Touched[]>((way, [px, at_ms]) => remembered(way, { px, at_ms }), []);

  test("goes on as fast as the finger went last, and comes to rest", () => {
    const speed = speedOf(wayOf([0, 0], [5, 900], [25, 920], [45, 940]), 945);
    expect(speed).toBeCloseTo(1, 6);
    expect(flicked(speed, 16)).toBeCloseTo(16, 0);
    expect([isAtRest(speed, 0), isAtRest(speed, 2000)]).toEqual([false, true]);
    expect(flicked(speed, 5000)).toBeLessThanOrEqual(325);
  });

  test("is none of a finger that rested, or only touched", () => {
    expect(speedOf(wayOf([0, 0], [80, 40]), 400)).toBe(0);
    expect(speedOf(wayOf([7, 0]), 3)).toBe(0);
    expect(speedOf([], 3)).toBe(0);
  });

  test("never goes back, and never farther than it may", () => {
    fc.assert(
      fc.property(fc.double({ min: -6, max: 6, noNaN: true }), fc.nat(3000), fc.nat(3000), (speed, a, b) => {
        const [near, far] = [Math.min(a, b), Math.max(a, b)].map((ms) => Math.abs(flicked(speed, ms)));
        expect(far).toBeGreaterThanOrEqual(near as number);
        expect(far).toBeLessThanOrEqual(6 * 325);
      }),
    );
  });
});

describe("what is looked at", () => {
  test("begins with a stretch that can be worked in, and fits the whole on demand", () => {
    const looking = new Looking(CLOCK);
    looking.resize(900);
    expect(looking.view.width_px / looking.view.px_per_tick).toBeCloseTo(90_000, 3);
    looking.fit();
    expect(looking.view.width_px / looking.view.px_per_tick).toBeCloseTo(7_200_000, 3);
  });

  test("stays where it is when the game's clock becomes finer", () => {
    const looking = new Looking(CLOCK);
    looking.resize(900);
    looking.pan(450);
    const finer = clockOf([
      { source_id: "a", part: 1, time_base: [1, 90_000], span: { in_pts: 0, out_pts: 648_000_000 } },
    ]);
    looking.update(finer as GameClock);
    expect(looking.view.start_pts / 90_000).toBeCloseTo(45, 6);
  });

  test("two fingers and a wheel", () => {
    expect(pinchOf([100])).toBeNull();
    expect(pinchOf([100, 300])).toEqual({ apart_px: 200, middle_px: 200 });
    expect(wheelZoom(-100, 0)).toBeGreaterThan(1);
    expect(wheelZoom(3, 1)).toBeCloseTo(wheelZoom(48, 0), 9);
  });
});

test("every height of the track is in one lane", () => {
  for (const lanes of [1, 2, 5]) {
    expect(laneAt(RULER_PX - 1, lanes)).toBeNull();
    expect(laneAt(RULER_PX + TRACK_PX, lanes)).toBeNull();
    for (let lane = 0; lane < lanes; lane += 1) {
      expect(laneAt(laneTop(lane, lanes) + laneHeight(lanes) / 2, lanes)).toBe(lane);
    }
  }
});
