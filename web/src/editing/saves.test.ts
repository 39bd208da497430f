import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { equal } from "./diff.ts";
import {
  acknowledged,
  added,
  bodyOf,
  due,
  type Fields,
  failed,
  keptMine,
  LONGEST_SETTLE_MS,
  NOTHING_TO_SAVE,
  nextIn,
  rebased,
  type Saves,
  SETTLE_MS,
  savesFrom,
  savesText,
  seen,
  sent,
  standing,
  tookTheirs,
  type Write,
} from "./saves.ts";

const THING = "clip/a";
const change = (fields: Fields, base: Fields, thing = THING): Write => ({
  thing,
  kind: "change",
  path: `/api/${thing}`,
  fields,
  base,
});
const create = (fields: Fields, thing = THING): Write => ({
  thing,
  kind: "create",
  path: "/api/clips",
  fields,
  base: {},
});
const remove = (thing = THING): Write => ({ thing, kind: "remove", path: `/api/${thing}`, fields: {}, base: {} });
const at = (now_ms: number, key = `k${now_ms}`) => ({ now_ms, key });
const failing = (now_ms: number, key = `f${now_ms}`) => ({ now_ms, key, random: 0.5 });

/** A queue with these writes, each a hundred milliseconds after the one before. */
function queue(...writes: readonly Write[]): Saves {
  return writes.reduce((saves, write, n) => added(saves, write, at(n * 100)), NOTHING_TO_SAVE);
}

describe("what waits in the queue", () => {
  test("becomes one write where two are one", () => {
    const dragged = queue(
      change({ in_pts: 2 }, { in_pts: 1 }),
      change({ in_pts: 3, rating: 5 }, { in_pts: 2, rating: 4 }),
    );
    expect(dragged.queued).toMatchObject([
      { kind: "change", fields: { in_pts: 3, rating: 5 }, base: { in_pts: 1, rating: 4 } },
    ]);
    const made = queue(create({ rating: 4, notes: "" }), change({ rating: 5 }, { rating: 4 }));
    expect(made.queued).toMatchObject([{ kind: "create", fields: { rating: 5, notes: "" } }]);
  });

  test("is nothing where it came back to where it began", () => {
    expect(queue(change({ in_pts: 2 }, { in_pts: 1 }), change({ in_pts: 1 }, { in_pts: 2 })).queued).toEqual([]);
    expect(queue(create({}), change({ rating: 5 }, { rating: 4 }), remove()).queued).toEqual([]);
    expect(queue(change({ rating: 5 }, { rating: 4 }), remove()).queued).toMatchObject([{ kind: "remove" }]);
  });

  test("stays as it is once it was sent: the server may have it", () => {
    const saves = added(
      sent(queue(change({ rating: 5 }, { rating: 4 })), "k0"),
      change({ rating: 3 }, { rating: 5 }),
      at(50),
    );
    expect(saves.queued.map(({ fields }) => fields)).toEqual([{ rating: 5 }, { rating: 3 }]);
    expect(due(saves, 10_000)).toEqual([]);
    expect(due(acknowledged(saves, "k0", 2, 60), 10_000).map(({ key }) => key)).toEqual(["k50"]);
  });

  test("goes out within a second of the last change, and during a long drag every three seconds", () => {
    let saves = NOTHING_TO_SAVE;
    for (let now = 0; now <= 10_000; now += 50) {
      saves = added(saves, change({ n: now + 1 }, { n: now }), at(now));
      const [write] = due(saves, now);
      if (write) {
        expect(now).toBe(LONGEST_SETTLE_MS);
        break;
      }
    }
    const last = added(NOTHING_TO_SAVE, change({ n: 2 }, { n: 1 }), at(100));
    expect([nextIn(last, 100), due(last, 100).length]).toEqual([SETTLE_MS, 0]);
    expect(SETTLE_MS).toBeLessThanOrEqual(1000);
    expect(due(last, 100 + SETTLE_MS)).toHaveLength(1);
    expect(nextIn(queue(create({})), 0)).toBe(0);
  });

  test("goes out side by side for several things, one after another for each", () => {
    const saves = queue(create({}, "clip/a"), create({}, "clip/b"), create({}, "clip/c"));
    expect(due(saves, 300).map(({ thing }) => thing)).toEqual(["clip/a", "clip/b"]);
    expect(due(sent(saves, "k0"), 500).map(({ thing }) => thing)).toEqual(["clip/b"]);
  });

  test("carries the revision that the person saw, and the next one the server's answer", () => {
    const edit = change({ rating: 5 }, { rating: 4 });
    const saves = added(seen(NOTHING_TO_SAVE, THING, 7), edit, at(0));
    expect(bodyOf(saves, edit)).toEqual({ rating: 5, revision: 7 });
    expect(bodyOf(seen(saves, THING, 9), edit)).toEqual({ rating: 5, revision: 7 });
    expect(bodyOf(acknowledged(sent(saves, "k0"), "k0", 8, 5), edit)).toEqual({ rating: 5, revision: 8 });
    expect([bodyOf(saves, remove()), bodyOf(saves, create({ id: "a" }))]).toEqual([null, { id: "a" }]);
  });
});

