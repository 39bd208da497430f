import { describe, expect, test } from "vitest";
import { type EditClip, placeOf } from "../project/document.ts";
import type { Frame } from "./box.ts";
import {
  copiedAt,
  cropOf,
  keyAt,
  keyBeside,
  pathOf,
  windowOf,
  withBox,
  withDefault,
  withKeyAt,
  withKeyframe,
  withoutKey,
  withPasted,
} from "./cropping.ts";

const SOURCE = { width: 1920, height: 1080 };
const FRAME: Frame = { aspect: "9:16", source: SOURCE, rotation_deg: 0 };
const CLIP: EditClip = placeOf(
  "place",
  { id: "clip", source_id: "source", time_base: [1, 1000], in_pts: 1000, out_pts: 6000 },
  "9:16",
);
const BOX = { cx: 0.3, cy: 0.5, h: 0.8 };

const keysOf = (clip: EditClip) => clip.crops["9:16"]?.keys ?? [];

describe("a crop while it is edited", () => {
  test("is the largest around the centre until somebody says otherwise", () => {
    expect(cropOf(CLIP, "9:16", SOURCE)).toMatchObject({ framed: false, keys: [{ cx: 0.5, cy: 0.5, h: 1 }] });
  });

  test("the first box is the only one, and holds all through", () => {
    const clip = withBox(CLIP, 3000, BOX, FRAME, "a");
    expect(clip.crops["9:16"]).toMatchObject({ framed: true, keys: [{ id: "a", pts: 3000, ...BOX, by: "hand" }] });
    expect(windowOf(clip, 1000, "9:16", SOURCE)).toMatchObject(BOX);
  });

  test("the next ones are keyframes in time; a box where one stands moves it", () => {
    const two = withBox(withBox(CLIP, 3000, BOX, FRAME, "a"), 2000, { ...BOX, cx: 0.6 }, FRAME, "b");
    expect(keysOf(two).map(({ id, pts }) => [id, pts])).toEqual([
      ["b", 2000],
      ["a", 3000],
    ]);
    const moved = withBox(two, 3000, { ...BOX, cx: 0.4 }, FRAME, "c");
    expect(keysOf(moved)).toHaveLength(2);
    expect(keyAt({ keys: keysOf(moved) }, 3000)).toMatchObject({ id: "a", cx: 0.4 });
  });

  test("a keyframe that was tracked is made by hand once it is moved", () => {
    const tracked = { ...withBox(CLIP, 3000, BOX, FRAME, "a") };
    const keys = keysOf(tracked).map((key) => ({ ...key, by: "track" as const }));
    const clip = withBox(
      { ...tracked, crops: { "9:16": { framed: true, keys } } },
      3000,
      { ...BOX, cx: 0.5 },
      FRAME,
      "b",
    );
    expect(keysOf(clip)).toMatchObject([{ id: "a", by: "hand" }]);
  });

  test("a keyframe in between changes nothing that is seen there", () => {
    const two = withBox(withBox(CLIP, 2000, BOX, FRAME, "a"), 4000, { ...BOX, cx: 0.6, h: 0.5 }, FRAME, "b");
    const seen = windowOf(two, 3000, "9:16", SOURCE);
    const three = withKeyframe(two, 3000, FRAME, "c");
    expect(keysOf(three)).toHaveLength(3);
    expect(windowOf(three, 3000, "9:16", SOURCE)).toEqual(seen);
    expect(withKeyframe(three, 3000, FRAME, "d")).toBe(three);
  });

  test("keyframes move in time, but never onto each other", () => {
    const two = withBox(withBox(CLIP, 2000, BOX, FRAME, "a"), 4000, { ...BOX, cx: 0.6 }, FRAME, "b");
    expect(keysOf(withKeyAt(two, "9:16", "a", 5000)).map(({ id }) => id)).toEqual(["b", "a"]);
    expect(withKeyAt(two, "9:16", "a", 4000)).toBe(two);
  });

  test("what is copied is what is seen, and is pasted into another clip and shape", () => {
    const two = withBox(withBox(CLIP, 2000, BOX, FRAME, "a"), 4000, { ...BOX, cx: 0.6 }, FRAME, "b");
    const copied = copiedAt(two, 3000, "9:16", SOURCE);
    expect(copied.cx).toBeCloseTo(0.45);
    const other = withPasted({ ...CLIP, id: "other" }, 1500, copied, { ...FRAME, aspect: "1:1" }, "c");
    expect(other.crops["1:1"]).toMatchObject({ framed: true, keys: [{ id: "c", pts: 1500, cy: 0.5, h: 0.8 }] });
  });

  test("without its last keyframe a clip is as nobody had framed it", () => {
    const one = withBox(CLIP, 3000, BOX, FRAME, "a");
    expect(withoutKey(one, "9:16", "a").crops).toEqual({});
    const two = withBox(one, 4000, BOX, FRAME, "b");
    expect(keysOf(withoutKey(two, "9:16", "a")).map(({ id }) => id)).toEqual(["b"]);
  });

  test("the default is agreed to", () => {
    expect(withDefault(CLIP, "16:9", SOURCE, "d").crops["16:9"]).toMatchObject({
      framed: true,
      keys: [{ id: "d", h: 1 }],
    });
  });

  test("one goes from keyframe to keyframe", () => {
    const two = withBox(withBox(CLIP, 2000, BOX, FRAME, "a"), 4000, BOX, FRAME, "b");
    const crop = cropOf(two, "9:16", SOURCE);
    expect([keyBeside(crop, 2000, 1)?.id, keyBeside(crop, 2000, -1), keyBeside(crop, 5000, -1)?.id]).toEqual([
      "b",
      null,
      "b",
    ]);
  });

  test("the path goes through its keyframes, inside the clip; a crop that rests has none", () => {
    const two = withBox(withBox(CLIP, 2000, BOX, FRAME, "a"), 4000, { ...BOX, cx: 0.6 }, FRAME, "b");
    const path = pathOf(cropOf(two, "9:16", SOURCE), { in_pts: 1000, out_pts: 6000 }, FRAME);
    expect(path[0]?.cx).toBeCloseTo(0.3);
    expect(path.at(-1)?.cx).toBeCloseTo(0.6);
    expect(pathOf(cropOf(CLIP, "9:16", SOURCE), CLIP, FRAME)).toEqual([]);
  });
});
