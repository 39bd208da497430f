import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { validateCrop } from "../reel/crop.ts";
import type { Aspect } from "../reel/geometry.ts";
import {
  CORNERS,
  cornerMovedBy,
  type Frame,
  held,
  isTooSmall,
  leastHeight,
  movedBy,
  scaledTo,
  sizeOf,
  tallest,
} from "./box.ts";

const SOURCE = { width: 1920, height: 1080 };
const PORTRAIT: Frame = { aspect: "9:16", source: SOURCE, rotation_deg: 0 };
const MIDDLE = { cx: 0.5, cy: 0.5, h: 0.5 };

const frames = fc.record({
  aspect: fc.constantFrom<Aspect>("9:16", "16:9", "1:1", "4:5"),
  source: fc.constantFrom(SOURCE, { width: 720, height: 1280 }, { width: 3072, height: 1728 }),
  rotation_deg: fc.double({ min: -20, max: 20, noNaN: true }),
});
const boxes = fc.record({
  cx: fc.double({ min: 0, max: 1, noNaN: true }),
  cy: fc.double({ min: 0, max: 1, noNaN: true }),
  h: fc.double({ min: 0.2, max: 1, noNaN: true }),
});
const drags = fc.tuple(fc.integer({ min: -2000, max: 2000 }), fc.integer({ min: -2000, max: 2000 }));

const isAuthorable = (box: { cx: number; cy: number; h: number }, { aspect, source, rotation_deg }: Frame) =>
  validateCrop({ keys: [{ ...box, id: "", pts: 0, ease: "smooth", by: "hand" }] }, aspect, source, rotation_deg);

describe("a box under a hand", () => {
  test("is moved by pixels of the source", () => {
    const moved = movedBy(MIDDLE, 192, -108, PORTRAIT);
    expect(moved.cx).toBeCloseTo(0.6);
    expect(moved.cy).toBeCloseTo(0.4);
    expect(moved.h).toBe(0.5);
  });

  test("stays inside the picture", () => {
    const { cx, cy } = movedBy(MIDDLE, 5000, -5000, PORTRAIT);
    expect(cx).toBeCloseTo(1 - (0.5 * 1080 * 9) / 16 / 1920 / 2);
    expect(cy).toBeCloseTo(0.25);
  });

  test("is resized by a corner, the corner across standing still", () => {
    const dragged = cornerMovedBy(MIDDLE, "se", 90, 160, PORTRAIT); // along its own diagonal
    const [before, after] = [sizeOf(MIDDLE, PORTRAIT), sizeOf(dragged, PORTRAIT)];
    expect(after.height - before.height).toBeCloseTo(160);
    expect(after.width - before.width).toBeCloseTo(90);
    expect(dragged.cx * 1920 - after.width / 2).toBeCloseTo(960 - before.width / 2);
    expect(dragged.cy * 1080 - after.height / 2).toBeCloseTo(540 - before.height / 2);
  });

  test("grows by a corner until it comes to the edge, and not beyond", () => {
    const dragged = cornerMovedBy({ cx: 0.5, cy: 0.7, h: 0.4 }, "se", 3000, 3000, PORTRAIT);
    expect(dragged.cy + dragged.h / 2).toBeCloseTo(1, 3);
    expect(dragged.cy - dragged.h / 2).toBeCloseTo(0.5, 3);
  });

  test("is never smaller than 64 px on its shorter side", () => {
    expect(sizeOf(scaledTo(MIDDLE, 0.0001, PORTRAIT), PORTRAIT).width).toBeCloseTo(64);
    expect(sizeOf(cornerMovedBy(MIDDLE, "nw", 3000, 3000, PORTRAIT), PORTRAIT).width).toBeCloseTo(64);
    expect(leastHeight({ ...PORTRAIT, aspect: "16:9" }) * 1080).toBeCloseTo(64);
    expect(isTooSmall(63 / 1080, { ...PORTRAIT, aspect: "16:9" })).toBe(true);
    expect(isTooSmall(64 / 1080, { ...PORTRAIT, aspect: "16:9" })).toBe(false);
  });

  test("of a source that is smaller than that is all of it", () => {
    const tiny: Frame = { aspect: "9:16", source: { width: 48, height: 40 }, rotation_deg: 0 };
    expect(held({ cx: 0.5, cy: 0.5, h: 0.1 }, tiny).h).toBeCloseTo(tallest(tiny));
  });

  test("may be saved, however it was dragged and turned", () => {
    fc.assert(
      fc.property(frames, boxes, drags, fc.constantFrom(...CORNERS), (frame, box, [dx, dy], corner) => {
        isAuthorable(movedBy(held(box, frame), dx, dy, frame), frame);
        isAuthorable(cornerMovedBy(held(box, frame), corner, dx, dy, frame), frame);
        isAuthorable(scaledTo(held(box, frame), box.h / 3, frame), frame);
      }),
      { numRuns: 300 },
    );
  });
});
