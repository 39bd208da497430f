import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exact, Fraction, least, most } from "./fraction.ts";

const numerators = fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n });
const fractions = fc.tuple(numerators, fc.bigInt({ min: 1n, max: 2n ** 70n })).map(([n, d]) => new Fraction(n, d));

describe("a fraction", () => {
  test("is in lowest terms, with the sign above", () => {
    expect(new Fraction(6, -4)).toEqual(new Fraction(-3, 2));
    expect(new Fraction(0, -7).toTerms()).toEqual([0, 1]);
    expect(exact([30000, 1001]).toTerms()).toEqual([30000, 1001]);
  });

  test("takes nothing that is not exact", () => {
    for (const bad of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect(() => new Fraction(bad)).toThrow(RangeError);
    }
    expect(() => new Fraction(1, 0)).toThrow(RangeError);
    expect(() => exact(1).over(0)).toThrow(RangeError);
  });

  test("adds and multiplies as numbers do", () => {
    fc.assert(
      fc.property(fractions, fractions, fractions, (a, b, c) => {
        expect(a.plus(b).times(c)).toEqual(a.times(c).plus(b.times(c)));
        expect(a.plus(b).minus(b)).toEqual(a);
        if (b.compare(0) !== 0) expect(a.over(b).times(b)).toEqual(a);
      }),
    );
  });

  test("is at or above its floor, and less than one above", () => {
    expect([new Fraction(-1, 2), new Fraction(-2), new Fraction(3, 2)].map((one) => one.floor())).toEqual([-1, -2, 1]);
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1 }), (n, d) => {
        const floor = new Fraction(n, d).floor();
        expect(new Fraction(n, d).compare(floor)).toBeGreaterThanOrEqual(0);
        expect(new Fraction(n, d).compare(floor + 1)).toBeLessThan(0);
      }),
    );
  });

  test("is ordered", () => {
    fc.assert(
      fc.property(fractions, fractions, (a, b) => {
        expect(a.compare(b)).toBe(-b.compare(a) || 0);
        expect(least(a, b).compare(most(a, b))).toBeLessThanOrEqual(0);
        expect(a.abs().compare(0)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
