/**
 * The queue of saves: what a person did and the server has not acknowledged yet. Nothing in it is lost by a reload, a
 * dead network or a conflict; nothing is applied twice. No request, no clock and no storage is in here.
 *
 * Writes of one thing go out one after another, of several things side by side. Each carries a key of its own
 * (Idempotency-Key) for as long as its body stays the same, since its answer may have been lost: the server gives the
 * same key the same answer for seven days. After that creating (the id is ours), changing (by revision) and removing
 * twice are harmless by themselves.
 */

import type { Json } from "../reel/errors.ts";
import { fullJitter } from "./backoff.ts";
import { apply, diff, equal, fits } from "./diff.ts";

export type Fields = { readonly [name: string]: Json };

/** What is to be written. `thing` names what it is of, over all tabs and reloads: "clip/01970d3c…". */
export interface Write {
  readonly thing: string;
  /** create and replace: `fields` is the whole; change: only what is different. */
  readonly kind: "create" | "change" | "replace" | "remove";
  readonly path: string;
  readonly fields: Fields;
  /** change: what stood in these fields before, as the person saw it. */
  readonly base: Fields;
}

/** A write in the queue. Once `begun`, its body stays as it is: the server may have it. */
export interface Queued extends Write {
  readonly key: string;
  readonly made_ms: number;
  readonly not_before_ms: number;
  readonly tries: number;
  readonly begun: boolean;
  readonly in_flight: boolean;
}

/** A write that needs a person: a conflict with `current`, or a refusal that says why. */
export interface Stuck extends Write {
  readonly why: "conflict" | "gone" | "refused";
  readonly message: string;
  readonly current: Fields | null;
  readonly made_ms: number;
}

export interface Saves {
  readonly queued: readonly Queued[];
  readonly stuck: readonly Stuck[];
  /** The revision of each thing that this browser saw last. */
  readonly revisions: Readonly<Record<string, number>>;
  readonly saved_ms: number | null;
}

export const NOTHING_TO_SAVE: Saves = { queued: [], stuck: [], revisions: {}, saved_ms: null };

/** A change waits for the next one, so that a drag is one save; but never longer than the second. */
export const SETTLE_MS = 600;
export const LONGEST_SETTLE_MS = 3000;
/** Writes in flight at once: the server does a person's writes one after another anyway. */
export const MOST_IN_FLIGHT = 2;
const RETRY = { least_ms: 500, most_ms: 30_000 };

/** When, and what the next key is. */
export interface Stamp {
  readonly now_ms: number;
  readonly key: string;
}

/** Put a write into the queue, together with what waits for the same thing where the two are one. */
export function added(saves: Saves, write: Write, { now_ms, key }: Stamp): Saves {
  const settle = write.kind === "change" || write.kind === "replace" ? SETTLE_MS : 0;
  const fresh: Queued = {
    ...write,
    key,
    made_ms: now_ms,
    not_before_ms: now_ms + settle,
    tries: 0,
    begun: false,
    in_flight: false,
  };
  const place = saves.queued.findLastIndex(({ thing }) => thing === write.thing);
  const last = saves.queued[place];
  if (!last || last.begun) return { ...saves, queued: [...saves.queued, fresh] };
  const joined = together(last, fresh);
  if (joined === "apart") return { ...saves, queued: [...saves.queued, fresh] };
  return { ...saves, queued: saves.queued.toSpliced(place, 1, ...(joined ? [joined] : [])) };
}

/** The server was read: what a person sees of a thing, and changes from now on, is that revision. */
export function seen(saves: Saves, thing: string, revision: number): Saves {
  const changed = [...saves.queued, ...saves.stuck].some((write) => write.thing === thing);
  return changed ? saves : { ...saves, revisions: { ...saves.revisions, [thing]: revision } };
}

/** Return the writes that may be sent now. */
export function due(saves: Saves, now_ms: number): readonly Queued[] {
  const room = MOST_IN_FLIGHT - saves.queued.filter(({ in_flight }) => in_flight).length;
  return heads(saves)
    .filter((write) => !write.in_flight && write.not_before_ms <= now_ms)
    .slice(0, Math.max(room, 0));
}

/** Return how long to wait until something may be sent, null if nothing waits for its time. */
export function nextIn(saves: Saves, now_ms: number): number | null {
  const waits = heads(saves).filter(({ in_flight }) => !in_flight);
  return waits.length ? Math.max(Math.min(...waits.map(({ not_before_ms }) => not_before_ms)) - now_ms, 0) : null;
}

/** Return the body of a write: with the revision that the change is of, where there is one. */
export function bodyOf(saves: Saves, { thing, kind, fields }: Write): Fields | null {
  if (kind === "remove") return null;
  const revision = saves.revisions[thing];
  return kind === "change" && revision !== undefined ? { ...fields, revision } : fields;
}

/** A write is on its way. */
export function sent(saves: Saves, key: string): Saves {
  return replaced(saves, key, (write) => ({ ...write, begun: true, in_flight: true, tries: write.tries + 1 }));
}

