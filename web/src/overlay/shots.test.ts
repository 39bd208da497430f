import { describe, expect, test } from "vitest";
import type { EditCard, EditClip, Spotlight } from "../project/document.ts";
import { OUTPUT_SIZES } from "../reel/geometry.ts";
import { COLOURS } from "../reel/light.ts";
import type { Ground } from "../timeline/footage.ts";
import { framedClock, framedShows, frameOf, tickOf } from "./clock.ts";
import { contrastsWith, meanInBand } from "./contrast.ts";
import { arcPixels } from "./drawing.ts";
import { holdsOf, passed } from "./holds.ts";
import { lift } from "./lit.ts";
import { flagOf, frozenAt, marksAt, placedAt } from "./marks.ts";
import { shotAt, shotsOf } from "./shots.ts";

/** 25 frames a second of 1920 × 1080, in milliseconds. */
const GROUND: Ground = {
  span: { in_pts: 0, out_pts: 60_000 },
  time_base: [1, 1000],
  size: { width: 1920, height: 1080 },
  frames: Array.from({ length: 1500 }, (_, n) => n * 40),
};

const KEY = { id: "key", x: 0.5, y: 0.5, rx: 0.06, ry: 0.12, ease: "smooth" } as const;

function spotlight(in_pts: number, out_pts: number, x = 0.5): Spotlight {
  const look = { shape: "body", colour: "white", effect: "dark", stroke: true, fill: false } as const;
  return { id: `at ${in_pts}`, in_pts, out_pts, keys: [{ ...KEY, pts: in_pts, x }], ...look };
}

function clipOf(id: string, in_pts: number, out_pts: number, more: Partial<EditClip> = {}): EditClip {
  return {
    ...{ id, clip_id: null, revision: 0, source_id: "source", time_base: [1, 1000], in_pts, out_pts, audio: true },
    ...{ rotation_deg: 0, look: null, crops: {}, speeds: [], transition_in: "cut", spotlights: [], freeze_s: 0 },
    label: "",
    ...more,
  };
}

const FRAMED = { rate: [25, 1] as const, aspect: "9:16" as const };

/** Two clips of four seconds; the second runs at half speed in its first second, and dissolves in over twelve frames. */
const CLIPS = [
  clipOf("a", 1000, 5000, { spotlights: [spotlight(1000, 3000)] }),
  clipOf("b", 10_000, 14_000, {
    transition_in: "dissolve",
    speeds: [{ in_pts: 10_000, out_pts: 11_000, rate: [1, 2] }],
  }),
];
const PLACES = [
  { clip: "a", first_frame: 0, frame_count: 100 },
  { clip: "b", first_frame: 88, frame_count: 125 },
];
const shotsWith = (clips: readonly EditClip[]) => shotsOf(clips, PLACES, FRAMED, () => GROUND);

describe("the frames of a framed video", () => {
  const [a, b] = shotsWith(CLIPS) as [NonNullable<ReturnType<typeof shotAt>>, NonNullable<ReturnType<typeof shotAt>>];

  test("show the newest picture of the source, at the clip's speed", () => {
    expect([a.pts(0), a.pts(1), a.pts(99)]).toEqual([1000, 1040, 4960]);
    expect([b.pts(88), b.pts(90), b.pts(88 + 50), b.pts(88 + 51)]).toEqual([10_000, 10_040, 11_000, 11_040]);
  });

  test("and times of the clip stand at their frames, to and fro", () => {
    for (const pts of [10_000, 10_500, 11_000, 12_340, 13_999]) expect(b.timeAt(b.frameAt(pts))).toBe(pts);
    expect(b.frameAt(0)).toBe(88);
    expect(b.frameAt(99_000)).toBe(88 + 125);
  });

  test("belong to both clips in a transition, each as faint as its pictures", () => {
    expect([a.lead, a.trail, b.lead, b.trail]).toEqual([0, 12, 12, 0]);
    expect(a.share(87)).toBe(1);
    expect(a.share(94) + b.share(94)).toBeCloseTo(1);
    expect(shotAt([a, b], 93)).toBe(a);
    expect(shotAt([a, b], 94)).toBe(b);
    expect(shotAt([a, b], 213)).toBeNull();
  });

  test("of a clip that is gone, or whose source is, are left out", () => {
    expect(shotsOf([CLIPS[1] as EditClip], PLACES, FRAMED, () => GROUND)).toHaveLength(1);
    expect(shotsOf(CLIPS, PLACES, FRAMED, () => null)).toEqual([]);
  });
});

