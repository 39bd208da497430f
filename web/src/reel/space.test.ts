import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Crop, type CropKey, cropAt, defaultCrop, madeShare, SMALLEST_PX, validateCrop } from "./crop.ts";
import { type Aspect, bounds, even, OUTPUT_SIZES, type PixelWindow, ratio, rounded, toPixels } from "./geometry.ts";
import { EASES } from "./keyframes.ts";
import { refusalOf } from "./refusal.ts";
import {
  defaultSpotlight,
  type Ellipse,
  inPicture,
  isOutside,
  type Region,
  type SpotKey,
  spotlightAt,
  toOutput,
  toSource,
  validateSpotlights,
} from "./spotlight.ts";
import { span } from "./timing.ts";

const HD = { width: 1920, height: 1080 };
const sides = fc.integer({ min: 64, max: 8192 });
const sources = fc.record({ width: sides, height: sides });
const aspects = fc.constantFrom(...(Object.keys(OUTPUT_SIZES) as Aspect[]));
const turns = fc.oneof(fc.constant(0), fc.double({ min: -20, max: 20, noNaN: true }));
const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });

function cropOf(...keys: readonly (readonly [pts: number, cx: number, cy: number, h: number])[]): Crop {
  return { framed: true, keys: keys.map(([pts, cx, cy, h], n) => key(n, pts, cx, cy, h)) };
}

function key(n: number, pts: number, cx: number, cy: number, h: number): CropKey {
  return { id: String(n), pts, cx, cy, h, ease: "smooth", by: "hand" };
}

/** Any crop, sensible or not: centres outside, windows larger than the picture. */
const crops: fc.Arbitrary<Crop> = fc
  .uniqueArray(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 6 })
  .chain((moments) => {
    const ordered = moments.sort((a, b) => a - b);
    const one = fc.tuple(real(-1, 2), real(-1, 2), real(0.01, 3), fc.constantFrom(...EASES));
    const keys = fc.tuple(
      ...ordered.map((pts, n) => one.map(([x, y, h, ease]) => ({ ...key(n, pts, x, y, h), ease }))),
    );
    return keys.map((found) => ({ framed: true, keys: found }));
  });

describe("a window in pixels", () => {
  const windows: fc.Arbitrary<PixelWindow> = fc.record({
    cx: real(-5000, 5000),
    cy: real(-5000, 5000),
    width: real(0, 5000),
    height: real(0, 5000),
    rotation_deg: real(-180, 180),
  });

  test("is held by the box around it", () => {
    fc.assert(
      fc.property(windows, (window) => {
        const { x0, y0, x1, y1 } = bounds(window);
        expect((x0 + x1) / 2).toBeCloseTo(window.cx, 6);
        expect(Math.min(x1 - x0, y1 - y0)).toBeGreaterThanOrEqual(Math.min(window.width, window.height) - 1e-6);
        expect(Math.max(x1 - x0, y1 - y0)).toBeLessThanOrEqual(Math.hypot(window.width, window.height) + 1e-6);
      }),
    );
  });

  test("is rounded once, and by less than can be seen", () => {
    fc.assert(
      fc.property(windows, (window) => {
        const once = rounded(window);
        expect(rounded(once)).toEqual(once);
        for (const side of ["cx", "cy", "width", "height"] as const) {
          expect(Math.abs(once[side] - window[side])).toBeLessThanOrEqual(1 / 32);
        }
      }),
    );
  });

  test("has even sides at least 2", () => {
    expect([0, 1, 2, 3, 1079, 1080].map(even)).toEqual([2, 2, 2, 2, 1078, 1080]);
  });
});