describe("a write that did not come through", () => {
  const edit = sent(added(seen(NOTHING_TO_SAVE, THING, 1), change({ rating: 5 }, { rating: 4 }), at(0)), "k0");
  const stale = (current: Fields) => ({ kind: "stale" as const, current, revision: 4, message: "Changed elsewhere." });

  test("is sent again under the same key, later each time, and when the server says", () => {
    const later = failed(edit, "k0", { kind: "later", retry_after_s: null }, failing(0));
    expect(later.queued[0]).toMatchObject({ key: "k0", begun: true, in_flight: false, not_before_ms: 750 });
    const asked = failed(edit, "k0", { kind: "later", retry_after_s: 20 }, failing(0));
    expect(nextIn(asked, 0)).toBe(20_000);
  });

  test("is merged where someone else changed something else, under a new key", () => {
    const merged = failed(edit, "k0", stale({ rating: 4, notes: "theirs" }), failing(9));
    expect(merged.queued[0]).toMatchObject({ key: "f9", fields: { rating: 5 }, base: { rating: 4 }, begun: false });
    expect(bodyOf(merged, merged.queued[0] as Write)).toEqual({ rating: 5, revision: 4 });
  });

  test("is done where someone else did the same", () => {
    const same = failed(edit, "k0", stale({ rating: 5 }), failing(9));
    expect([same.queued, same.stuck, same.saved_ms]).toEqual([[], [], 9]);
  });

  test("waits for a person where both changed the same: mine over theirs, or theirs", () => {
    const clash = failed(edit, "k0", stale({ rating: 2 }), failing(9));
    expect(clash.stuck).toMatchObject([{ why: "conflict", fields: { rating: 5 }, current: { rating: 2 } }]);
    expect([due(clash, 1e9), standing(clash, true).kind]).toEqual([[], "stuck"]);
    const after = added(clash, change({ notes: "more" }, { notes: "" }), at(20));
    expect(due(after, 1e9)).toEqual([]);
    const mine = keptMine(after, THING, at(30));
    expect(mine.queued).toMatchObject([{ fields: { rating: 5 }, base: { rating: 2 } }, { fields: { notes: "more" } }]);
    expect(bodyOf(mine, mine.queued[0] as Write)).toEqual({ rating: 5, revision: 4 });
    expect(tookTheirs(after, THING)).toMatchObject({ queued: [], stuck: [] });
  });

  test("takes fields that only mean something together as one", () => {
    const groups = [["in_pts", "out_pts"]];
    const span = sent(queue(change({ in_pts: 5, out_pts: 20 }, { in_pts: 0, out_pts: 20 })), "k0");
    expect(failed(span, "k0", stale({ in_pts: 0, out_pts: 15 }), failing(9), groups).stuck).toHaveLength(1);
    expect(failed(span, "k0", stale({ in_pts: 0, out_pts: 20 }), failing(9), groups).stuck).toHaveLength(0);
  });

  test("is done if it was to remove what is gone, and set aside if not", () => {
    const gone = { kind: "gone", message: "There is no such clip." } as const;
    expect(failed(sent(queue(remove()), "k0"), "k0", gone, failing(9))).toMatchObject({ queued: [], stuck: [] });
    expect(failed(edit, "k0", gone, failing(9)).stuck).toMatchObject([
      { why: "gone", message: "There is no such clip." },
    ]);
  });

  test("is set aside with the reason where it is wrong", () => {
    const refused = failed(edit, "k0", { kind: "refused", message: "A clip lasts 1 to 60 seconds." }, failing(9));
    expect(refused.stuck).toMatchObject([{ why: "refused", message: "A clip lasts 1 to 60 seconds." }]);
  });
});

