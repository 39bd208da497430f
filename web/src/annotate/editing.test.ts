import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Fields, Queued } from "../editing/saves.ts";
import { unsnapped } from "../saving/clips.ts";
import { type Outcome, Saver } from "../saving/saver.ts";
import { type ApiClip, bodyFrom, type Clip, clipFrom, withUnsaved, writesBetween } from "./document.ts";
import { Editing } from "./editing.ts";
import { EVERYTHING, isOpen, listed, type Row, tagsIn } from "./listing.ts";

const GAME = "g1";

function clip(id: string, said: Partial<Clip> = {}): Clip {
  const stretch = { time_base: [1, 1000] as const, in_pts: 0, out_pts: 10_000 };
  return { id, source_id: "s", stretch, rating: 4, tags: [], name: "", notes: "", ...said };
}

/** A server that keeps clips by revision, as the real one does; it can be away. */
class Server {
  readonly clips = new Map<string, ApiClip>();
  away = false;
  readonly heard: string[] = [];

  send = (write: Queued, body: Fields | null): Promise<Outcome> => {
    this.heard.push(`${write.kind} ${write.thing}`);
    if (this.away) return Promise.resolve({ kind: "later", retry_after_s: null });
    const id = write.thing.slice("clip/".length);
    const there = this.clips.get(id);
    if (write.kind === "remove") {
      this.clips.delete(id);
      return Promise.resolve({ kind: "saved", revision: null, answer: null });
    }
    if (write.kind === "change" && !there) return Promise.resolve({ kind: "gone", message: "gone" });
    if (write.kind === "change" && there && body?.revision !== there.revision) {
      return Promise.resolve({ kind: "stale", current: clipFrom(there), revision: there.revision, message: "stale" });
    }
    const { revision: _, ...said } = bodyFrom(body ?? {});
    const made = { ...there, ...said, id, revision: (there?.revision ?? 0) + 1 } as unknown as ApiClip;
    this.clips.set(id, made);
    return Promise.resolve({ kind: "saved", revision: made.revision, answer: made });
  };
}

let server: Server;
let kept: string;
let history: string | null;
let key = 0;

function tab(texts: readonly string[] = []): { readonly saver: Saver; readonly editing: Editing } {
  const saver = new Saver(
    {
      send: server.send,
      now_ms: () => Date.now(),
      newKey: () => {
        key += 1;
        return `key-${key}`;
      },
      random: () => 0.5,
      keep: (text) => {
        kept = text;
      },
    },
    texts,
  );
  const editing = new Editing({
    game_id: GAME,
    saver,
    read: () => Promise.resolve([...server.clips.values()]),
    keptHistory: () => history,
    keepHistory: (text) => {
      history = text;
    },
    tell: () => undefined,
  });
  return { saver, editing };
}

beforeEach(() => {
  vi.useFakeTimers();
  server = new Server();
  [kept, history] = ["", null];
});

afterEach(() => {
  vi.useRealTimers();
});

const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe("marking", () => {
  test("is saved within a second, a row of changes as one", async () => {
    const { editing, saver } = tab();
    await editing.load();
    editing.add(clip("a"));
    await wait(50);
    expect(server.clips.get("a")?.revision).toBe(1);
    for (const rating of [1, 2, 5] as const) editing.change("a", "Rate", { rating });
    await wait(1000);
    expect(server.clips.get("a")).toMatchObject({ rating: 5, revision: 2 });
    expect(saver.saves).toMatchObject({ queued: [], stuck: [] });
  });

  test("goes on without a network, and is there after a reload", async () => {
    server.away = true;
    const first = tab();
    await first.editing.load();
    first.editing.add(clip("a", { notes: "kept" }));
    await wait(1000);
    first.saver.close();

    server.away = false;
    const second = tab([kept]);
    await second.editing.load();
    expect(second.editing.clip("a")?.notes).toBe("kept");
    second.saver.hurry();
    await wait(1000);
    expect([...server.clips.keys()]).toEqual(["a"]);
    expect(await second.saver.flushed()).toBe(true);
  });

  test("undo and redo outlive a reload", async () => {
    const first = tab();
    await first.editing.load();
    first.editing.add(clip("a"));
    first.editing.change("a", "Rate", { rating: 1 });
    await wait(1500);
    const second = tab([kept]);
    await second.editing.load();
    expect(second.editing.turn("undo")).toEqual({ label: "Rate", is_done: true });
    expect(second.editing.clip("a")?.rating).toBe(4);
    expect(second.editing.turn("undo")).toEqual({ label: "Add clip", is_done: true });
    await wait(1500);
    expect(server.clips.size).toBe(0);
    second.editing.turn("redo");
    second.editing.turn("redo");
    await wait(1500);
    expect(server.clips.get("a")?.rating).toBe(1);
    expect(second.editing.turn("redo")).toBeNull();
  });
});