describe("a crop", () => {
  test("has exactly its aspect and never leaves the picture", () => {
    fc.assert(
      fc.property(crops, real(-100, 11_000), aspects, sources, turns, (crop, pts, aspect, source, deg) => {
        const pixels = toPixels(cropAt(crop, pts, aspect, source, deg), source);
        expect(pixels.width / pixels.height / ratio(aspect).toNumber()).toBeCloseTo(1, 12);
        const { x0, y0, x1, y1 } = bounds(pixels);
        expect(Math.min(x0 / source.width, y0 / source.height)).toBeGreaterThanOrEqual(-1e-12);
        expect(Math.max(x1 / source.width, y1 / source.height)).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
  });

  test("is valid by default, and no larger one is", () => {
    fc.assert(
      fc.property(aspects, sources, turns, (aspect, source, deg) => {
        const crop = defaultCrop(aspect, source, 0, deg);
        validateCrop(crop, aspect, source, deg);
        const { x0, y0, x1, y1 } = bounds(toPixels(cropAt(crop, 0, aspect, source, deg), source));
        expect(Math.max((x1 - x0) / source.width, (y1 - y0) / source.height)).toBeCloseTo(1, 9);
      }),
    );
  });

  test("that is shown is valid and shows itself", () => {
    fc.assert(
      fc.property(
        crops,
        fc.integer({ min: -100, max: 11_000 }),
        aspects,
        sources,
        turns,
        (crop, pts, aspect, source, deg) => {
          const shown = cropAt(crop, pts, aspect, source, deg);
          fc.pre(shown.h * source.height >= SMALLEST_PX);
          const authored = cropOf([pts, shown.cx, shown.cy, shown.h]);
          validateCrop(authored, aspect, source, deg);
          const again = cropAt(authored, pts, aspect, source, deg);
          for (const part of ["cx", "cy", "w", "h"] as const) expect(again[part]).toBeCloseTo(shown[part], 12);
        },
      ),
    );
  });

  test("half a pixel outside is rounding and more is not", () => {
    const half = (0.25 * 1080 * 9) / 16 / 1920; // the half width of a 9:16 crop of half the height
    validateCrop(cropOf([0, half - 0.4 / 1920, 0.5, 0.5]), "9:16", HD);
    const refusal = refusalOf(() =>
      validateCrop(cropOf([0, 0.5, 0.5, 0.5], [10, half - 0.6 / 1920, 0.5, 0.5]), "9:16", HD),
    );
    expect([refusal.code, refusal.details.field]).toEqual(["crop_outside_picture", "/keys/1"]);
    expect(refusal.details.outside_px).toBeCloseTo(0.6);
  });

  test("is pointed at where it is bad", () => {
    const bad: readonly (readonly [Crop, string])[] = [
      [cropOf(), "/keys"],
      [cropOf([0, Number.NaN, 0.5, 0.5]), "/keys/0/cx"],
      [cropOf([0, 0.5, 0.5, 0.5], [9, 0.5, 0.5, Number.NaN]), "/keys/1/h"],
      [cropOf([0, 0.5, 0.5, 0]), "/keys/0/h"],
      [cropOf([0, 0.5, 0.5, 0.014]), "/keys/0/h"],
    ];
    for (const [crop, field] of bad) {
      expect(refusalOf(() => validateCrop(crop, "9:16", HD)).details.field).toBe(field);
    }
  });

  test("has the meter that the page says", () => {
    expect(Math.round(100 * madeShare(2.7))).toBe(86);
    expect([madeShare(1), madeShare(0.5)]).toEqual([0, 0]);
  });
});

describe("a spotlight", () => {
  const CLIP = span(0, 10_000);
  const MS = [1, 1000] as const;
  const spot = (pts: number, more: Partial<SpotKey> = {}): SpotKey => {
    return { id: "k", pts, x: 0.5, y: 0.5, rx: 0.06, ry: 0.12, ease: "smooth", ...more };
  };
  const region = (in_pts: number, out_pts: number, keys = [spot(in_pts)]): Region => ({ in_pts, out_pts, keys });
  const ellipse = (more: Partial<Ellipse>): Ellipse => {
    return { x: 5, y: 5, rx: 1, ry: 1, rotation_deg: 0, opacity: 1, ...more };
  };

  test("goes to the output and back, and a circle stays one", () => {
    const parts = fc.tuple(real(0, 1), real(0, 1), real(0.05, 1), real(-20, 20));
    fc.assert(
      fc.property(
        parts,
        sources,
        aspects,
        real(0, 1),
        real(0, 1),
        real(0.01, 0.5),
        ([cx, cy, h, deg], source, aspect, x, y, r) => {
          const window = cropAt(cropOf([0, cx, cy, h]), 0, aspect, source, deg);
          const output = OUTPUT_SIZES[aspect];
          const from = ellipse({ x, y, rx: r, ry: r, rotation_deg: 3, opacity: 0.4 });
          const seen = toOutput(from, window, source, output);
          expect(seen.rx).toBe(seen.ry);
          const back = toSource(seen, window, source, output);
          for (const part of ["x", "y", "rx", "ry", "rotation_deg", "opacity"] as const) {
            expect(back[part]).toBeCloseTo(from[part], 8);
          }
        },
      ),
    );
  });

  test("fades and is fully there between", () => {
    const starts = fc.integer({ min: 0, max: 4000 });
    fc.assert(
      fc.property(
        starts,
        fc.integer({ min: 500, max: 4000 }),
        fc.integer({ min: -100, max: 9000 }),
        (start, lasts, pts) => {
          const seen = spotlightAt(region(start, start + lasts), pts, MS);
          expect(seen === null).toBe(pts < start || pts >= start + lasts);
          if (seen) expect(seen.opacity < 1).toBe(Math.min(pts - start, start + lasts - pts) < 250);
        },
      ),
    );
  });

  test("that is no ellipse is nowhere", () => {
    for (const more of [{ rx: Number.POSITIVE_INFINITY }, { ry: Number.NaN }, { rx: -1 }]) {
      expect(inPicture(ellipse(more), { width: 10, height: 10 }).opacity).toBe(0);
    }
  });

  test("is outside when its centre is", () => {
    const centres = [
      [0, 0],
      [1080, 1920],
      [-1, 5],
      [5, 1921],
      [Number.NaN, 5],
    ] as const;
    expect(centres.map(([x, y]) => isOutside({ x, y }, OUTPUT_SIZES["9:16"]))).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
  });

  test("is by default two seconds of the size of a player, and no longer than its clip", () => {
    const made = defaultSpotlight("a", "k", span(90_000, 900_000), [1, 90_000]);
    expect([made.in_pts, made.out_pts, made.keys]).toEqual([90_000, 270_000, [spot(90_000)]]);
    validateSpotlights([made], span(90_000, 900_000), [1, 90_000]);
    expect(defaultSpotlight("a", "k", span(0, 1500), MS).out_pts).toBe(1500);
  });

  test("may touch another, in any order", () => {
    validateSpotlights([region(2000, 3000), region(1500, 2000)], CLIP, MS);
  });

  test("is refused where it is wrong", () => {
    const refused: readonly (readonly [readonly Region[], string, string])[] = [
      [[region(2000, 3000), region(1500, 2001)], "spotlights_overlap", "/0"],
      [[region(0, 500), region(1000, 1499)], "spotlight_too_short", "/1"],
      [[region(0, 1000, [spot(600), spot(300)])], "keyframes_out_of_order", "/0/keys/1"],
      [[region(0, 1000, [])], "bad_field", "/0/keys"],
      [[region(0, 1000, [spot(0, { rx: 0 })])], "bad_field", "/0/keys/0/rx"],
      [[region(0, 1000, [spot(0, { y: Number.NEGATIVE_INFINITY })])], "bad_field", "/0/keys/0/y"],
      [[region(10_000, 11_000)], "bad_field", "/0"],
    ];
    for (const [spotlights, code, field] of refused) {
      const refusal = refusalOf(() => validateSpotlights(spotlights, CLIP, MS));
      expect([refusal.code, refusal.details.field]).toEqual([code, field]);
    }
  });
});
