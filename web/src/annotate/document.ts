/** The clips of a game as a person edits them: one document, what differs between two of them, what is still unsaved. */

import { equal } from "../editing/diff.ts";
import type { Fields, Saves, Write } from "../editing/saves.ts";
import { clipName } from "../reel/annotation.ts";
import type { Json } from "../reel/errors.ts";
import { type Clip, idOf, thingOf } from "../saving/clips.ts";

export { type ApiClip, bodyFrom, type Clip, clipFrom, idOf, type Stretch, thingOf } from "../saving/clips.ts";

/** What a person edits; a type and not an interface, so that it is Json. */
export type Document = { readonly clips: readonly Clip[] };

export const NO_CLIPS: Document = { clips: [] };

/** Return what a clip is called. */
export function shownName({ rating, tags, name, notes }: Pick<Clip, "rating" | "tags" | "name" | "notes">): string {
  return name || clipName(rating, tags, notes);
}

/** Return what has to be written so that `before` becomes `after` on the server. */
export function writesBetween(before: Document, after: Document, game_id: string): readonly Write[] {
  const [was, is] = [byId(before), byId(after)];
  const removed = before.clips.filter(({ id }) => !is.has(id)).map(({ id }) => written("remove", id, {}, {}, game_id));
  const others = after.clips.flatMap((clip) => {
    const old = was.get(clip.id);
    if (!old) return [written("create", clip.id, clip, {}, game_id)];
    const names = Object.keys(clip).filter((name) => !equal(clip[name as keyof Clip], old[name as keyof Clip]));
    return names.length ? [written("change", clip.id, picked(clip, names), picked(old, names), game_id)] : [];
  });
  return [...removed, ...others];
}

/** Return what a person sees: what the server has, and over it what is not saved yet. */
export function withUnsaved(
  clips: readonly Clip[],
  { queued, stuck }: Pick<Saves, "queued" | "stuck">,
  game_id: string,
): Document {
  const made = new Map(clips.map((clip) => [clip.id, clip]));
  for (const { thing, kind, fields, path } of [...stuck, ...queued]) {
    const id = idOf(thing);
    if (id === null) continue;
    const there = made.get(id);
    if (kind === "remove") made.delete(id);
    else if (there) made.set(id, { ...there, ...(fields as Partial<Clip>) });
    else if (kind === "create" && path === createPath(game_id)) made.set(id, fields as unknown as Clip);
  }
  return { clips: [...made.values()] };
}

/** Return the document with one clip changed. */
export function withClip({ clips }: Document, id: string, change: Partial<Omit<Clip, "id">>): Document {
  return { clips: clips.map((clip) => (clip.id === id ? { ...clip, ...change } : clip)) };
}

function createPath(game_id: string): string {
  return `/api/games/${game_id}/clips`;
}

function written(kind: Write["kind"], id: string, fields: Fields, base: Fields, game_id: string): Write {
  return { thing: thingOf(id), kind, path: kind === "create" ? createPath(game_id) : `/api/clips/${id}`, fields, base };
}

function picked(clip: Clip, names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, clip[name as keyof Clip] as Json]));
}

function byId({ clips }: Document): ReadonlyMap<string, Clip> {
  return new Map(clips.map((clip) => [clip.id, clip]));
}
