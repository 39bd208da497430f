import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { constantRate, framesOf, guessed, ownTimes, windowSpan } from "./frames.ts";

const STEADY = { schema: 1, time_base: [1, 12_800], step: [512, 1], runs: [100, 0] };

describe("a ptsmap", () => {
  test("becomes every frame's pts", () => {
    expect(framesOf(STEADY).slice(0, 3)).toEqual([0, 512, 1024]);
    // two and a half ticks a frame, then a gap of one frame's length
    expect(framesOf({ step: [5, 2], runs: [3, 0, 2, 5] })).toEqual([0, 2, 5, 10, 12]);
  });

  test.each([null, {}, { step: [1], runs: [] }, { step: [1, 1], runs: [1] }, { step: [1, 1], runs: [1e9, 0] }])(
    "that is none is refused: %j",
    (map) => {
      expect(() => framesOf(map)).toThrow(RangeError);
    },
  );
});

describe("the original", () => {
  const frames = framesOf(STEADY);
  const shows = ownTimes(frames, [1, 12_800], 0, { in_pts: 0, out_pts: 51_200 });

  test("is sought to the middle of a frame, and says which it shows", () => {
    expect(shows.secondsOf(512)).toBeCloseTo(0.06, 9);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 51_199 }), (pts) => {
        const frame = shows.step(pts, 0);
        expect(frame).toBe(Math.floor(pts / 512) * 512);
        expect(shows.ptsAt(shows.secondsOf(pts))).toBe(frame);
      }),
    );
  });

  test("steps by frames and stops at its ends", () => {
    expect([shows.step(512, 1), shows.step(512, -1), shows.step(0, -1), shows.step(50_688, 1)]).toEqual([
      1024, 0, 0, 50_688,
    ]);
  });

  test("a browser's rounded time is the frame's own", () => {
    expect(shows.ptsAt(0.039_999_9)).toBe(512);
  });
});

test("a window counts from its first frame", () => {
  const frames = framesOf(STEADY);
  const span = windowSpan({ in_pts: 64_000 + 100, out_pts: 64_512 }, { in_pts: 0, out_pts: 1e6 }, [1, 12_800], frames);
  expect(span).toEqual({ in_pts: 0, out_pts: 128_512 });
  const later = windowSpan({ in_pts: 66_000, out_pts: 66_512 }, { in_pts: 0, out_pts: 1e6 }, [1, 12_800], frames);
  expect(later.in_pts).toBe(1536); // the frame that is shown 5 s before
  const shows = ownTimes(frames, [1, 12_800], later.in_pts, later);
  expect(shows.ptsAt(0)).toBe(1536);
  expect([shows.covers(1535), shows.covers(1536)]).toEqual([false, true]);
});

test("a proxy of a variable rate shows the newest of the source's frames", () => {
  const frames = [0, 30, 100, 130, 200]; // milliseconds, at a nominal 25 a second
  const shows = constantRate(frames, [1, 1000], [25, 1], { in_pts: 0, out_pts: 240 });
  expect([0, 0.04, 0.08, 0.12, 0.16, 0.2].map((at_s) => shows.ptsAt(at_s))).toEqual([0, 30, 30, 100, 130, 200]);
  for (const pts of [0, 30, 100, 130, 200]) expect(shows.ptsAt(shows.secondsOf(pts))).toBe(pts);
});

test("footage that nobody looked over is guessed at", () => {
  const shows = guessed([1, 90_000], 10);
  expect(shows.step(0, 1)).toBe(3000);
  expect([shows.step(0, -1), shows.ptsAt(99), shows.secondsOf(45_000)]).toEqual([0, 899_999, 0.5]);
});
