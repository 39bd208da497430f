import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../reel/errors.ts";
import { apply, type Change, diff, equal, fits, inverse } from "./diff.ts";
import {
  done,
  ended,
  type History,
  historyFrom,
  historyText,
  MOST_DEEDS,
  NOTHING_DONE,
  redo,
  undo,
} from "./history.ts";

/** Any JSON, with lists of things with ids in it, nested in each other. */
const { json: jsons } = fc.letrec<{ json: Json; things: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Json>(null, true, 0, 1, "", "a", [], [1, 2]),
    fc.dictionary(fc.constantFrom("title", "a", "#", ".b", "__proto__"), tie("json"), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
    tie("things"),
  ),
  things: fc
    .uniqueArray(fc.constantFrom("x", "y", "z", "w"), { maxLength: 4 })
    .chain((ids) => fc.tuple(...ids.map((id) => tie("json").map((value): Json => ({ id, revision: 1, value }))))),
}));

describe("what differs between two documents", () => {
  test("makes the one out of the other, and back", () => {
    fc.assert(
      fc.property(jsons, jsons, (a, b) => {
        const changes = diff(a, b);
        expect(equal(apply(a, changes), b)).toBe(true);
        expect(equal(apply(b, inverse(changes)), a)).toBe(true);
        expect(changes.every((change) => fits(a, change))).toBe(true);
        expect(diff(a, structuredClone(a))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test("survives being kept as text", () => {
    fc.assert(
      fc.property(jsons, jsons, (a, b) => {
        const kept: Change[] = JSON.parse(JSON.stringify(diff(a, b)));
        expect(equal(apply(a, kept), b)).toBe(true);
      }),
    );
  });

  test("is as small as what was done", () => {
    const clip = (id: string, cx: number) => ({
      id,
      revision: 3,
      keys: [
        { id: "k", cx },
        { id: "l", cx: 0.5 },
      ],
    });
    const before = { title: "", clips: [clip("a", 0.2), clip("b", 0.3)] };
    const after = { title: "", clips: [clip("b", 0.4), clip("a", 0.2)] };
    expect(diff(before, after)).toEqual([
      { path: [".clips", "#b", ".keys", "#k", ".cx"], before: 0.3, after: 0.4 },
      { path: [".clips", "#"], before: ["a", "b"], after: ["b", "a"] },
    ]);
  });

  test("of two sides carry over to each other where they touch different parts", () => {
    const base = {
      title: "",
      clips: [
        { id: "a", n: 1 },
        { id: "b", n: 1 },
      ],
    };
    const mine = {
      title: "Cup",
      clips: [
        { id: "b", n: 1 },
        { id: "a", n: 1 },
      ],
    };
    const theirs = {
      title: "",
      clips: [
        { id: "a", n: 2 },
        { id: "new", n: 9 },
        { id: "b", n: 1 },
      ],
    };
    expect(apply(theirs, diff(base, mine))).toEqual({
      title: "Cup",
      clips: [
        { id: "b", n: 1 },
        { id: "a", n: 2 },
        { id: "new", n: 9 },
      ],
    });
  });
});

interface Clip {
  readonly [name: string]: Json;
  readonly id: string;
  readonly revision: number;
  readonly n: number;
}
const clip = (id: string, n = 0, revision = 1): Clip => ({ id, revision, n });
const clipsOf = (...clips: readonly Clip[]): Json => ({ title: "", head_revision: 1, clips });

describe("undo and redo", () => {
  test("walk all that was done back and forth, also over a reload", () => {
    fc.assert(
      fc.property(jsons, fc.array(jsons, { maxLength: 8 }), fc.nat(), (first, states, pick) => {
        let [history, document]: [History, Json] = [NOTHING_DONE, first];
        const reached = [first];
        for (const next of states) {
          if (!equal(next, document)) reached.push(next);
          history = done(history, "Edit", document, next);
          document = next;
        }
        const back = pick % reached.length;
        for (let n = 0; n < back; n += 1) {
          const turned = undo(historyFrom(historyText(history)), document);
          expect(turned.outcome).toBe("done");
          [history, document] = [turned.history, turned.document];
        }
        expect(equal(withoutRevisions(document), withoutRevisions(reached[reached.length - 1 - back] ?? null))).toBe(
          true,
        );
        for (let n = 0; n < back; n += 1) {
          const turned = redo(historyFrom(historyText(history)), document);
          [history, document] = [turned.history, turned.document];
        }
        expect(equal(withoutRevisions(document), withoutRevisions(reached.at(-1) ?? null))).toBe(true);
        expect(redo(history, document).outcome).toBe("nothing");
      }),
      { numRuns: 300 },
    );
  });

  test("take a drag back as one, and typing after it as another", () => {
    const [a, b, c, d] = [clipsOf(clip("a", 0)), clipsOf(clip("a", 1)), clipsOf(clip("a", 2)), clipsOf(clip("a", 3))];
    let history = done(NOTHING_DONE, "Move crop", a, b, "drag");
    history = ended(done(history, "Move crop", b, c, "drag"));
    history = done(history, "Move crop", c, d, "drag");
    expect(history.past).toHaveLength(2);
    const turned = undo(history, d);
    expect(turned.document).toEqual(c);
    expect(undo(turned.history, turned.document).document).toEqual(a);
  });

  test("forget a drag that came back to where it began", () => {
    const [a, b] = [clipsOf(clip("a", 0)), clipsOf(clip("a", 1))];
    const history = done(done(NOTHING_DONE, "Move", a, b, "drag"), "Move", b, a, "drag");
    expect(history.past).toEqual([]);
  });

  test("do not care for revisions that saving raised", () => {
    const history = done(NOTHING_DONE, "Rate", clipsOf(clip("a", 0)), clipsOf(clip("a", 1)));
    const saved = { title: "", head_revision: 7, clips: [clip("a", 1, 5)] };
    expect(undo(history, saved).document).toEqual({ title: "", head_revision: 7, clips: [clip("a", 0, 5)] });
  });

  test("bring back what was deleted as something new to the server", () => {
    const history = done(NOTHING_DONE, "Delete", clipsOf(clip("a"), clip("b", 2, 9)), clipsOf(clip("a")));
    expect(undo(history, clipsOf(clip("a"))).document).toEqual(clipsOf(clip("a"), clip("b", 2, 0)));
  });

  test("leave alone what someone else changed since, and keep what else they did", () => {
    const history = done(NOTHING_DONE, "Rate", clipsOf(clip("a", 0)), clipsOf(clip("a", 1)));
    const elsewhere = clipsOf(clip("a", 5));
    const turned = undo(history, elsewhere);
    expect([turned.outcome, turned.document, turned.label]).toEqual(["elsewhere", elsewhere, "Rate"]);
    expect(turned.history.past).toEqual([]);
    const beside = clipsOf(clip("a", 1), clip("theirs"));
    expect(undo(history, beside).document).toEqual(clipsOf(clip("a", 0), clip("theirs")));
  });

  test("are bounded in number and in length", () => {
    let history = NOTHING_DONE;
    for (let n = 0; n < MOST_DEEDS + 5; n += 1) {
      history = done(history, "Write", { text: n ? `${n}`.repeat(3000) : "" }, { text: `${n + 1}`.repeat(3000) });
    }
    expect(history.past).toHaveLength(MOST_DEEDS);
    const kept = historyFrom(historyText(history));
    expect(kept.past.length).toBeGreaterThan(20);
    expect(kept.past.at(-1)).toEqual(history.past.at(-1));
    expect(historyText(history).length).toBeLessThanOrEqual(1_000_000);
  });

  test("begin anew from a text that is none of theirs", () => {
    for (const text of [null, "", "{", "[]", '{"version":2}', '{"version":1,"past":[{"label":1}],"future":[]}']) {
      expect(historyFrom(text)).toEqual(NOTHING_DONE);
    }
  });
});

function withoutRevisions(value: Json): Json {
  return JSON.parse(JSON.stringify(value, (name, inner) => (name === "revision" ? undefined : inner)));
}