describe("what is drawn", () => {
  const [a] = shotsWith(CLIPS);

  test("a spotlight fades in over a quarter of a second, and stands in the middle of the default crop", () => {
    const shots = shotsWith(CLIPS);
    expect(marksAt(shots, 0)).toEqual([]);
    const [mark] = marksAt(shots, 10);
    expect(mark?.opacity).toBe(1);
    expect(mark?.ellipse).toMatchObject({ x: 540, y: 960 });
    expect(mark?.ellipse?.ry).toBeCloseTo(0.12 * 1920);
    expect(marksAt(shots, 60)).toEqual([]);
  });

  test("a name without a spotlight is in the corner for two seconds", () => {
    const shots = shotsWith([{ ...(CLIPS[0] as EditClip), spotlights: [], label: " Mia " }, CLIPS[1] as EditClip]);
    expect(marksAt(shots, 20)).toMatchObject([{ label: "Mia", look: null, ellipse: null, opacity: 1 }]);
    expect(marksAt(shots, 60)).toEqual([]);
  });

  test("after a freeze-frame, which shows it in full, it does not fade in once more", () => {
    const clip = { ...(CLIPS[0] as EditClip), freeze_s: 1.5, spotlights: [spotlight(2000, 4000)] };
    const shots = shotsWith([clip, CLIPS[1] as EditClip]);
    const [shot] = shots;
    expect(shot && frozenAt(shot)).toBe(25);
    expect(marksAt(shots, 25, shot ?? null)[0]?.opacity).toBe(1);
    expect(marksAt(shots, 26)[0]?.opacity).toBe(1);
    expect(marksAt(shots, 99)[0]?.opacity ?? 0).toBeLessThan(1);
  });

  test("a spotlight is flagged where its player is out of the crop", () => {
    const far = spotlight(1000, 3000, 0.95);
    const leaves = { ...far, keys: [...spotlight(1000, 3000).keys, { ...KEY, id: "b", pts: 2900, x: 0.95 }] };
    expect(a && [flagOf(a, spotlight(1000, 3000)), flagOf(a, leaves), flagOf(a, far)]).toEqual([null, "some", "all"]);
    expect(a && placedAt(a, far, 5)?.x).toBeGreaterThan(OUTPUT_SIZES["9:16"].width);
  });
});

test("what is held stands in the reel's order, and is met once on the way", () => {
  const card = (id: string, before: string | null): EditCard => ({ id, before, revision: 0, duration_s: 3, text: id });
  const clips = [{ ...(CLIPS[0] as EditClip), freeze_s: 1 }, CLIPS[1] as EditClip];
  const holds = holdsOf(shotsWith(clips), [card("end", null), card("first", "a"), card("second", "b")], 213);
  expect(holds.map(({ frame, over }) => [frame, over.kind === "card" ? over.card.id : over.kind])).toEqual([
    [0, "first"],
    [0, "freeze"],
    [94, "second"],
    [213, "end"],
  ]);
  expect(passed(holds, 93, 94)).toHaveLength(1);
  expect(passed(holds, 94, 95)).toEqual([]);
});

test("the clock's ticks are the frames, also at a broadcast's rate", () => {
  const clock = framedClock(300, [30_000, 1001]);
  const shows = framedShows(300, [30_000, 1001]);
  for (const frame of [0, 1, 77, 299]) {
    expect(frameOf(clock, tickOf(clock, frame))).toBeCloseTo(frame);
    expect(shows.ptsAt(shows.secondsOf(frame))).toBe(frame);
    expect(shows.ptsAt((frame * 1001) / 30_000 - 0.000_001)).toBe(frame);
  }
  expect([shows.step(0, -1), shows.step(299, 1), shows.ptsAt(99)]).toEqual([0, 299, 299]);
});

test("the arc on the ground is full at the front, and open at the back", () => {
  const ring = { x: 100, y: 60, rx: 60, ry: 20, rotation_deg: 0, opacity: 1 };
  const arc = arcPixels(ring, 3, 1, 1, { width: 200, height: 120 });
  const at = (x: number, y: number) => arc?.line[(y - arc.top) * arc.width + x - arc.left];
  expect(at(100, 79)).toBeCloseTo(1);
  expect(at(100, 40)).toBe(0);
  expect(at(100, 60)).toBe(0);
  expect(arcPixels({ ...ring, x: -900 }, 3, 1, 1, { width: 200, height: 120 })).toBeNull();
});

test("light is lifted, white stays white and grey stays grey", () => {
  const pixels = Uint8ClampedArray.from([255, 255, 255, 255, 64, 64, 64, 255, 0, 0, 0, 255, 60, 120, 60, 255]);
  lift(pixels, 1);
  expect([...pixels.slice(0, 3)]).toEqual([255, 255, 255]);
  expect(pixels[4]).toBe(Math.round(255 * (64 / 255) ** 0.78));
  expect(new Set(pixels.slice(4, 7)).size).toBe(1);
  expect(pixels[8]).toBe(0);
  expect(pixels[13]).toBeGreaterThan(120);
});

test("the ground under the outline is measured in its band alone", () => {
  const side = 40;
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  for (let at = 0; at < side * side; at += 1) {
    const reach = Math.hypot(((at % side) + 0.5) / 20 - 1, (Math.floor(at / side) + 0.5) / 20 - 1) * 1.3;
    if (reach >= 0.8) pixels.set([58, 110, 60], 4 * at);
  }
  expect(meanInBand(pixels, side, 1.3)).toBe("#3a6e3c");
  expect(meanInBand(new Uint8ClampedArray(side * side * 4), side, 1.3)).toBeNull();
  const found = contrastsWith("#3a6e3c");
  expect([...found.keys()]).toEqual(Object.keys(COLOURS).filter((name) => name !== "none"));
  expect(found.get("white")).toBeGreaterThan(5);
});