describe("what is replaced whole", () => {
  const replace = (fields: Fields, base: Fields): Write => ({
    thing: "edit/p",
    kind: "replace",
    path: "/api/projects/p/edit",
    fields,
    base,
  });
  const edit = (title: string, label: string, head_revision = 1): Fields => ({
    title,
    head_revision,
    clips: [{ id: "a", revision: head_revision, label }],
  });

  test("is one write while it waits, and none where it came back to where it began", () => {
    const typed = queue(replace(edit("S", ""), edit("", "")), replace(edit("Sp", ""), edit("S", "")));
    expect(typed.queued).toMatchObject([{ fields: { title: "Sp" }, base: { title: "" } }]);
    expect(queue(replace(edit("S", ""), edit("", "")), replace(edit("", "", 2), edit("S", ""))).queued).toEqual([]);
  });

  test("goes on from what the server made of the one before it", () => {
    const first = sent(queue(replace(edit("Spring", ""), edit("", ""))), "k0");
    const both = added(first, replace(edit("Spring", "Mia"), edit("Spring", "")), at(50));
    const merged = { ...edit("Spring", "", 4), aspect: "1:1" };
    const after = acknowledged(both, "k0", 4, 60, merged);
    expect(after.queued).toMatchObject([{ fields: { ...edit("Spring", "Mia", 4), aspect: "1:1" }, base: merged }]);
  });

  test("is said over what was read where it fits, and left to the server where it does not", () => {
    const waits = queue(replace(edit("Spring", "Mia"), edit("", "")));
    const fits = rebased(waits, "edit/p", { ...edit("", "", 2), aspect: "1:1" });
    expect(fits.queued).toMatchObject([{ fields: { title: "Spring", head_revision: 2, aspect: "1:1" } }]);
    expect(rebased(waits, "edit/p", edit("Theirs", "", 2))).toBe(waits);
    expect(rebased(waits, "edit/q", edit("", "", 2)).queued).toEqual(waits.queued);
    const begun = sent(waits, "k0");
    expect(rebased(begun, "edit/p", edit("", "", 2))).toBe(begun);
  });
});

test("how saving stands is said as it is", () => {
  const one = queue(change({ n: 1 }, { n: 0 }));
  const begun = sent(one, "k0");
  const later = failed(begun, "k0", { kind: "later", retry_after_s: null }, failing(0));
  const kinds = [NOTHING_TO_SAVE, one, begun, later].map((saves) => standing(saves, true).kind);
  expect(kinds).toEqual(["saved", "saving", "saving", "offline"]);
  expect(standing(one, false)).toEqual({ kind: "offline", count: 1 });
  expect(standing(acknowledged(begun, "k0", 1, 42), true)).toEqual({ kind: "saved", at_ms: 42 });
});

test("a text that is no queue begins an empty one, and what was in flight is sent again", () => {
  for (const text of [null, "", "{", "[]", '{"version":1,"queued":[1],"stuck":[],"revisions":{}}', '{"version":0}']) {
    expect(savesFrom(text)).toEqual(NOTHING_TO_SAVE);
  }
  const kept = savesFrom(savesText(sent(queue(create({ rating: 5 })), "k0")));
  expect(kept.queued).toMatchObject([{ key: "k0", begun: true, in_flight: false }]);
});

/** A server that does each key once, as ours does, over a network that loses requests and answers. */
class Server {
  readonly things = new Map<string, { fields: Fields; revision: number }>();
  readonly #answers = new Map<string, { readonly body: string; readonly revision: number | null }>();
  applied = 0;

  take(key: string, write: Write, body: Fields | null): { revision: number | null } | "stale" | "gone" | "reused" {
    const text = JSON.stringify([write.path, write.kind, body]);
    const known = this.#answers.get(key);
    if (known) return known.body === text ? { revision: known.revision } : "reused";
    const there = this.things.get(write.thing);
    if (write.kind !== "create" && !there) return "gone";
    const { revision: asked, ...fields } = body ?? {};
    if (write.kind === "change" && there && asked !== there.revision) return "stale";
    const revision = write.kind === "remove" ? null : (there?.revision ?? 0) + 1;
    if (revision === null) this.things.delete(write.thing);
    else this.things.set(write.thing, { fields: { ...there?.fields, ...fields }, revision });
    this.#answers.set(key, { body: text, revision });
    this.applied += 1;
    return { revision };
  }
}