describe("two tabs", () => {
  test("that change the same differently ask which stays", async () => {
    server.clips.set("a", { ...clip("a").stretch, ...clip("a"), revision: 1 } as unknown as ApiClip);
    const [mine, theirs] = [tab(), tab()];
    await mine.editing.load();
    await theirs.editing.load();
    theirs.editing.change("a", "Rate", { rating: 1 });
    await wait(1000);
    mine.editing.change("a", "Rate", { rating: 5 });
    await wait(1000);
    expect(mine.saver.saves.stuck).toMatchObject([{ thing: "clip/a", why: "conflict" }]);
    expect(mine.editing.clip("a")?.rating).toBe(5);
    mine.saver.keepMine("clip/a");
    await wait(1000);
    expect(server.clips.get("a")?.rating).toBe(5);
  });

  test("that change other parts of a clip are both heard", async () => {
    server.clips.set("a", { ...clip("a").stretch, ...clip("a"), revision: 1 } as unknown as ApiClip);
    const [mine, theirs] = [tab(), tab()];
    await mine.editing.load();
    await theirs.editing.load();
    theirs.editing.change("a", "Write notes", { notes: "theirs" });
    await wait(1000);
    mine.editing.change("a", "Rate", { rating: 5 });
    await wait(2000);
    expect(server.clips.get("a")).toMatchObject({ notes: "theirs", rating: 5 });
    expect(mine.editing.clip("a")?.notes).toBe("theirs");
  });

  test("loading theirs lets mine go", async () => {
    server.clips.set("a", { ...clip("a").stretch, ...clip("a"), revision: 1 } as unknown as ApiClip);
    const mine = tab();
    await mine.editing.load();
    server.clips.set("a", { ...(server.clips.get("a") as ApiClip), rating: 1, revision: 2 });
    mine.editing.change("a", "Rate", { rating: 5 });
    await wait(1000);
    mine.saver.takeTheirs("clip/a");
    await mine.editing.load();
    expect(mine.editing.clip("a")?.rating).toBe(1);
  });
});

test("a drag is one deed, and one that is broken off is none", async () => {
  const { editing } = tab();
  await editing.load();
  editing.add(clip("a"));
  for (const out_pts of [9000, 8000, 7000])
    editing.draft(clip("a", { stretch: { time_base: [1, 1000], in_pts: 0, out_pts } }));
  expect(editing.clip("a")?.stretch.out_pts).toBe(10_000);
  editing.drop("Move edge");
  expect(editing.clip("a")?.stretch.out_pts).toBe(7000);
  editing.draft(clip("a"));
  editing.draft(null);
  editing.turn("undo");
  expect(editing.clip("a")?.stretch.out_pts).toBe(10_000);
});

