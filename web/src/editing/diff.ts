/**
 * What differs between two JSON documents, part by part: for undo, and to carry one's changes over to what came from
 * elsewhere.
 *
 * A list of things with ids (clips, keyframes, spotlights) is compared thing by thing and in its order; any other list
 * is one value. Path: ".title" a member, "#01970d3c…" the thing with that id, "#" the order of the things.
 */

import type { Json } from "../reel/errors.ts";

/** One difference: absent `before` was added, absent `after` removed. */
export interface Change {
  readonly path: readonly string[];
  readonly before?: Json;
  readonly after?: Json;
}

type Fields = { readonly [name: string]: Json };
type Thing = Fields & { readonly id: string };

/** Return what has to change in `a` to make it `b`. */
export function diff(a: Json, b: Json, path: readonly string[] = []): readonly Change[] {
  if (equal(a, b)) return [];
  if (isFields(a) && isFields(b)) {
    return namesOf(a, b).flatMap((name) => member(memberOf(a, name), memberOf(b, name), [...path, `.${name}`]));
  }
  if (isThings(a) && isThings(b)) return ofThings(a, b, path);
  return [{ path, before: a, after: b }];
}

/** Return the changes that take back `changes`. */
export function inverse(changes: readonly Change[]): readonly Change[] {
  return [...changes].reverse().map(({ path, before, after }) => changeOf(path, after, before));
}

/**
 * Return a document with changes applied, whatever stands in their places: those to a thing that is not there are left
 * out, things that the changes do not know keep their place behind their neighbours.
 */
export function apply(document: Json, changes: readonly Change[]): Json {
  const ordered = [...changes].sort((a, b) => Number(isOrder(a)) - Number(isOrder(b))); // orders name things added
  return ordered.reduce((made, { path, after }) => placed(made, path, after), document);
}

/** Say whether what a change found before it still stands there, apart from members called `ignoring`. */
export function fits(document: Json, { path, before }: Change, ignoring: readonly string[] = []): boolean {
  const here = found(document, path);
  if (path.at(-1) !== "#") return equal(here, before, ignoring);
  const [now, then] = [here, before].map((ids) => (Array.isArray(ids) ? ids : []));
  return equal(
    now?.filter((id) => then?.includes(id)),
    then?.filter((id) => now?.includes(id)),
  );
}

/** Say whether two values are the same JSON, whatever the order of members; members called `ignoring` do not count. */
export function equal(a: Json | undefined, b: Json | undefined, ignoring: readonly string[] = []): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((one, index) => equal(one, b[index], ignoring));
  }
  if (!isFields(a) || !isFields(b)) return false;
  return namesOf(a, b).every(
    (name) => ignoring.includes(name) || equal(memberOf(a, name), memberOf(b, name), ignoring),
  );
}

function member(a: Json | undefined, b: Json | undefined, path: readonly string[]): readonly Change[] {
  if (a === undefined || b === undefined) return a === b ? [] : [changeOf(path, a, b)];
  return diff(a, b, path);
}

function ofThings(a: readonly Thing[], b: readonly Thing[], path: readonly string[]): readonly Change[] {
  const [before, after] = [byId(a), byId(b)];
  const ids = [...new Set([...before.keys(), ...after.keys()])];
  const order = { path: [...path, "#"], before: [...before.keys()], after: [...after.keys()] };
  return [
    ...ids.flatMap((id) => member(before.get(id), after.get(id), [...path, `#${id}`])),
    ...(equal(order.before, order.after) ? [] : [order]),
  ];
}

function changeOf(path: readonly string[], before: Json | undefined, after: Json | undefined): Change {
  return { path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}

function isOrder({ path }: Change): boolean {
  return path.at(-1) === "#";
}

function found(value: Json | undefined, path: readonly string[]): Json | undefined {
  const [step, ...rest] = path;
  if (step === undefined || value === undefined) return value;
  if (step.startsWith(".")) return isFields(value) ? found(memberOf(value, step.slice(1)), rest) : undefined;
  if (!isThings(value)) return undefined;
  return step === "#" ? value.map(({ id }) => id) : found(byId(value).get(step.slice(1)), rest);
}

function placed(value: Json, path: readonly string[], after: Json | undefined): Json {
  const [step, ...rest] = path;
  if (step === undefined) return after === undefined ? value : after;
  if (step.startsWith(".")) {
    if (!isFields(value)) return value;
    const name = step.slice(1);
    const inner = memberOf(value, name);
    const next = rest.length ? (inner === undefined ? undefined : placed(inner, rest, after)) : after;
    const { [name]: _, ...others } = value;
    if (next === undefined) return rest.length ? value : others;
    return inner === undefined ? { ...others, [name]: next } : { ...value, [name]: next };
  }
  if (!isThings(value)) return value;
  return step === "#" ? inOrder(value, after) : withThing(value, step.slice(1), rest, after);
}

function withThing(things: readonly Thing[], id: string, rest: readonly string[], after: Json | undefined): Json {
  const there = things.find((thing) => thing.id === id);
  if (rest.length) return things.map((thing) => (thing === there ? placed(thing, rest, after) : thing));
  if (after === undefined) return things.filter((thing) => thing !== there);
  return there ? things.map((thing) => (thing === there ? after : thing)) : [...things, after];
}

/** Put things in the order of `ids`; those that it does not name stay behind what they stood behind. */
function inOrder(things: readonly Thing[], ids: Json | undefined): readonly Thing[] {
  if (!Array.isArray(ids)) return things;
  const known = byId(things);
  const named = ids.flatMap((id) => (typeof id === "string" ? (known.get(id) ?? []) : []));
  const ordered: Thing[] = [...new Set(named)];
  things.forEach((thing, index) => {
    if (ordered.includes(thing)) return;
    const before = things[index - 1];
    ordered.splice(before ? ordered.indexOf(before) + 1 : 0, 0, thing);
  });
  return ordered;
}

function byId(things: readonly Thing[]): ReadonlyMap<string, Thing> {
  return new Map(things.map((thing) => [thing.id, thing]));
}

function namesOf(a: Fields, b: Fields): readonly string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])];
}

function memberOf(fields: Fields, name: string): Json | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function isFields(value: Json | undefined): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isThings(value: Json | undefined): value is readonly Thing[] {
  if (!Array.isArray(value)) return false;
  const ids = value.map((one) => (isFields(one) ? memberOf(one, "id") : undefined));
  return ids.every((id) => typeof id === "string") && new Set(ids).size === ids.length;
}
