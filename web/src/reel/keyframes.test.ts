import fc from "fast-check";
import { expect, test } from "vitest";
import { exact, Fraction } from "./fraction.ts";
import { EASES, type Ease, smoothstep, valueAt } from "./keyframes.ts";
import { refusalOf } from "./refusal.ts";

interface Point {
  readonly pts: number;
  readonly ease: Ease;
  readonly values: readonly number[];
}

const at = (keys: readonly Point[], pts: number | Fraction) => valueAt(keys, pts, (key) => key.values);
const value = fc.double({ min: 0, max: 1, noNaN: true });

function tracks(least: number, ways: readonly Ease[] = EASES): fc.Arbitrary<readonly Point[]> {
  const moments = fc.uniqueArray(fc.integer({ min: -(10 ** 7), max: 10 ** 7 }), { minLength: least, maxLength: 8 });
  return moments.chain((found) => {
    const point = fc.record({ ease: fc.constantFrom(...ways), values: fc.tuple(value, value) });
    const ordered = found.sort((a, b) => a - b);
    return fc.tuple(...ordered.map((pts) => point.map((one) => ({ pts, ...one }))));
  });
}

test("a track goes through its keys and holds outside them", () => {
  fc.assert(
    fc.property(tracks(1), (keys) => {
      for (const key of keys) expect(at(keys, key.pts)).toEqual(key.values);
      const [first, last] = [keys[0] as Point, keys.at(-1) as Point];
      expect(at(keys, first.pts - 1)).toEqual(first.values);
      expect(at(keys, last.pts + 1)).toEqual(last.values);
    }),
  );
});

test("between two keys a track never overshoots nor turns back", () => {
  const shares = fc.array(fc.integer({ min: 0, max: 10 ** 6 }), { minLength: 2, maxLength: 20 });
  fc.assert(
    fc.property(tracks(2), fc.nat(), shares, (keys, pick, millionths) => {
      const k = pick % (keys.length - 1);
      const [start, end] = [keys[k] as Point, keys[k + 1] as Point];
      const length = end.pts - start.pts;
      const moments = millionths.sort((a, b) => a - b).map((part) => new Fraction(part, 10 ** 6).times(length));
      const seen = [start.values, ...moments.map((since) => at(keys, since.plus(start.pts))), end.values];
      for (const way of [0, 1]) {
        const rising = (end.values[way] as number) >= (start.values[way] as number) ? 1 : -1;
        const along = seen.map((values) => rising * (values[way] as number));
        along.slice(1).forEach((after, n) => {
          expect(after).toBeGreaterThanOrEqual((along[n] as number) - 1e-12);
        });
      }
    }),
  );
});

test("a track does not care where its clock starts", () => {
  const shifts = fc.integer({ min: -(2 ** 45), max: 2 ** 45 });
  fc.assert(
    fc.property(tracks(2), fc.integer({ min: -(10 ** 7), max: 10 ** 7 }), shifts, (keys, pts, shift) => {
      const later = keys.map((key) => ({ ...key, pts: key.pts + shift }));
      expect(at(later, pts + shift)).toEqual(at(keys, pts));
    }),
  );
});

test("two smooth keys ease in and out", () => {
  const keys: Point[] = [0, 100].map((pts) => ({ pts, ease: "smooth", values: [pts / 100] }));
  for (const pts of [0, 25, 50, 75, 100]) expect(at(keys, pts)).toEqual([smoothstep(pts / 100)]);
});

test("a key in the middle of a steady pan does not stop it", () => {
  const keys: Point[] = [0, 100, 200, 300, 400].map((pts) => ({ pts, ease: "smooth", values: [pts / 400] }));
  for (let pts = 100; pts <= 300; pts += 20) expect(at(keys, pts)[0]).toBeCloseTo(pts / 400, 12);
});

test("holding jumps at the next key, and a moment between two ticks is before it", () => {
  const keys: Point[] = [
    { pts: 0, ease: "hold", values: [0] },
    { pts: 100, ease: "hold", values: [1] },
  ];
  expect([0, 99.999, new Fraction(299, 3), 100, exact(100)].map((pts) => at(keys, pts)[0])).toEqual([0, 0, 0, 1, 1]);
});

test("keys out of order are refused, and none at all", () => {
  for (const moments of [
    [0, 0],
    [10, 5],
    [0, 10, 10],
  ]) {
    const keys = moments.map((pts): Point => ({ pts, ease: "smooth", values: [0.5] }));
    const refusal = refusalOf(() => at(keys, 3));
    expect([refusal.code, refusal.details]).toEqual(["keyframes_out_of_order", { field: `/keys/${keys.length - 1}` }]);
  }
  expect(refusalOf(() => at([], 3)).code).toBe("bad_field");
});
