import { expect, test } from "vitest";
import { inOrder, isShort, refusalOf } from "./files.ts";

test.each([
  ["First half.MP4", 10, null],
  ["clip.mov", 10, null],
  ["notes.pdf", 10, "not a video"],
  ["no ending", 10, "not a video"],
  ["half.mp4", 0, "empty"],
  ["half.mp4", 20_000_000_001, "larger than 20 GB"],
] as const)("%s of %i bytes", (name, size, said) => {
  const refusal = refusalOf({ name, size });
  if (said === null) expect(refusal).toBeNull();
  else expect(refusal).toContain(said);
});

test("halves stand in the order of their names", () => {
  const names = ["GX10_10.MP4", "GX10_9.MP4", "GX10_2.MP4"];
  const files = names.map((name) => ({ file: new File(["x"], name) }));
  expect(inOrder(files).map(({ file }) => file.name)).toEqual(["GX10_2.MP4", "GX10_9.MP4", "GX10_10.MP4"]);
});

test("a play lasts a minute at most", () => {
  expect([null, 0.4, 1, 12, 60, 60.1, 5400].map(isShort)).toEqual([false, false, true, true, true, false, false]);
});