/** The server has it; `revision` is that of the thing now, null where it has none; `answer` what it made of a replace. */
export function acknowledged(
  saves: Saves,
  key: string,
  revision: number | null,
  now_ms: number,
  answer: Fields | null = null,
): Saves {
  const write = saves.queued.find((one) => one.key === key);
  if (!write) return saves;
  const { [write.thing]: _, ...others } = saves.revisions;
  const revisions = revision === null ? others : { ...others, [write.thing]: revision };
  const rest = { ...saves, queued: saves.queued.filter((one) => one !== write), revisions, saved_ms: now_ms };
  return answer && write.kind === "replace" ? rebased(rest, write.thing, answer) : rest;
}

/**
 * The server has `current` of a thing that is replaced whole: what waits for it is said over that from now on. Where it
 * no longer fits, because someone else changed the same part, it stays as it is, and the server will say so.
 */
export function rebased(saves: Saves, thing: string, current: Fields): Saves {
  const waiting = saves.queued.filter((write) => write.thing === thing);
  if (saves.stuck.some((one) => one.thing === thing)) return saves;
  if (waiting.some(({ begun, kind }) => begun || kind !== "replace")) return saves;
  const moved = new Map<Queued, Queued>();
  let base: Json = current;
  for (const write of waiting) {
    const changes = diff(write.base, write.fields);
    if (!changes.every((change) => fits(base, change, SAVED))) return saves;
    const fields: Json = apply(base, changes);
    moved.set(write, { ...write, base: base as Fields, fields: fields as Fields });
    base = fields;
  }
  return { ...saves, queued: saves.queued.map((write) => moved.get(write) ?? write) };
}

/** What else may come of a write. */
export type Failure =
  /** No answer, or one that says to come again: the same write under the same key. */
  | { readonly kind: "later"; readonly retry_after_s: number | null }
  /** Changed elsewhere since: what stands there now, in the form of the write's fields, and its revision. */
  | { readonly kind: "stale"; readonly current: Fields; readonly revision: number; readonly message: string }
  /** It is not there any more. */
  | { readonly kind: "gone"; readonly message: string }
  /** It is wrong, and stays wrong. */
  | { readonly kind: "refused"; readonly message: string };

/** Fields that only mean something together: changed on both sides, they are a conflict even where they differ. */
export type Groups = readonly (readonly string[])[];

/** A write did not come through. */
export function failed(
  saves: Saves,
  key: string,
  failure: Failure,
  { now_ms, key: next_key, random }: Stamp & { readonly random: number },
  groups: Groups = [],
): Saves {
  const write = saves.queued.find((one) => one.key === key);
  if (!write) return saves;
  if (failure.kind === "later") {
    const asked_ms = (failure.retry_after_s ?? 0) * 1000;
    const wait_ms = Math.max(asked_ms, fullJitter(write.tries, random, RETRY));
    return replaced(saves, key, (one) => ({ ...one, in_flight: false, not_before_ms: now_ms + wait_ms }));
  }
  if (failure.kind === "gone" && write.kind === "remove") return acknowledged(saves, key, null, now_ms);
  if (failure.kind !== "stale") return setAside(saves, write, failure.kind, failure.message, null);

  const known = { ...saves, revisions: { ...saves.revisions, [write.thing]: failure.revision } };
  const merge = write.kind === "change" ? merged(write, failure.current, groups) : null;
  if (merge === null) return setAside(known, write, "conflict", failure.message, failure.current);
  if (Object.keys(merge).length === 0) return acknowledged(known, key, failure.revision, now_ms);
  return replaced(known, key, (one) => ({
    ...one,
    fields: merge,
    base: picked(failure.current, Object.keys(merge)),
    key: next_key,
    tries: 0, // it was answered: this is another write, and nothing is amiss
    begun: false,
    in_flight: false,
    not_before_ms: now_ms,
  }));
}

/** The service is there again: what waits for another try goes out at once. */
export function hurried(saves: Saves, now_ms: number): Saves {
  const soon = (write: Queued) =>
    write.tries > 0 ? { ...write, not_before_ms: Math.min(write.not_before_ms, now_ms) } : write;
  return { ...saves, queued: saves.queued.map(soon) };
}

/** Keep mine: what is stuck goes out over what stands there now. */
export function keptMine(saves: Saves, thing: string, { now_ms, key }: Stamp): Saves {
  const stuck = saves.stuck.find((one) => one.thing === thing);
  if (!stuck) return saves;
  const { why: _why, message: _message, current, ...write } = stuck;
  const base = current ? picked(current, Object.keys(write.fields)) : write.base;
  const rest = { ...saves, stuck: saves.stuck.filter((one) => one !== stuck) };
  const first = rest.queued.filter((one) => one.thing === thing);
  const others = rest.queued.filter((one) => one.thing !== thing);
  const again = added({ ...rest, queued: others }, { ...write, base }, { now_ms, key });
  return { ...again, queued: [...again.queued, ...first] };
}

