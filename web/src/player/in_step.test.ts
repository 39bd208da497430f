import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { neededAt, type Standing, seenAt, speedBehind } from "./in_step.ts";

const FIRST = { in_pts: 0, out_pts: 13 };
const SECOND = { in_pts: 13, out_pts: 75 };
const FRAME_S = 0.04;

function film(inlay: Standing["inlay"], told: number | null, behind = 0): Standing {
  return { inlay, told, behind };
}

describe("at rest", () => {
  const rests = { playing: false };

  test("a film has the screen once it shows this very frame", () => {
    const due = film(SECOND, 20);
    expect(seenAt([due], null, { pts: 20, ...rests })).toBe(due);
    expect(seenAt([due], null, { pts: 21, ...rests })).toBeNull();
  });

  test("until then the one that was seen stays, so that what lies below does not flash", () => {
    const [before, due] = [film(FIRST, 12), film(SECOND, 40)];
    expect(seenAt([before, due], before, { pts: 13, ...rests })).toBe(before);
    expect(seenAt([due], due, { pts: 41, ...rests })).toBe(due);
  });

  test("nothing is waited for that has no picture yet, or is not there", () => {
    const before = film(FIRST, 12);
    expect(seenAt([before, film(SECOND, null)], before, { pts: 13, ...rests })).toBeNull();
    expect(seenAt([before], before, { pts: 13, ...rests })).toBeNull();
  });
});

describe("while it plays", () => {
  const plays = { playing: true };

  test("a film has the screen while it keeps in step, and not outside of its stretch", () => {
    const due = film(SECOND, 30, -1.2);
    expect(seenAt([due], null, { pts: 29, ...plays })).toBe(due);
    expect(seenAt([due], due, { pts: 75, ...plays })).toBeNull();
    expect(seenAt([film(SECOND, 30, 3)], null, { pts: 33, ...plays })).toBeNull();
  });

  test("over a border the last picture stays for a moment, and no longer", () => {
    const before = film(FIRST, 12);
    const late = film(SECOND, 13, 4);
    expect(seenAt([before, late], before, { pts: 17, ...plays })).toBe(before);
    expect(seenAt([before, late], before, { pts: 23, ...plays })).toBeNull();
  });
});

test("whatever is seen is there, and at rest it shows the frame or stood there before", () => {
  const films = fc.array(
    fc.record({
      inlay: fc.constantFrom(FIRST, SECOND),
      told: fc.option(fc.integer({ min: 0, max: 74 })),
      behind: fc.integer({ min: -20, max: 20 }),
    }),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(films, fc.nat(), fc.nat({ max: 80 }), fc.boolean(), (all, which, pts, playing) => {
      const seen = all[which] ?? null;
      const found = seenAt(all, seen, { pts, playing });
      if (found === null) return;
      expect(found.told).not.toBeNull();
      if (found !== seen && !playing) expect(found.told).toBe(pts);
      if (found !== seen) expect(found.inlay.in_pts <= pts && pts < found.inlay.out_pts).toBe(true);
    }),
  );
});

test("what is needed is what is here and what comes soon", () => {
  const third = { in_pts: 75, out_pts: 88 };
  const all = [FIRST, SECOND, third];
  expect(neededAt(all, 0, 12)).toEqual([FIRST]);
  expect(neededAt(all, 5, 8)).toEqual([FIRST, SECOND]);
  expect(neededAt(all, 60, 37)).toEqual([SECOND, third]);
  expect(neededAt(all, 88, 37)).toEqual([]);
  expect(neededAt([SECOND], 0, 37)).toEqual([SECOND]); // the draft's own frames before it
});

test("a film is hurried and held back until it is in step; far off it is sought", () => {
  expect(speedBehind(0, 1, FRAME_S)).toBe(1);
  expect(speedBehind(0.019, 2, FRAME_S)).toBe(2);
  expect(speedBehind(0.1, 1, FRAME_S)).toBeCloseTo(1.4);
  expect(speedBehind(-0.1, 1, FRAME_S)).toBeCloseTo(0.6);
  expect(speedBehind(0.4, 1, FRAME_S)).toBe(1.5);
  expect(speedBehind(-0.4, 2, FRAME_S)).toBe(0.5);
  expect([speedBehind(0.6, 1, FRAME_S), speedBehind(-0.6, 1, FRAME_S), speedBehind(0.6, 2, FRAME_S)]).toEqual([
    null,
    null,
    3,
  ]);
});
