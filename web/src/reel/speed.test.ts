import fc from "fast-check";
import { expect, test } from "vitest";
import { exact, Fraction, type Terms } from "./fraction.ts";
import { refusalOf } from "./refusal.ts";
import { framesShown, outputAt, outputDuration, pieces, type SpeedSpan, sourceAt } from "./speed.ts";
import { boundaries, halfUp, type Span, span } from "./timing.ts";

const MS = new Fraction(1, 1000);
const speedRates = fc.integer({ min: 1, max: 20 }).chain((d) => {
  return fc.integer({ min: Math.ceil(d / 4), max: 2 * d }).map((n): Terms => [n, d]);
});

interface Sped {
  readonly clip: Span;
  readonly speeds: readonly SpeedSpan[];
}

/** A clip, and speed changes that do not overlap, in any order, some of them outside of it. */
const clips: fc.Arbitrary<Sped> = fc
  .tuple(fc.integer({ min: -5000, max: 5000 }), fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 1, max: 2 }))
  .chain(([start, lasts, every]) => {
    const edge = fc.integer({ min: start - 2000, max: start + lasts + 2000 });
    return fc.uniqueArray(edge, { maxLength: 12 }).chain((edges) => {
      const ordered = edges.sort((a, b) => a - b);
      const stretches = ordered.slice(1).map((out, n) => [ordered[n] as number, out] as const);
      const chosen = stretches.filter((_, n) => n % every === 0);
      return fc
        .tuple(...chosen.map(([in_pts, out_pts]) => speedRates.map((rate) => ({ in_pts, out_pts, rate }))))
        .chain((speeds) => fc.shuffledSubarray(speeds, { minLength: speeds.length }))
        .map((speeds) => ({ clip: span(start, start + lasts), speeds }));
    });
  });

test("the pieces cover the clip without a gap", () => {
  fc.assert(
    fc.property(clips, ({ clip, speeds }) => {
      const parts = pieces(clip, speeds);
      expect([parts[0]?.span.in_pts, parts.at(-1)?.span.out_pts]).toEqual([clip.in_pts, clip.out_pts]);
      parts.forEach((part, n) => {
        const before = parts[n - 1];
        if (before) {
          expect(before.span.out_pts).toBe(part.span.in_pts);
          expect(before.rate.compare(part.rate)).not.toBe(0);
        }
        const said = speeds.find((one) => one.in_pts <= part.span.in_pts && part.span.in_pts < one.out_pts);
        expect(part.rate.compare(said?.rate ?? 1)).toBe(0);
      });
    }),
  );
});

test("output and source time are inverse", () => {
  fc.assert(
    fc.property(clips, fc.integer({ min: 0, max: 1000 }), ({ clip, speeds }, share) => {
      const parts = pieces(clip, speeds);
      const output_s = outputDuration(parts, MS).times([share, 1000]);
      expect(outputAt(sourceAt(output_s, parts, MS), parts, MS)).toEqual(output_s);
      const pts = exact(clip.out_pts - clip.in_pts)
        .times([share, 1000])
        .plus(clip.in_pts);
      expect(sourceAt(outputAt(pts, parts, MS), parts, MS)).toEqual(pts);
    }),
  );
});

test("outside the clip time stands still", () => {
  fc.assert(
    fc.property(clips, ({ clip, speeds }) => {
      const parts = pieces(clip, speeds);
      const lasts = outputDuration(parts, MS);
      expect(sourceAt(-1, parts, MS)).toEqual(exact(clip.in_pts));
      expect(sourceAt(lasts.plus(1), parts, MS)).toEqual(exact(clip.out_pts));
      expect(outputAt(clip.in_pts - 1, parts, MS)).toEqual(exact(0));
      expect(outputAt(clip.out_pts + 1, parts, MS)).toEqual(lasts);
    }),
  );
});

test("at its own rate each frame is shown once", () => {
  const rates = fc.constantFrom<Terms>([24000, 1001], [25, 1], [30000, 1001], [30, 1], [60000, 1001], [60, 1]);
  const bases = fc.constantFrom<Terms>([1, 1000], [1, 90_000], [1, 12_800]);
  const counts = fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 1, max: 200 }));
  fc.assert(
    fc.property(rates, bases, counts, (rate, base, [first, count]) => {
      const frame_pts = Array.from({ length: 450 }, (_, n) => halfUp(exact(n).over(rate).over(base)));
      const parts = pieces(span(frame_pts[first] as number, frame_pts[first + count] as number), []);
      expect(boundaries([outputDuration(parts, base)], rate).at(-1)).toBe(count);
      expect(framesShown(frame_pts, base, parts, rate, count)).toEqual(frame_pts.slice(first, first + count));
    }),
    { numRuns: 25 },
  );
});

test("speeds that touch are fine and speeds that overlap are not", () => {
  const fast: SpeedSpan = { in_pts: 10, out_pts: 50, rate: [2, 1] };
  const parts = pieces(span(0, 100), [{ in_pts: 50, out_pts: 90, rate: [1, 2] }, fast]);
  expect(parts.map((part) => part.rate.toTerms())).toEqual([
    [1, 1],
    [2, 1],
    [1, 2],
    [1, 1],
  ]);
  const refusal = refusalOf(() => pieces(span(0, 100), [{ in_pts: 49, out_pts: 90, rate: [1, 2] }, fast]));
  expect([refusal.code, refusal.details]).toEqual(["speeds_overlap", { at_pts: 49 }]);
});

test("a speed out of range is refused, and one over nothing", () => {
  for (const rate of [
    [0, 1],
    [-1, 1],
    [249, 1000],
    [2001, 1000],
  ] as const) {
    expect(refusalOf(() => pieces(span(0, 9), [{ in_pts: 0, out_pts: 10, rate }])).details.field).toBe("/rate");
  }
  expect(refusalOf(() => pieces(span(0, 9), [{ in_pts: 10, out_pts: 10, rate: [1, 1] }])).code).toBe("empty_span");
});

test("a clip before the first frame is empty, one shorter than its frame count holds its last", () => {
  expect(refusalOf(() => framesShown([100, 140], MS, pieces(span(0, 100), []), 25, 2)).code).toBe("empty_span");
  expect(framesShown([0, 40, 80, 120], MS, pieces(span(0, 90), []), 25, 4)).toEqual([0, 40, 80, 80]);
});
