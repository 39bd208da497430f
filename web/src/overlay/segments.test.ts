import { describe, expect, test } from "vitest";
import { type Asked, comingSaid, inlaysOf, pagesAnew, type Segment } from "./segments.ts";

const RATE = [25, 1] as const;

function segment(begin_frame: number, frames: number, isThere = true): Segment {
  return { begin_frame, frames, media: isThere ? `/api/media/segment/${begin_frame}` : null };
}

describe("the pages of the list", () => {
  const asked: (string | null)[] = [];
  const answers = new Map<string | null, { items: Segment[]; next: string | null }>();
  const page = (after: string | null) => {
    asked.push(after);
    return Promise.resolve(answers.get(after) ?? { items: [], next: null });
  };

  test("those that are whole are not asked for again", async () => {
    answers.set(null, { items: [segment(0, 13), segment(13, 62)], next: "a" });
    answers.set("a", { items: [segment(75, 62, false)], next: "b" });
    answers.set("b", { items: [segment(137, 13, false)], next: null });
    const first = await pagesAnew([], page);
    expect(asked.splice(0)).toEqual([null, "a", "b"]);
    expect(first.flatMap(({ items }) => items).map(({ begin_frame }) => begin_frame)).toEqual([0, 13, 75, 137]);
    answers.set("a", { items: [segment(75, 62)], next: "b" });
    const second = await pagesAnew(first, page);
    expect(asked.splice(0)).toEqual(["a", "b"]);
    await pagesAnew(second, page);
    expect(asked.splice(0)).toEqual(["b"]);
  });

  test("a job that has not begun is asked again from the beginning", async () => {
    const nothing: readonly Asked[] = [{ after: null, items: [] }];
    await pagesAnew(nothing, page);
    expect(asked.splice(0)[0]).toBeNull();
  });
});

test("a segment that is there lies over the frames that it shows", () => {
  const [inlay, ...others] = inlaysOf([segment(13, 62), segment(75, 62, false)], RATE);
  expect(others).toEqual([]);
  expect(inlay).toMatchObject({ in_pts: 13, out_pts: 75, url: "/api/media/segment/13" });
  const shows = inlay?.shows;
  expect([shows?.secondsOf(13), shows?.secondsOf(74)]).toEqual([0.02, 61.5 / 25]);
  expect([shows?.ptsAt(0), shows?.ptsAt(0.04), shows?.ptsAt(2.44), shows?.ptsAt(9)]).toEqual([13, 14, 74, 74]);
  expect([shows?.covers(12), shows?.covers(13), shows?.covers(74), shows?.covers(75)]).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect([shows?.step(13, -1), shows?.step(13, 1), shows?.step(74, 1)]).toEqual([13, 14, 74]);
});

test("how far it is, in words", () => {
  expect(comingSaid({ there: [], count: 0 })).toBe("");
  expect(comingSaid({ there: [segment(0, 13)], count: 8 })).toBe("1 of 8 segments");
  expect(comingSaid({ there: [segment(0, 13)], count: 1 })).toBe("1 of 1 segment");
});
