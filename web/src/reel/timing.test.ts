import fc from "fast-check";
import { expect, test } from "vitest";
import { exact, Fraction, least } from "./fraction.ts";
import { refusalOf } from "./refusal.ts";
import {
  boundaries,
  contains,
  durationPts,
  halfUp,
  newest,
  nominalRate,
  projectRate,
  STANDARD_RATES,
  seconds,
  snap,
  span,
  toPts,
  within,
} from "./timing.ts";

const MILLISECONDS = new Fraction(1, 1000);
const bases = fc.constantFrom(new Fraction(1, 90000), MILLISECONDS, new Fraction(1001, 30000));
const rates = fc.constantFrom(...STANDARD_RATES, new Fraction(10), new Fraction(25, 2), new Fraction(15));
const frameLists = fc
  .uniqueArray(fc.integer({ min: -1000, max: 10 ** 6 }), { minLength: 1, maxLength: 50 })
  .map((moments) => moments.sort((a, b) => a - b));

function stamps(rate: Fraction, base: Fraction, frames: number): number[] {
  return Array.from({ length: frames }, (_, n) => halfUp(exact(n).over(rate).over(base)));
}

test("a span that holds nothing is refused", () => {
  for (const [in_pts, out_pts] of [
    [5, 5],
    [6, 5],
  ] as const) {
    const refusal = refusalOf(() => span(in_pts, out_pts));
    expect([refusal.code, refusal.details]).toEqual(["empty_span", { in_pts, out_pts }]);
  }
});

test("a span is half-open", () => {
  const clip = span(10, 20);
  expect(durationPts(clip)).toBe(10);
  expect([9, 10, 19, 20].map((pts) => contains(clip, pts))).toEqual([false, true, true, false]);
  expect([span(10, 20), span(12, 15), span(10, 21), span(9, 20)].map((one) => within(one, clip))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test("seconds and back is the same tick, as far as a browser counts", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), bases, (pts, base) => {
      expect(toPts(seconds(pts, base), base)).toBe(pts);
    }),
  );
});

test("half up is half up on both sides of 0", () => {
  expect([-3, -2, -1, 0, 1, 2, 3].map((halves) => halfUp([halves, 2]))).toEqual([-1, -1, 0, 0, 1, 1, 2]);
});

test("a constant rate is found under rounded stamps", () => {
  const ticks = fc.constantFrom(MILLISECONDS, new Fraction(1, 90000), new Fraction(1, 10240));
  fc.assert(
    fc.property(rates, ticks, fc.integer({ min: 0, max: 10 ** 7 }), (rate, base, start) => {
      const frame_pts = stamps(rate, base, 300).map((pts) => start + pts);
      expect(nominalRate(frame_pts, base).toTerms()).toEqual(rate.toTerms());
    }),
    { numRuns: 40 },
  );
});

test("a still gets a rate all the same", () => {
  for (const frame_pts of [[], [42], [42, 42]]) expect(nominalRate(frame_pts, MILLISECONDS).toTerms()).toEqual([25, 1]);
});

test("no source, no rate", () => {
  expect(refusalOf(() => projectRate([])).code).toBe("no_clips");
});

test("clips never drift by more than half a frame", () => {
  const durations = fc.array(fc.tuple(fc.integer({ min: 1, max: 60000 }), fc.integer({ min: 1, max: 1000 })), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(durations, rates, (lasts, rate) => {
      const ends = boundaries(lasts, rate);
      let total = new Fraction(0);
      ends.forEach((end, n) => {
        expect(total.times(rate).minus(end).abs().compare([1, 2])).toBeLessThanOrEqual(0);
        total = total.plus(lasts[n] ?? 0);
      });
      expect([ends.length, ends[0]]).toEqual([lasts.length + 1, 0]);
    }),
  );
});

test("snap finds the nearest frame", () => {
  fc.assert(
    fc.property(frameLists, fc.integer({ min: -2000, max: 1_100_000 }), (frame_pts, pts) => {
      const found = snap(pts, frame_pts);
      expect(frame_pts).toContain(found);
      expect(Math.abs(found - pts)).toBe(Math.min(...frame_pts.map((start) => Math.abs(start - pts))));
    }),
  );
});

test("the newest frame is at most a tick and a quarter of a frame early", () => {
  const moments = fc.tuple(fc.integer({ min: -2000, max: 10 ** 6 }), fc.integer({ min: 1, max: 1000 }));
  fc.assert(
    fc.property(frameLists, moments, (frame_pts, [n, d]) => {
      const at = new Fraction(n, d);
      const index = newest(at, frame_pts);
      const begun = Math.max(frame_pts.filter((start) => at.compare(start) >= 0).length - 1, 0);
      if (index === begun) return;
      expect(index).toBe(begun + 1);
      const [before, shown] = [frame_pts[begun] as number, frame_pts[index] as number];
      const early = exact(shown).minus(at);
      expect(early.compare(0)).toBeGreaterThan(0);
      expect(early.compare(least(1, new Fraction(shown - before, 4)))).toBeLessThanOrEqual(0);
    }),
  );
});