describe("what is written", () => {
  test("only what is different; the stretch as a whole, in its parts", () => {
    const after = clip("a", { stretch: { time_base: [1, 1000], in_pts: 500, out_pts: 10_000 } });
    const [write] = writesBetween({ clips: [clip("a")] }, { clips: [after] }, GAME);
    expect(write).toMatchObject({ kind: "change", path: "/api/clips/a" });
    expect(bodyFrom(write?.fields ?? {})).toEqual({ time_base: [1, 1000], in_pts: 500, out_pts: 10_000 });
  });

  test("what waits for another game is not shown in this one", () => {
    const [write] = writesBetween({ clips: [] }, { clips: [clip("b")] }, "another");
    const queued = {
      ...(write as Queued),
      key: "k",
      made_ms: 0,
      not_before_ms: 0,
      tries: 0,
      begun: false,
      in_flight: false,
    };
    expect(withUnsaved([clip("a")], { queued: [queued], stuck: [] }, GAME).clips.map(({ id }) => id)).toEqual(["a"]);
  });
});

describe("the list", () => {
  const rows: readonly Row[] = [
    { clip: clip("1", { rating: 5, tags: ["Goal"], notes: "Far corner" }), in_tick: 30, out_tick: 40 },
    { clip: clip("2", { rating: 2, tags: ["Pass", "Goal"] }), in_tick: 10, out_tick: 20 },
    { clip: clip("3", { rating: 5, tags: ["Nutmeg"] }), in_tick: 20, out_tick: 30 },
  ];
  const ids = (shown: readonly Row[]) => shown.map(({ clip: { id } }) => id).join("");

  test("is ordered by time, by rating, by age", () => {
    expect(
      [listed(rows, EVERYTHING, "time"), listed(rows, EVERYTHING, "best"), listed(rows, EVERYTHING, "newest")].map(ids),
    ).toEqual(["231", "312", "321"]);
  });

  test("is filtered by rating, tag and words", () => {
    expect(ids(listed(rows, { ...EVERYTHING, least: 3 }, "time"))).toBe("31");
    expect(ids(listed(rows, { ...EVERYTHING, tags: ["Goal"] }, "time"))).toBe("21");
    expect(ids(listed(rows, { ...EVERYTHING, text: " CORNER " }, "time"))).toBe("1");
    expect(isOpen({ ...EVERYTHING, text: "  " })).toBe(true);
    expect(tagsIn(rows.map((row) => row.clip))).toEqual(["Goal", "Pass", "Nutmeg"]);
  });
});

describe("clips that were marked before their footage was looked over", () => {
  const marked = { time_base: [1, 90_000] as const, in_pts: 1_980_000, out_pts: 2_700_000 };
  const snapped = { time_base: [1, 12_800] as const, in_pts: 281_600, out_pts: 384_512 }; // 22 to 30.04 s

  function lookOver(): void {
    const there = server.clips.get("a");
    if (there) server.clips.set("a", { ...there, ...snapped, revision: there.revision + 1 });
  }

  test("are put onto its frames, and what was done to them is undone all the same", async () => {
    const { editing } = tab();
    await editing.load();
    editing.add(clip("a", { stretch: marked }));
    editing.change("a", "Rate", { rating: 5 });
    await wait(1000);
    lookOver();
    await editing.load();
    expect(editing.clip("a")?.stretch).toEqual(snapped);
    expect(editing.turn("undo")).toEqual({ label: "Rate", is_done: true });
    expect(editing.turn("undo")).toEqual({ label: "Add clip", is_done: true });
    expect(editing.turn("redo")?.is_done).toBe(true);
    expect(editing.clip("a")?.stretch).toEqual(snapped);
  });

  test("are nobody else's change: what is said of them meanwhile goes over that", () => {
    const there = clip("a", { stretch: snapped });
    expect(unsnapped(there, { stretch: marked }).stretch).toEqual(marked);
    const moved = { ...snapped, in_pts: snapped.in_pts + 12_800 };
    expect(unsnapped({ ...there, stretch: moved }, { stretch: marked }).stretch).toEqual(moved);
    expect(unsnapped(there, { rating: 4 }).stretch).toEqual(snapped);
  });
});