/** Take theirs: what is stuck is let go, and what was done to the same thing after it. */
export function tookTheirs(saves: Saves, thing: string): Saves {
  const others = <T extends Write>(writes: readonly T[]) => writes.filter((one) => one.thing !== thing);
  return { ...saves, queued: others(saves.queued), stuck: others(saves.stuck) };
}

/** How saving stands, for "Saved 12:04". */
export type Standing =
  | { readonly kind: "saved"; readonly at_ms: number | null }
  | { readonly kind: "saving" | "offline" | "stuck"; readonly count: number };

export function standing({ queued, stuck, saved_ms }: Saves, online: boolean): Standing {
  if (stuck.length) return { kind: "stuck", count: stuck.length };
  if (queued.length === 0) return { kind: "saved", at_ms: saved_ms };
  const trouble = queued.some(({ tries, in_flight }) => tries > 1 || (tries === 1 && !in_flight));
  return { kind: online && !trouble ? "saving" : "offline", count: queued.length };
}

export function savesText(saves: Saves): string {
  return JSON.stringify({ version: VERSION, ...saves });
}

/** Return the queue that a text holds, an empty one for none or a damaged one. What was in flight is sent again. */
export function savesFrom(text: string | null): Saves {
  const kept = parsed(text);
  if (!isSaves(kept)) return NOTHING_TO_SAVE;
  const { queued, stuck, revisions, saved_ms } = kept;
  return { queued: queued.map((write) => ({ ...write, in_flight: false })), stuck, revisions, saved_ms };
}

const VERSION = 1;

/** Members that a save changes and a person does not. */
const SAVED = ["revision", "head_revision"];

/** The first write of each thing that nothing stuck holds back, in the order in which they were made. */
function heads({ queued, stuck }: Saves): readonly Queued[] {
  const held = new Set(stuck.map(({ thing }) => thing));
  return queued.filter((write) => {
    if (held.has(write.thing)) return false;
    held.add(write.thing);
    return true;
  });
}

/** Return two writes of one thing as one: null where nothing is left of them, "apart" where they stay two. */
function together(last: Queued, next: Queued): Queued | null | "apart" {
  const times = {
    made_ms: last.made_ms,
    not_before_ms: Math.min(next.not_before_ms, last.made_ms + LONGEST_SETTLE_MS),
  };
  if (next.kind === "remove") return last.kind === "create" ? null : last.kind === "remove" ? last : next;
  if (next.kind === "replace" && (last.kind === "replace" || last.kind === "create")) {
    if (last.kind === "replace" && equal(last.base, next.fields, SAVED)) return null;
    return { ...last, ...times, fields: next.fields };
  }
  if (next.kind !== "change" || last.kind === "remove" || last.kind === "replace") return "apart";
  const fields = { ...last.fields, ...next.fields };
  if (last.kind === "create") return { ...last, fields };
  const base = { ...next.base, ...last.base };
  const changed = Object.keys(fields).filter((name) => !equal(fields[name], base[name]));
  return changed.length ? { ...last, ...times, fields: picked(fields, changed), base: picked(base, changed) } : null;
}

/** Return what of a change is still to be said over `current`; null where both sides changed the same differently. */
function merged({ fields, base }: Write, current: Fields, groups: Groups): Fields | null {
  const theirs = (name: string) => name in base && !equal(current[name], base[name]);
  const same = (name: string) => equal(current[name], fields[name]);
  const names = Object.keys(fields);
  const clash = names.some((name) => {
    const bound = groups.find((group) => group.includes(name))?.filter((one) => names.includes(one)) ?? [name];
    return !bound.every(same) && bound.some(theirs);
  });
  return clash
    ? null
    : picked(
        fields,
        names.filter((name) => !same(name)),
      );
}

/** What is stuck takes no other write of its thing with it: they wait behind it. */
function setAside(saves: Saves, write: Queued, why: Stuck["why"], message: string, current: Fields | null): Saves {
  const { thing, kind, path, fields, base, made_ms } = write;
  const stuck: Stuck = { thing, kind, path, fields, base, made_ms, why, message, current };
  return { ...saves, queued: saves.queued.filter((one) => one !== write), stuck: [...saves.stuck, stuck] };
}

function replaced(saves: Saves, key: string, change: (write: Queued) => Queued): Saves {
  return { ...saves, queued: saves.queued.map((write) => (write.key === key ? change(write) : write)) };
}

function picked(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isSaves(kept: unknown): kept is Saves {
  if (typeof kept !== "object" || kept === null) return false;
  const { version, queued, stuck, revisions } = kept as Record<string, unknown>;
  const writes = [queued, stuck].every((list) => Array.isArray(list) && list.every(isWrite));
  return version === VERSION && writes && typeof revisions === "object" && revisions !== null;
}

function isWrite(write: unknown): boolean {
  if (typeof write !== "object" || write === null) return false;
  const { thing, kind, path, fields } = write as Record<string, unknown>;
  return [thing, kind, path].every((one) => typeof one === "string") && typeof fields === "object" && fields !== null;
}