type Deed =
  | { readonly type: "edit"; readonly thing: string; readonly name: string; readonly value: number }
  | { readonly type: "other"; readonly thing: string; readonly value: number }
  | { readonly type: "delete"; readonly thing: string }
  | { readonly type: "reload" | "ask_lost" | "answer_lost" | "busy" | "wait" };

test("whatever the network does, every edit arrives, once, and no one else's is lost", () => {
  const things = fc.constantFrom("clip/a", "clip/b");
  const deeds: fc.Arbitrary<Deed> = fc.oneof(
    fc.record({
      type: fc.constant("edit" as const),
      thing: things,
      name: fc.constantFrom("rating", "notes"),
      value: fc.nat(9),
    }),
    fc.record({ type: fc.constant("other" as const), thing: things, value: fc.nat(9) }),
    fc.record({ type: fc.constant("delete" as const), thing: things }),
    fc.record({ type: fc.constantFrom("reload", "ask_lost", "answer_lost", "busy", "wait") as fc.Arbitrary<"reload"> }),
  );
  fc.assert(
    fc.property(fc.array(deeds, { maxLength: 40 }), (story) => {
      const server = new Server();
      const local = new Map<string, Fields>(); // what the person sees of their own fields
      const theirs = new Map<string, number>(); // what another device wrote last, in a field that is only theirs
      let [saves, now, keys] = [NOTHING_TO_SAVE, 0, 0];
      const key = () => {
        keys += 1;
        return `k${keys}`;
      };

      const exchange = (trouble: "ask_lost" | "answer_lost" | "busy" | null) => {
        for (const write of due(saves, now)) {
          const body = bodyOf(saves, write);
          saves = sent(saves, write.key);
          const answer = trouble === "ask_lost" || trouble === "busy" ? null : server.take(write.key, write, body);
          expect(answer).not.toBe("reused");
          const stamp = { now_ms: now, key: key(), random: 0.5 };
          const there = server.things.get(write.thing);
          if (answer === null || trouble === "answer_lost") {
            saves = failed(saves, write.key, { kind: "later", retry_after_s: trouble === "busy" ? 2 : null }, stamp);
          } else if (answer === "stale" && there) {
            const { fields: current, revision } = there;
            saves = failed(saves, write.key, { kind: "stale", current, revision, message: "" }, stamp);
          } else if (answer === "gone") saves = failed(saves, write.key, { kind: "gone", message: "" }, stamp);
          else if (typeof answer === "object") saves = acknowledged(saves, write.key, answer.revision, now);
        }
      };

      for (const deed of story) {
        now += 200;
        if (deed.type === "edit") {
          const before = local.get(deed.thing);
          const fields = { [deed.name]: deed.value };
          if (before && equal(before[deed.name], deed.value)) continue;
          const whole = { rating: 0, notes: 0, ...before, ...fields };
          const write = before
            ? change(fields, { [deed.name]: before[deed.name] ?? 0 }, deed.thing)
            : create(whole, deed.thing);
          saves = added(saves, write, { now_ms: now, key: key() });
          local.set(deed.thing, whole);
        } else if (deed.type === "delete" && local.has(deed.thing)) {
          saves = added(saves, remove(deed.thing), { now_ms: now, key: key() });
          local.delete(deed.thing);
        } else if (deed.type === "other") {
          const there = server.things.get(deed.thing);
          if (!there || !local.has(deed.thing)) continue;
          server.things.set(deed.thing, {
            fields: { ...there.fields, theirs: deed.value },
            revision: there.revision + 1,
          });
          theirs.set(deed.thing, deed.value);
        } else if (deed.type === "reload") saves = savesFrom(savesText(saves));
        else exchange(deed.type === "wait" || deed.type === "delete" ? null : deed.type);
      }
      for (let left = 200; saves.queued.length && left > 0; left -= 1) {
        now += Math.max(nextIn(saves, now) ?? 0, 1);
        exchange(null);
      }
      expect([saves.queued, saves.stuck]).toEqual([[], []]);
      expect([...server.things.keys()].sort()).toEqual([...local.keys()].sort());
      for (const [thing, mine] of local) {
        const { theirs: kept, ...own } = server.things.get(thing)?.fields ?? {};
        expect(own).toEqual(mine);
        if (kept !== undefined) expect(kept).toBe(theirs.get(thing));
      }
    }),
    { numRuns: 400 },
  );
});
