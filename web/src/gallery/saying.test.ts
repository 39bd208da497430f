import { describe, expect, test } from "vitest";
import { fileName, saving } from "./handing_over.ts";
import type { Reel, Share, Version } from "./reels.ts";
import { goesSaid, lineOf, openSaid, smallSaid, watchedSaid, whyFewer } from "./saying.ts";

const VERSION: Version = {
  version: 2,
  job_id: "j",
  draft: false,
  title: "Mia",
  aspect: "9:16",
  frames: 600,
  rate: [25, 1],
  duration_s: 24,
  outside: [],
  media: "/api/media/reel/r?version=2",
  created_at: "2026-11-22T10:00:00.000Z",
};
const COPY = { version: 2, size_bytes: 12_400_000, width_px: 720, height_px: 1280, media: "/api/media/small_copy/r" };
const REEL: Reel = {
  id: "r",
  project_id: "p",
  name: "Mia",
  newest: VERSION,
  version_count: 2,
  small_copy: null,
  media: "/api/media/reel/r",
  poster: "/api/media/poster/r",
  revision: 1,
  created_at: VERSION.created_at,
  updated_at: VERSION.created_at,
};
const SHARE: Share = {
  id: "s",
  reel_id: "r",
  shown_name: "Mia",
  download: false,
  open: true,
  created_at: VERSION.created_at,
  expires_at: "2026-12-22T10:00:00.000Z",
  revoked_at: null,
  views: 0,
  viewed_at: null,
};

test("a card says how long, of which shape, and how many versions there are", () => {
  expect(lineOf(REEL)).toBe("0:24 · 9:16 · 2 versions");
  expect(lineOf({ ...REEL, version_count: 1 })).toBe("0:24 · 9:16");
});

describe("what goes with a reel", () => {
  test.each([
    [REEL, [], "All 2 versions go, for good. The project and its footage stay."],
    [{ ...REEL, version_count: 1 }, [], "The video goes, for good. The project and its footage stay."],
    [
      { ...REEL, small_copy: COPY },
      [SHARE, { ...SHARE, open: false }],
      "All 2 versions, the small copy and its share link go, for good. The project and its footage stay.",
    ],
    [
      { ...REEL, version_count: 1 },
      [SHARE, SHARE],
      "The video and its 2 share links go, for good. The project and its footage stay.",
    ],
  ])("is said whole", (reel, shares, said) => expect(goesSaid(reel, shares)).toBe(said));
});

test("a link says how often it was watched and whether it still opens", () => {
  expect(watchedSaid(SHARE)).toBe("Not watched yet");
  const watched = { ...SHARE, views: 3, viewed_at: "2026-11-22T00:00:00.000Z" };
  expect(watchedSaid(watched)).toBe("Watched 3 times, last on Sun 22 Nov 2026");
  expect(watchedSaid({ ...watched, views: 1 })).toBe("Watched once, last on Sun 22 Nov 2026");
  expect(openSaid(SHARE)).toMatch(/^Opens until \w+ 22 Dec 2026/);
  expect(openSaid({ ...SHARE, open: false })).toMatch(/^Expired on/);
  expect(openSaid({ ...SHARE, open: false, revoked_at: SHARE.created_at })).toMatch(/^Revoked on \w+ 22 Nov 2026/);
});

test("a small copy says its size and its lines, and why they are few", () => {
  expect(smallSaid(COPY)).toBe("12 MB, 720 lines");
  expect(whyFewer(COPY)).toBeNull();
  expect(whyFewer({ ...COPY, width_px: 512, height_px: 288 })).toContain("16 MB");
});

test.each([
  ["Mia: 3/4?", "Mia 3 4.mp4"],
  [" ..", "Reel.mp4"],
  ["مباراة", "مباراة.mp4"],
])("a file is called so that every disk takes it: %s", (name, file) => expect(fileName(name)).toBe(file));

test("an address that saves keeps what stood in it", () => {
  expect(saving("/api/media/reel/r")).toBe("/api/media/reel/r?download=true");
  expect(saving(VERSION.media)).toBe("/api/media/reel/r?version=2&download=true");
});
