import { describe, expect, test } from "vitest";
import { DECODE, faultOf, NETWORK, NOT_SUPPORTED, pictureFault } from "./faults.ts";
import { among, joined, looping } from "./playlist.ts";
import { nextSpeed, shuttled } from "./shuttle.ts";
import { Windows } from "./windows.ts";

describe("only the clips", () => {
  const spans = joined([
    { in_pts: 50, out_pts: 60 },
    { in_pts: 10, out_pts: 20 },
    { in_pts: 18, out_pts: 30 },
  ]);

  test("what overlaps is shown once", () => {
    expect(spans).toEqual([
      { in_pts: 10, out_pts: 30 },
      { in_pts: 50, out_pts: 60 },
    ]);
  });

  test.each([
    [0, { kind: "jump", to: 10 }],
    [10, { kind: "stay" }],
    [29, { kind: "stay" }],
    [30, { kind: "jump", to: 50 }],
    [60, { kind: "stop" }],
  ])("at %d", (at, next) => {
    expect(among(spans, at)).toEqual(next);
  });

  test("half a frame early, so that nothing of what follows is seen", () => {
    expect(among(spans, 29, 1)).toEqual({ kind: "jump", to: 50 });
    expect(looping({ in_pts: 10, out_pts: 30 }, 29, 1)).toEqual({ kind: "jump", to: 10 });
    expect(looping({ in_pts: 10, out_pts: 30 }, 5, 1)).toEqual({ kind: "stay" });
  });
});

test("J and L: again is faster, the other way begins slowly", () => {
  expect([shuttled(0, 1), shuttled(1, 1), shuttled(2, 1), shuttled(4, 1), shuttled(4, -1), shuttled(-1, -1)]).toEqual([
    1, 2, 4, 4, -1, -2,
  ]);
  expect([nextSpeed(1, 1), nextSpeed(1, -1), nextSpeed(2, 1), nextSpeed(0.25, -1)]).toEqual([1.5, 0.5, 2, 0.25]);
});

test("sound without a picture is a fault, and says what is done about it", () => {
  expect(pictureFault(1920, false)).toBeNull();
  expect(pictureFault(0, false)?.kind).toBe("no_picture");
  expect(pictureFault(0, true)?.title).toMatch(/when the upload is done/);
  expect(faultOf(NOT_SUPPORTED, true, false).renewable).toBe(false);
  expect(faultOf(NETWORK, false, false).renewable).toBe(true);
  expect(faultOf(NOT_SUPPORTED, false, true).renewable).toBe(true); // an address that has run out says the same
  expect(faultOf(DECODE, false, false).renewable).toBe(false);
});

describe("windows", () => {
  test("one that is there is not asked for again, and covers what it shows", async () => {
    let asked = 0;
    const windows = new Windows(() => {
      asked += 1;
      return Promise.resolve("made" as const);
    });
    await windows.want("a", { in_pts: 100, out_pts: 200 }, { in_pts: 50, out_pts: 250 }, "/w");
    await windows.want("a", { in_pts: 60, out_pts: 240 }, { in_pts: 10, out_pts: 290 }, "/v");
    expect(asked).toBe(1);
    expect(windows.covering("a", 50)?.url).toBe("/w");
    expect([windows.covering("a", 250), windows.covering("b", 60)]).toEqual([null, null]);
  });

  test("one that cannot be is let be", async () => {
    const windows = new Windows(() => Promise.resolve("never" as const));
    await windows.want("a", { in_pts: 100, out_pts: 200 }, { in_pts: 50, out_pts: 250 }, "/w");
    expect(windows.covering("a", 150)).toBeNull();
  });
});
