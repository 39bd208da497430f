import { describe, expect, test } from "vitest";
import { type EditClip, NO_EDIT, placeOf } from "../project/document.ts";
import { validateCrop } from "../reel/crop.ts";
import { pieces } from "../reel/speed.ts";
import { withBox } from "./cropping.ts";
import { onClock } from "./on_clock.ts";
import { estimateSaid, meterSaid, missingSaid } from "./saying.ts";
import { frameBeside, type Ground, nudged, reachOf, trimmed, turnedTo } from "./shaping.ts";
import {
  lastsS,
  rateOf,
  saidRate,
  speedAt,
  withoutSpeed,
  withRate,
  withSpeedFrom,
  withSpeedMoved,
} from "./speeding.ts";

const SOURCE = { width: 1920, height: 1080 };
const GROUND: Ground = {
  span: { in_pts: 0, out_pts: 70_000 },
  time_base: [1, 1000],
  frames: Array.from({ length: 1750 }, (_, index) => index * 40),
};
const CLIP: EditClip = placeOf(
  "place",
  { id: "clip", source_id: "source", time_base: [1, 1000], in_pts: 10_000, out_pts: 20_000 },
  "9:16",
);

describe("speeds", () => {
  test("begin at half speed, for a second and a half, where there is room", () => {
    const clip = withSpeedFrom(CLIP, 12_000);
    expect(clip.speeds).toEqual([{ in_pts: 12_000, out_pts: 13_500, rate: [1, 2] }]);
    expect(lastsS(clip)).toBeCloseTo(11.5);
    expect(withSpeedFrom(clip, 12_500)).toBe(clip);
    expect(withSpeedFrom(clip, 11_000).speeds[0]).toMatchObject({ in_pts: 11_000, out_pts: 12_000 });
    expect(withSpeedFrom(CLIP, 19_950).speeds).toEqual([{ in_pts: 19_800, out_pts: 20_000, rate: [1, 2] }]);
  });

  test("never overlap, and stay in the clip", () => {
    const two = withSpeedFrom(withSpeedFrom(CLIP, 12_000), 15_000);
    for (const part of ["in", "out", "body"] as const) {
      for (const by of [-9000, -1000, 1000, 9000]) {
        const { in_pts, out_pts } = two.speeds[1] as { in_pts: number; out_pts: number };
        const moved = withSpeedMoved(two, 1, part, { in_pts: in_pts + by, out_pts: out_pts + by });
        expect(() => pieces(CLIP, moved.speeds)).not.toThrow();
        expect(moved.speeds.every((one) => one.in_pts >= 10_000 && one.out_pts <= 20_000)).toBe(true);
      }
    }
  });

  test("are set to the hundredth, from a quarter to twice", () => {
    expect([rateOf(0.35), rateOf(9), rateOf(0)]).toEqual([
      [7, 20],
      [2, 1],
      [1, 4],
    ]);
    expect(saidRate(0.35)).toBe("0.35×");
    const clip = withRate(withSpeedFrom(CLIP, 12_000), 0, rateOf(2));
    expect(lastsS(clip)).toBeCloseTo(9.25);
    expect([speedAt(clip, 12_000), speedAt(clip, 13_500)]).toEqual([0, -1]);
    expect(withoutSpeed(clip, 0).speeds).toEqual([]);
  });
});

