import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { diff, equal } from "../editing/diff.ts";
import type { Fields, Queued } from "../editing/saves.ts";
import { type Outcome, Saver } from "../saving/saver.ts";
import { bothChanged } from "./conflict.ts";
import {
  bestFirst,
  copyOf,
  type Edit,
  inOrder,
  movedTo,
  NO_EDIT,
  placeOf,
  withClip,
  withoutClips,
} from "./document.ts";
import { asFields, asJson, ProjectEditing } from "./editing.ts";

const PROJECT = "p1";
const THING = "edit/p1";

const place = (id: string) =>
  placeOf(id, { id: `clip-${id}`, source_id: "s", time_base: [1, 1000], in_pts: 0, out_pts: 5000 }, "9:16");

/** A server that merges as reel/merge.py does, as far as clips, their order, title and shape go. */
class Server {
  readonly saves: Edit[] = [];
  away = false;
  loses_answers = false;
  readonly #answers = new Map<string, Outcome>();

  constructor(...ids: readonly string[]) {
    const clips = ids.map((id) => ({ ...place(id), revision: 1 }));
    this.saves.push({ ...NO_EDIT, head_revision: 1, title: "Spring", clips });
  }

  get now(): Edit {
    return this.saves.at(-1) as Edit;
  }

  /** Somebody else changes it. */
  change(change: (edit: Edit) => Edit): void {
    const said = this.#put(asFields(change(this.now)));
    expect(said.kind).toBe("saved");
  }

  send = (write: Queued, body: Fields | null): Promise<Outcome> => {
    if (this.away) return Promise.resolve({ kind: "later", retry_after_s: null });
    const said = this.#answers.get(write.key) ?? this.#put(body ?? {});
    this.#answers.set(write.key, said);
    if (this.loses_answers) {
      this.loses_answers = false;
      return Promise.resolve({ kind: "later", retry_after_s: null });
    }
    return Promise.resolve(said);
  };

  #put(body: Fields): Outcome {
    const mine = body as unknown as Edit;
    const current = this.now;
    const base = this.saves.find(({ head_revision }) => head_revision === mine.head_revision);
    if (!base) return this.#stale();
    const clips = new Map(current.clips.map((clip) => [clip.id, clip]));
    for (const id of new Set([...clips.keys(), ...mine.clips.map((clip) => clip.id)])) {
      const [was, is, theirs] = [base, mine, current].map((edit) => edit.clips.find((clip) => clip.id === id) ?? null);
      if (equal(is, theirs, ["revision"]) || equal(is, was, ["revision"])) continue;
      if (!equal(theirs, was, ["revision"])) return this.#stale();
      if (is) clips.set(id, { ...is, revision: (theirs?.revision ?? 0) + 1 });
      else clips.delete(id);
    }
    const title = mine.title === base.title ? current.title : mine.title;
    if (mine.title !== base.title && ![base.title, mine.title].includes(current.title)) return this.#stale();
    const order = (edit: Edit) => edit.clips.map(({ id }) => id).join();
    const ordered = order(mine) === order(base) ? current.clips : mine.clips;
    const ids = [...new Set([...ordered.map(({ id }) => id), ...clips.keys()])];
    const merged = { ...current, title, clips: ids.flatMap((id) => clips.get(id) ?? []) };
    if (!equal(asJson(merged), asJson(current))) {
      this.saves.push({ ...merged, head_revision: current.head_revision + 1 });
    }
    return { kind: "saved", revision: this.now.head_revision, answer: this.now };
  }

  #stale(): Outcome {
    return {
      kind: "stale",
      current: asFields(this.now),
      revision: this.now.head_revision,
      message: "The project was changed elsewhere.",
    };
  }
}

let server: Server;
let kept: string;
let history: string | null;
let keys = 0;

function tab(texts: readonly string[] = []): { readonly saver: Saver; readonly editing: ProjectEditing } {
  const saver = new Saver(
    {
      send: server.send,
      now_ms: () => Date.now(),
      newKey: () => {
        keys += 1;
        return `key-${keys}`;
      },
      random: () => 0.5,
      keep: (text) => {
        kept = text;
      },
    },
    texts,
  );
  const editing = new ProjectEditing({
    project_id: PROJECT,
    saver,
    read: () => Promise.resolve(server.now),
    keptHistory: () => history,
    keepHistory: (text) => {
      history = text;
    },
    tell: () => undefined,
  });
  return { saver, editing };
}

async function opened(texts: readonly string[] = []) {
  const made = tab(texts);
  await made.editing.load();
  return made;
}

beforeEach(() => {
  vi.useFakeTimers();
  server = new Server("a", "b", "c");
  [kept, history] = ["", null];
});

afterEach(() => {
  vi.useRealTimers();
});

const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const order = ({ clips }: Edit) => clips.map(({ id }) => id).join("");
const reversed = (edit: Edit) => inOrder(edit, [...edit.clips.map(({ id }) => id)].reverse());
const labelled = (id: string, label: string) => (edit: Edit) => withClip(edit, id, { label });
const labelOf = (edit: Edit, id: string) => edit.clips.find((clip) => clip.id === id)?.label;

