import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Terms } from "../reel/fraction.ts";
import { clockOf, gameSeconds, onGame, partOf, placeAt, ptsAtTick, tickAt } from "./game.ts";

const FIRST = {
  source_id: "a",
  part: 1,
  time_base: [1, 12_800] as Terms,
  span: { in_pts: 512, out_pts: 512 + 128_000 },
};
const SECOND = { source_id: "b", part: 2, time_base: [1, 30_000] as Terms, span: { in_pts: 0, out_pts: 60_060 } };

describe("a game of two halves", () => {
  const clock = clockOf([SECOND, FIRST]);
  if (!clock) throw new Error("There is a clock.");
  const [first, second] = clock.parts;
  if (!first || !second) throw new Error("There are two parts.");

  test("runs on from the first into the second", () => {
    expect(gameSeconds(clock, first.ends)).toBe(10);
    expect(second.begins).toBe(first.ends);
    expect(gameSeconds(clock, clock.span.out_pts)).toBeCloseTo(12.002, 9);
  });

  test("holds every tick of each part exactly", () => {
    fc.assert(
      fc.property(fc.integer({ min: 512, max: 128_511 }), (pts) => {
        expect(ptsAtTick(first, tickAt(first, pts))).toBe(pts);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60_059 }), (pts) => {
        expect(placeAt(clock, tickAt(second, pts))).toMatchObject({ index: 1, pts });
      }),
    );
  });

  test("knows where a moment is, also at its edges", () => {
    expect(placeAt(clock, first.ends - 1)).toMatchObject({ index: 0, pts: 128_511 });
    expect(placeAt(clock, first.ends)).toMatchObject({ index: 1, pts: 0 });
    expect(placeAt(clock, -5)).toMatchObject({ index: 0, pts: 512 });
    expect(placeAt(clock, clock.span.out_pts + 5)).toMatchObject({ index: 1, pts: 60_059 });
  });

  test("places a clip that was marked on the provisional clock", () => {
    const own = onGame(second, { in_pts: 30_000, out_pts: 60_000 }, [1, 30_000]);
    expect(onGame(second, { in_pts: 90_000, out_pts: 180_000 }, [1, 90_000])).toEqual(own);
    expect(partOf(clock, "b")).toBe(second);
    expect(partOf(clock, "c")).toBeNull();
  });
});

test("no footage has no clock", () => {
  expect(clockOf([])).toBeNull();
});

test("clocks without a common tick still run, to the nearest", () => {
  const primes: readonly Terms[] = [
    [1, 999_983],
    [1, 999_979],
    [1, 999_961],
  ];
  const clock = clockOf(
    primes.map((time_base, index) => ({
      source_id: String(index),
      part: index,
      time_base,
      span: { in_pts: 0, out_pts: time_base[1] * 10 },
    })),
  );
  expect(gameSeconds(clock ?? { ticks_per_s: 1 }, clock?.span.out_pts ?? 0)).toBeCloseTo(30, 5);
});
