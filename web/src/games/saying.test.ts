import { expect, test } from "vitest";
import type { Game, Source } from "../api/games.ts";
import { countsOf, faultOf, lengthOf, nextPart, partSaid, titleOf, usableSaid } from "./saying.ts";

const FACTS: NonNullable<Source["facts"]> = {
  codec: "h264",
  size_px: [1920, 1080],
  time_base: [1, 12_800],
  in_pts: 512,
  out_pts: 512 + 12_800 * 1800,
  rate: [25, 1],
  frames: 45_000,
  constant_rate: true,
  hdr: false,
  sound: true,
  proxy: false,
  sprite: {},
};
const SOURCE: Source = {
  id: "s1",
  game_id: "g",
  part: 1,
  name: "First half.mp4",
  size_bytes: 1,
  fingerprint: "",
  state: "ready",
  ingest_job: null,
  error: null,
  usable_until_pts: null,
  facts: FACTS,
  plays: "original",
  revision: 1,
  created_at: "2026-05-18T10:00:00.000Z",
  updated_at: "2026-05-18T10:00:00.000Z",
};
const GAME: Game = {
  id: "g",
  opponent: "FC Tigers",
  match_date: "2026-05-17",
  venue: "home",
  demo: false,
  sources: [SOURCE, { ...SOURCE, id: "s2", part: 2 }],
  clip_count: 12,
  revision: 1,
  created_at: "2026-05-18T10:00:00.000Z",
  updated_at: "2026-05-18T10:00:00.000Z",
};

test("a game is called by its opponent, else by its day", () => {
  expect(titleOf(GAME)).toBe("FC Tigers");
  expect(titleOf({ ...GAME, opponent: "" })).toBe("Game of Sun 17 May 2026");
  expect(titleOf({ ...GAME, opponent: "", match_date: null })).toBe("Game of Mon 18 May 2026");
});

test("two halves last as long as both", () => {
  expect(lengthOf(GAME)).toBe(3600);
  expect(countsOf(GAME)).toBe("1:00:00 · 2 halves · 12 clips");
  expect(countsOf({ ...GAME, sources: [{ ...SOURCE, facts: null }], clip_count: 0 })).toBe("No clips yet");
});

test("the next file takes the first free part", () => {
  expect(nextPart(GAME)).toBe(3);
  expect(nextPart({ ...GAME, sources: [{ ...SOURCE, part: 2 }] })).toBe(1);
  const full = [1, 2, 3, 4, 5, 6, 7, 8].map((part) => ({ ...SOURCE, part }));
  expect(nextPart({ ...GAME, sources: full })).toBeNull();
  expect([partSaid(1, 1), partSaid(1, 2), partSaid(2, 2), partSaid(7, 7)]).toEqual([
    "Whole match",
    "First half",
    "Second half",
    "Part 7",
  ]);
});

test("a file that ends early says where, and how much can be used", () => {
  const error = { code: "source_truncated", message: "The file ends early.", details: { usable_s: 2462.4 } };
  expect(faultOf({ ...SOURCE, state: "failed", error })).toEqual({
    title: "“First half.mp4” ends early at 41:02.",
    usable_s: 2462.4,
    again: false,
  });
  expect([usableSaid(2462.4), usableSaid(61.9)]).toEqual(["the first 41 minutes", "the first 61 seconds"]);
});

test("any other fault says what is wrong; only what is still there is looked at again", () => {
  const error = { code: "no_video_stream", message: "There is no video in this file.", details: {} };
  const fault = faultOf({ ...SOURCE, state: "refused", error });
  expect([fault?.title, fault?.again]).toEqual(["“First half.mp4”: There is no video in this file.", false]);
  expect(faultOf({ ...SOURCE, state: "failed", error: null })?.again).toBe(true);
  expect(faultOf(SOURCE)).toBeNull();
});