describe("saving", () => {
  test("comes within a second, a row of changes as one", async () => {
    const { editing, saver } = await opened();
    editing.change("Reverse", reversed);
    editing.change("Label", labelled("a", "Mia"));
    await wait(1000);
    expect([order(server.now), labelOf(server.now, "a"), server.saves.length]).toEqual(["cba", "Mia", 2]);
    expect(saver.saves).toMatchObject({ queued: [], stuck: [] });
    expect(editing.edit).toEqual(server.now);
  });

  test("a change on top of one that is on its way is no conflict with oneself", async () => {
    const { editing, saver } = await opened();
    editing.change("Label", labelled("a", "M"));
    await wait(600);
    server.away = true; // the answer is not there yet: it goes out again
    editing.change("Label", labelled("a", "Mi"));
    await wait(100);
    server.away = false;
    server.change(labelled("b", "theirs"));
    editing.change("Label", labelled("a", "Mia"));
    saver.hurry();
    await wait(2000);
    expect([labelOf(server.now, "a"), labelOf(server.now, "b")]).toEqual(["Mia", "theirs"]);
    expect(editing.edit).toEqual(server.now);
    expect(saver.saves.stuck).toEqual([]);
  });

  test("an answer that was lost is asked for again, and what came after it still fits", async () => {
    const { editing, saver } = await opened();
    server.loses_answers = true;
    editing.change("Label", labelled("a", "M"));
    await wait(700);
    editing.change("Label", labelled("a", "Mia"));
    saver.hurry();
    await wait(2000);
    expect([labelOf(server.now, "a"), saver.saves.queued.length, saver.saves.stuck.length]).toEqual(["Mia", 0, 0]);
  });

  test("goes on without a network, and is there after a reload, sent by whoever opens the page", async () => {
    server.away = true;
    const first = await opened();
    first.editing.change("Reverse", reversed);
    await wait(1000);
    first.editing.change("Label", labelled("a", "kept"));
    first.saver.close();

    const second = await opened([kept]);
    expect([order(second.editing.edit), labelOf(second.editing.edit, "a")]).toEqual(["cba", "kept"]);
    server.away = false;
    second.saver.hurry();
    await wait(2000);
    expect([order(server.now), labelOf(server.now, "a")]).toEqual(["cba", "kept"]);
    expect(await second.saver.flushed()).toBe(true);
  });

  test("what came back to where it began is not sent", async () => {
    const { editing, saver } = await opened();
    editing.change("Reverse", reversed);
    editing.turn("undo");
    expect(saver.saves.queued).toEqual([]);
    await wait(1000);
    expect(server.saves).toHaveLength(1);
  });
});

describe("undo and redo", () => {
  test("outlive a reload", async () => {
    const first = await opened();
    first.editing.change("Reverse", reversed);
    first.editing.change("Remove clip", (edit) => withoutClips(edit, ["b"]));
    await wait(1000);
    const second = await opened([kept]);
    expect(second.editing.turn("undo")).toEqual({ label: "Remove clip", is_done: true });
    expect(second.editing.turn("undo")).toEqual({ label: "Reverse", is_done: true });
    await wait(1000);
    expect(order(server.now)).toBe("abc");
    second.editing.turn("redo");
    await wait(1000);
    const third = await opened([kept]);
    expect(third.editing.turn("redo")).toEqual({ label: "Remove clip", is_done: true });
    await wait(1000);
    expect(order(server.now)).toBe("ca");
    expect(third.editing.turn("redo")).toBeNull();
  });

  test("take a gesture back at once, and the next one alone", async () => {
    const { editing } = await opened();
    for (const label of ["M", "Mi", "Mia"]) editing.change("Label", labelled("a", label), "label/a");
    editing.settle();
    editing.change("Label", labelled("a", "Mia 7"), "label/a");
    editing.turn("undo");
    expect(labelOf(editing.edit, "a")).toBe("Mia");
    editing.turn("undo");
    expect(labelOf(editing.edit, "a")).toBe("");
  });

  test("leave alone what another changed since", async () => {
    const { editing } = await opened();
    editing.change("Label", labelled("a", "Mia"));
    await wait(1000);
    server.change(labelled("a", "Lea"));
    await editing.load();
    expect(editing.turn("undo")).toEqual({ label: "Label", is_done: false });
    expect(labelOf(editing.edit, "a")).toBe("Lea");
  });
});