describe("a clip", () => {
  test("is trimmed on frames, inside its source, and loses the spotlights that no moment of it is left of", () => {
    const spotlight = {
      id: "s",
      in_pts: 10_000,
      out_pts: 11_000,
      keys: [],
    } as unknown as EditClip["spotlights"][number];
    expect(trimmed(CLIP, "in", 9015, GROUND)).toMatchObject({ in_pts: 9000, out_pts: 20_000 });
    expect(trimmed({ ...CLIP, spotlights: [spotlight] }, "in", 12_000, GROUND).spotlights).toEqual([]);
    expect(trimmed(CLIP, "out", 99_000, GROUND)).toMatchObject({ out_pts: 70_000 });
    expect(trimmed(CLIP, "out", 10_100, GROUND)).toMatchObject({ out_pts: 11_000 });
    expect(nudged(CLIP, "out", -1, GROUND)).toMatchObject({ out_pts: 19_960 });
    expect(frameBeside(69_960, 1, GROUND)).toBe(70_000);
  });

  test("that is turned keeps its crops inside the picture", () => {
    const clip = withBox(
      CLIP,
      10_000,
      { cx: 0.16, cy: 0.5, h: 1 },
      { aspect: "9:16", source: SOURCE, rotation_deg: 0 },
      "a",
    );
    const turned = turnedTo(clip, 12.34, SOURCE);
    expect(turned.rotation_deg).toBe(12.3);
    expect(turnedTo(clip, -90, SOURCE).rotation_deg).toBe(-20);
    expect(() => validateCrop({ keys: turned.crops["9:16"]?.keys ?? [] }, "9:16", SOURCE, 12.3)).not.toThrow();
  });

  test("is shown with five seconds around it, and these stay while it is trimmed within them", () => {
    const reach = reachOf(CLIP, GROUND, null);
    expect(reach).toEqual({ in_pts: 5000, out_pts: 25_000 });
    expect(reachOf({ in_pts: 8000, out_pts: 20_000 }, GROUND, reach)).toBe(reach);
    expect(reachOf({ in_pts: 5200, out_pts: 20_000 }, GROUND, reach).in_pts).toBe(200);
  });

  test("marked before its footage was looked over is on another clock", () => {
    const early = { ...withSpeedFrom(CLIP, 12_000), time_base: [1, 500] as const };
    expect(onClock(early, [1, 1000])).toMatchObject({
      time_base: [1, 1000],
      in_pts: 20_000,
      out_pts: 40_000,
      speeds: [{ in_pts: 24_000, out_pts: 27_000, rate: [1, 2] }],
    });
    expect(onClock(CLIP, [1, 1000])).toBe(CLIP);
  });
});

describe("what is said", () => {
  test("the meter counts the crop's pixels against the output's", () => {
    expect(meterSaid({ h: 0.658 }, SOURCE, "9:16")).toBe("2.7×: AI makes 86 % of these pixels");
    expect(meterSaid({ h: 1 }, { width: 1920, height: 1080 }, "16:9")).toBe("The camera made all of these pixels");
  });

  test("what is missing is named", () => {
    const edit = { ...NO_EDIT, clips: [CLIP, { ...CLIP, id: "other" }] };
    const name = (id: string) => ({ place: "Brilliant Goal", other: "Good Pass" })[id] ?? "";
    expect(missingSaid(edit, name)).toBe("2 clips have no 9:16 crop yet: Brilliant Goal, Good Pass.");
    const framed = withBox(
      CLIP,
      10_000,
      { cx: 0.5, cy: 0.5, h: 1 },
      { aspect: "9:16", source: SOURCE, rotation_deg: 0 },
      "a",
    );
    expect(missingSaid({ ...edit, clips: [framed] }, name)).toBeNull();
    expect(missingSaid(NO_EDIT, name)).toBe("Add a clip first.");
  });

  test("an estimate says time and cost as far as they are known", () => {
    const estimate = { duration_s: 24, rendering_s: 190, frames: 600, frames_to_render: 600, price_credits: 24 };
    const said = (change: object) => estimateSaid({ ...estimate, ...change } as never).join(" · ");
    expect(said({})).toBe("24.0 s of reel · about 3:10 to make · 24 credits");
    expect(said({ rendering_s: null, price_credits: null })).toBe("24.0 s of reel · 600 frames to make");
    expect(said({ frames_to_render: 0, price_credits: null })).toBe("24.0 s of reel · all of it is made already");
  });
});
