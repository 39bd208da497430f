import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EditClip, Spotlight } from "../project/document.ts";
import { validateSpotlights } from "../reel/spotlight.ts";
import {
  heldPlace,
  keyAt,
  MIDDLE,
  placeAt,
  roomAt,
  shortestPts,
  withKeyAt,
  withoutKey,
  withoutSpotlight,
  withPlace,
  withSpan,
  withSpotlight,
} from "./regions.ts";

const CLIP: EditClip = {
  id: "clip",
  clip_id: null,
  revision: 0,
  source_id: "source",
  time_base: [1, 1000],
  in_pts: 1000,
  out_pts: 9000,
  audio: true,
  rotation_deg: 0,
  look: null,
  crops: {},
  speeds: [],
  transition_in: "cut",
  spotlights: [],
  freeze_s: 0,
  label: "",
};
const only = (clip: EditClip): Spotlight => clip.spotlights[0] as Spotlight;
const spans = (clip: EditClip) => clip.spotlights.map(({ in_pts, out_pts }) => [in_pts, out_pts]);
let count = 0;
const ids = () => {
  count += 1;
  return { id: `region ${count}`, key: `key ${count}` };
};

describe("a new spotlight", () => {
  test("is the clip's first two seconds, with its keyframe where it was placed", () => {
    const clip = withSpotlight(CLIP, 1400, { ...MIDDLE, x: 0.3 }, ids());
    expect(spans(clip)).toEqual([[1000, 3000]]);
    expect(only(clip).keys).toMatchObject([{ pts: 1400, x: 0.3, rx: 0.06, ry: 0.12 }]);
  });

  test("later in the clip begins at the moment, and never reaches into the next", () => {
    const clip = withSpotlight(withSpotlight(CLIP, 6000, MIDDLE, ids()), 4500, MIDDLE, ids());
    expect(spans(clip)).toEqual([
      [4500, 6000],
      [6000, 8000],
    ]);
  });

  test("moves back where too little is left after the moment", () => {
    expect(roomAt(CLIP, 8900)).toEqual({ in_pts: 8500, out_pts: 9000 });
  });

  test("is none where there is one already, outside the clip, or without room", () => {
    const clip = withSpotlight(CLIP, 1000, MIDDLE, ids());
    expect(withSpotlight(clip, 2000, MIDDLE, ids())).toBe(clip);
    expect(roomAt(clip, 9000)).toBeNull();
    const near = withSpan(clip, only(clip).id, "out", { in_pts: 1000, out_pts: 8700 });
    expect(roomAt(near, 8800)).toBeNull();
  });

  test("lasts half a second at the least, whatever the clock", () => {
    for (const time_base of [
      [1, 1000],
      [1001, 30_000],
      [1, 3],
    ] as const) {
      const least = shortestPts({ time_base });
      expect((least * time_base[0]) / time_base[1]).toBeGreaterThanOrEqual(0.5);
      expect(((least - 1) * time_base[0]) / time_base[1]).toBeLessThan(0.5);
    }
  });
});

test("whatever is added, moved and resized, the rules hold", () => {
  const at = fc.integer({ min: -2000, max: 12_000 });
  const part = fc.constantFrom("in" as const, "out" as const, "body" as const);
  const deed = fc.record({ what: fc.constantFrom("add", "span", "remove"), at, to: at, part, which: fc.nat(9) });
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 20 }), (deeds) => {
      const clip = deeds.reduce<EditClip>((before, { what, at: from, to, part: edge, which }) => {
        const region = before.spotlights[which % Math.max(before.spotlights.length, 1)];
        if (what === "add") return withSpotlight(before, from, MIDDLE, ids());
        if (!region) return before;
        if (what === "remove") return withoutSpotlight(before, region.id);
        return withSpan(before, region.id, edge, { in_pts: Math.min(from, to), out_pts: Math.max(from, to) });
      }, CLIP);
      validateSpotlights(clip.spotlights, clip, clip.time_base);
      for (const { in_pts, out_pts } of clip.spotlights) {
        expect(in_pts).toBeGreaterThanOrEqual(CLIP.in_pts);
        expect(out_pts).toBeLessThanOrEqual(CLIP.out_pts);
      }
    }),
  );
});

describe("keyframes", () => {
  const clip = withSpotlight(CLIP, 1000, MIDDLE, ids());
  const { id } = only(clip);

  test("a place at another moment makes one, at the same moment moves it", () => {
    const two = withPlace(clip, id, 2000, { ...MIDDLE, x: 0.7 }, "b");
    expect(only(two).keys.map(({ pts, x }) => [pts, x])).toEqual([
      [1000, 0.5],
      [2000, 0.7],
    ]);
    const moved = withPlace(two, id, 2000, { ...MIDDLE, x: 0.8 }, "c");
    expect(keyAt(only(moved), 2000)).toMatchObject({ id: "b", x: 0.8 });
    expect(placeAt(moved, only(moved), 1500).x).toBeCloseTo(0.65);
  });

  test("the last one stays, and none passes its neighbour", () => {
    expect(withoutKey(clip, id, only(clip).keys[0]?.id ?? "")).toEqual(clip);
    const two = withPlace(clip, id, 2000, MIDDLE, "b");
    expect(only(withKeyAt(two, id, "b", 400)).keys.map(({ pts }) => pts)).toEqual([1000, 1001]);
    expect(only(withKeyAt(two, id, "b", 99_000)).keys.map(({ pts }) => pts)).toEqual([1000, 8999]);
  });

  test("are held inside what the edit document takes", () => {
    expect(heldPlace({ x: -9, y: 9, rx: 0, ry: 5 })).toEqual({ x: -1, y: 2, rx: 0.004, ry: 1 });
  });
});