describe("a drag", () => {
  test("is one deed, shown and not saved until it is let go", async () => {
    const { editing, saver } = await opened();
    for (const rotation_deg of [1, 2, 3]) editing.draft(withClip(editing.edit, "a", { rotation_deg }));
    expect([editing.edit.clips[0]?.rotation_deg, saver.saves.queued.length]).toEqual([0, 0]);
    editing.drop("Level the horizon");
    expect(editing.edit.clips[0]?.rotation_deg).toBe(3);
    editing.turn("undo");
    expect(editing.edit.clips[0]?.rotation_deg).toBe(0);
    editing.draft(withClip(editing.edit, "a", { rotation_deg: 9 }));
    editing.draft(null);
    editing.drop("Level the horizon");
    expect(editing.edit.clips[0]?.rotation_deg).toBe(0);
  });

  test("keeps what came from elsewhere while it was held", async () => {
    const { editing } = await opened();
    editing.draft(withClip(editing.edit, "a", { rotation_deg: 3 }));
    server.change(labelled("b", "theirs"));
    await editing.load();
    editing.drop("Level the horizon");
    await wait(1000);
    expect([server.now.clips[0]?.rotation_deg, labelOf(server.now, "b")]).toEqual([3, "theirs"]);
  });
});

describe("two tabs", () => {
  test("that change different clips are both heard", async () => {
    const [mine, theirs] = [await opened(), await opened()];
    theirs.editing.change("Label", labelled("b", "theirs"));
    await wait(1000);
    mine.editing.change("Label", labelled("a", "mine"));
    mine.editing.change("Reverse", reversed);
    await wait(1000);
    expect([labelOf(server.now, "a"), labelOf(server.now, "b"), order(server.now)]).toEqual(["mine", "theirs", "cba"]);
    expect(mine.editing.edit).toEqual(server.now);
    mine.editing.turn("undo");
    mine.editing.turn("undo");
    expect(labelOf(mine.editing.edit, "b")).toBe("theirs");
  });

  test("that change the same clip ask; mine is shown until it is said", async () => {
    const mine = await opened();
    server.change(labelled("a", "theirs"));
    mine.editing.change("Label", labelled("a", "mine"));
    await wait(1000);
    const [stuck] = mine.saver.saves.stuck;
    expect(stuck).toMatchObject({ thing: THING, why: "conflict" });
    expect(stuck && bothChanged(stuck)).toEqual(["clip 1"]);
    expect(labelOf(mine.editing.edit, "a")).toBe("mine");
    mine.editing.change("Label", labelled("c", "later"));
    await mine.editing.load(); // reading again does not choose for the person
    await wait(1000);
    expect([labelOf(mine.editing.edit, "a"), labelOf(mine.editing.edit, "c")]).toEqual(["mine", "later"]);
    expect(labelOf(server.now, "c")).toBe("");

    const copy = copyOf(mine.editing.edit);
    expect([copy.title, copy.head_revision, labelOf(copy, "a"), labelOf(copy, "c")]).toEqual([
      "Spring (copy)",
      1,
      "mine",
      "later",
    ]);
    expect(copy.clips.every(({ revision }) => revision === 0)).toBe(true);

    mine.saver.takeTheirs(THING);
    await mine.editing.load();
    expect(mine.editing.edit).toEqual(server.now);
    mine.editing.change("Label", labelled("a", "after"));
    await wait(1000);
    expect(labelOf(server.now, "a")).toBe("after");
  });

  test("a change that waits is said over what was read, so that different members of one clip are no conflict", async () => {
    const mine = await opened();
    mine.editing.change("Label", labelled("a", "mine"));
    server.change((edit) => withClip(edit, "a", { audio: false }));
    await mine.editing.load();
    expect(mine.editing.edit.clips[0]).toMatchObject({ label: "mine", audio: false });
    await wait(1000);
    expect(server.now.clips[0]).toMatchObject({ label: "mine", audio: false });
    expect(mine.saver.saves.stuck).toEqual([]);
  });
});

describe("the edit", () => {
  const edit: Edit = {
    ...NO_EDIT,
    clips: ["a", "b", "c"].map(place),
    cards: [
      { id: "x", revision: 0, before: "b", duration_s: 3, text: "Second half" },
      { id: "y", revision: 0, before: null, duration_s: 3, text: "The end" },
    ],
  };

  test("loses clips, and a text that stood before one goes before the next", () => {
    expect(withoutClips(edit, ["b"]).cards.map(({ before }) => before)).toEqual(["c", null]);
    expect(withoutClips(edit, ["b", "c"]).cards.map(({ before }) => before)).toEqual([null, null]);
  });

  test("is put in an order", () => {
    expect(order(inOrder(edit, ["c", "nobody", "a"]))).toBe("cab");
    expect(movedTo(["a", "b", "c"], "a", 9)).toEqual(["b", "c", "a"]);
    expect(movedTo(["a", "b", "c"], "c", -3)).toEqual(["c", "a", "b"]);
    expect(movedTo(["a", "b"], "nobody", 0)).toEqual(["a", "b"]);
    const ratings = { a: 3, b: 5, c: 3 } as const;
    expect(order(bestFirst(edit, ({ id }) => ratings[id as "a"]))).toBe("bac");
  });

  test("a clip in another place is one change of order", () => {
    const changes = diff(asJson(edit), asJson(inOrder(edit, ["b", "a", "c"])));
    expect(changes.map(({ path }) => path)).toEqual([[".clips", "#"]]);
  });
});
