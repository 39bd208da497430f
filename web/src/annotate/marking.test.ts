import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clockOf, type Part } from "../player/game.ts";
import { requireLength } from "../reel/annotation.ts";
import { draggedSpan, type Ground, markedSpan, mayBe, movedTo, nudged, USUAL_AROUND, withEdgeAt } from "./marking.ts";

const FRAME = 512;
const FRAMES = Array.from({ length: 1750 }, (_, index) => index * FRAME);
const GROUND: Ground = { span: { in_pts: 0, out_pts: 1750 * FRAME }, time_base: [1, 12_800], frames: FRAMES };
const CLIP = { in_pts: 100 * FRAME, out_pts: 350 * FRAME };

function expectGood(span: { in_pts: number; out_pts: number }) {
  requireLength(span, GROUND.span, GROUND.time_base);
  expect([span.in_pts % FRAME, span.out_pts % FRAME]).toEqual([0, 0]);
}

describe("a new clip", () => {
  test("holds the last 8 seconds and the next 2", () => {
    expect(markedSpan(500 * FRAME, GROUND, USUAL_AROUND)).toEqual({ in_pts: 300 * FRAME, out_pts: 550 * FRAME });
  });

  test("keeps the rules wherever it is marked", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1750 * FRAME - 1 }),
        fc.integer({ min: 0, max: 30_000 }),
        (pts, lead_ms) => {
          expectGood(markedSpan(pts, GROUND, { lead_ms, lag_ms: 30_000 - lead_ms }));
        },
      ),
    );
  });

  test("lead and lag together are 1 to 60 seconds", () => {
    expect([
      mayBe({ lead_ms: 500, lag_ms: 499 }),
      mayBe({ lead_ms: 1000, lag_ms: 0 }),
      mayBe({ lead_ms: 60_000, lag_ms: 1 }),
    ]).toEqual([false, true, false]);
  });
});

test("an edge may go only as far as the rules let it, and rests on a frame", () => {
  fc.assert(
    fc.property(fc.constantFrom("in" as const, "out" as const), fc.integer({ min: -1e6, max: 3e6 }), (edge, pts) => {
      expectGood(withEdgeAt(CLIP, edge, pts, GROUND));
    }),
  );
  expect(withEdgeAt(CLIP, "out", 1750 * FRAME, { ...GROUND }).out_pts).toBe(1600 * FRAME); // 60 s and no more
});

test("moved as a whole it keeps its length inside its source", () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e6, max: 3e6 }), (in_pts) => {
      const moved = movedTo(CLIP, in_pts, GROUND);
      expect(moved.out_pts - moved.in_pts).toBe(250 * FRAME);
      expectGood(moved);
    }),
  );
});

test("nudged by frames, over the last one to the end of the source", () => {
  expect(nudged(CLIP, "in", -1, GROUND).in_pts).toBe(99 * FRAME);
  const last = { in_pts: 1700 * FRAME, out_pts: 1749 * FRAME };
  expect(nudged(last, "out", 1, GROUND).out_pts).toBe(1750 * FRAME);
  expect(nudged(nudged(last, "out", 1, GROUND), "out", 1, GROUND).out_pts).toBe(1750 * FRAME);
});

test("a drag on the game's clock is one on the source's", () => {
  const before = { source_id: "x", part: 1, time_base: [1, 30_000] as const, span: { in_pts: 0, out_pts: 30_000 } };
  const clock = clockOf([before, { source_id: "a", part: 2, time_base: GROUND.time_base, span: GROUND.span }]);
  const part = clock?.parts[1] as Part;
  const wished = { in_pts: part.begins + 120 * FRAME * part.ticks, out_pts: part.begins + 350 * FRAME * part.ticks };
  expect(draggedSpan(CLIP, "in", wished, part, GROUND)).toEqual({ in_pts: 120 * FRAME, out_pts: 350 * FRAME });
});
