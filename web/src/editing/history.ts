/**
 * Undo and redo, of whatever is JSON. What was done is kept as differences, so that undoing takes back one's own change
 * and nothing that came from elsewhere since; and as text, so that it survives a reload.
 */

import type { Json } from "../reel/errors.ts";
import { apply, type Change, diff, fits, inverse } from "./diff.ts";

/** One thing that a person did. */
export interface Deed {
  /** In the words of the screen: "Move crop". */
  readonly label: string;
  readonly changes: readonly Change[];
  /** Deeds of one gesture (a drag, a word being typed) are one deed. */
  readonly gesture?: string;
}

export interface History {
  readonly past: readonly Deed[];
  readonly future: readonly Deed[];
}

/** What became of an undo or a redo. `elsewhere`: the part was changed by someone else since; the deed is forgotten. */
export interface Turned {
  readonly history: History;
  readonly document: Json;
  readonly outcome: "done" | "elsewhere" | "nothing";
  readonly label: string | null;
}

export const NOTHING_DONE: History = { past: [], future: [] };
export const MOST_DEEDS = 200;
/** Characters of the text that is kept: a browser gives a site five million. */
export const MOST_TEXT = 1_000_000;

/** Members that a save changes and a person does not. */
const SAVED = ["revision", "head_revision"];

/** Return the history after a deed that made `after` out of `before`; one that changed nothing is none. */
export function done(history: History, label: string, before: Json, after: Json, gesture?: string): History {
  const last = history.past.at(-1);
  const goes_on = gesture !== undefined && last?.gesture === gesture && history.future.length === 0;
  const begun = goes_on ? apply(before, inverse(last.changes)) : before;
  const changes = diff(begun, after).filter(({ path }) => !SAVED.includes(path.at(-1)?.slice(1) ?? ""));
  const earlier = goes_on ? history.past.slice(0, -1) : history.past;
  if (changes.length === 0) return goes_on ? { past: earlier, future: [] } : history;
  const deed = { label, changes, ...(gesture === undefined ? {} : { gesture }) };
  return { past: [...earlier, deed].slice(-MOST_DEEDS), future: [] };
}

/** Say that a gesture is over: what comes next is another deed, even under the same name. */
export function ended({ past, future }: History): History {
  const last = past.at(-1);
  if (last?.gesture === undefined) return { past, future };
  const { gesture: _, ...deed } = last;
  return { past: [...past.slice(0, -1), deed], future };
}

/** Take back the last deed. */
export function undo(history: History, document: Json): Turned {
  const deed = history.past.at(-1);
  if (!deed) return { history, document, outcome: "nothing", label: null };
  const past = history.past.slice(0, -1);
  const turned = turn(document, inverse(deed.changes));
  if (turned === undefined) return { history: { ...history, past }, document, outcome: "elsewhere", label: deed.label };
  const { gesture: _, ...kept } = deed;
  return { history: { past, future: [kept, ...history.future] }, document: turned, outcome: "done", label: deed.label };
}

/** Do again what was taken back last. */
export function redo(history: History, document: Json): Turned {
  const [deed, ...future] = history.future;
  if (!deed) return { history, document, outcome: "nothing", label: null };
  const turned = turn(document, deed.changes);
  if (turned === undefined)
    return { history: { ...history, future }, document, outcome: "elsewhere", label: deed.label };
  return { history: { past: [...history.past, deed], future }, document: turned, outcome: "done", label: deed.label };
}

/** Return the history as text; the oldest deeds are left out where it would be too long. */
export function historyText(history: History): string {
  let { past, future } = history;
  for (;;) {
    const text = JSON.stringify({ version: VERSION, past, future });
    if (text.length <= MOST_TEXT || past.length + future.length === 0) return text;
    if (past.length) past = past.slice(Math.ceil(past.length / 2));
    else future = [];
  }
}

/** Return the history that a text holds; an empty one for a text that is damaged, or another version's. */
export function historyFrom(text: string | null): History {
  try {
    const kept: unknown = JSON.parse(text ?? "null");
    return isKept(kept) ? { past: kept.past, future: kept.future } : NOTHING_DONE;
  } catch (error) {
    if (error instanceof SyntaxError) return NOTHING_DONE;
    throw error;
  }
}

const VERSION = 1;

/** Return the document with the changes applied, undefined if one of them no longer fits: then none is. */
function turn(document: Json, changes: readonly Change[]): Json | undefined {
  if (!changes.every((change) => fits(document, change, SAVED))) return undefined;
  return apply(document, changes.map(asNew));
}

/** What comes back was deleted: the server knows it no more, so its revision is that of something never saved. */
function asNew(change: Change): Change {
  const { before, after } = change;
  if (before !== undefined || typeof after !== "object" || after === null || !("revision" in after)) return change;
  return { ...change, after: { ...after, revision: 0 } };
}

function isKept(kept: unknown): kept is History {
  if (typeof kept !== "object" || kept === null) return false;
  const { version, past, future } = kept as Record<string, unknown>;
  return version === VERSION && [past, future].every((deeds) => Array.isArray(deeds) && deeds.every(isDeed));
}

function isDeed(deed: unknown): boolean {
  if (typeof deed !== "object" || deed === null) return false;
  const { label, changes } = deed as Record<string, unknown>;
  return typeof label === "string" && Array.isArray(changes) && changes.every(isChange);
}

function isChange(change: unknown): boolean {
  if (typeof change !== "object" || change === null) return false;
  const { path } = change as Record<string, unknown>;
  return Array.isArray(path) && path.every((step) => typeof step === "string");
}
