/** How what is saved of clips goes to the API: a clip as a person says it, and what the server has of it. */

import type { Fields } from "../editing/saves.ts";
import type { RatingValue } from "../reel/annotation.ts";
import type { Json } from "../reel/errors.ts";
import type { Terms } from "../reel/fraction.ts";

/** Where a clip stands: its edges and the clock that they are on are one thing, so that neither is saved alone. */
export type Stretch = { readonly time_base: Terms; readonly in_pts: number; readonly out_pts: number };

/** A clip, as far as a person says it. */
export type Clip = {
  readonly id: string;
  readonly source_id: string;
  readonly stretch: Stretch;
  readonly rating: RatingValue;
  readonly tags: readonly string[];
  readonly name: string;
  readonly notes: string;
};

/** What the API says of a clip, as far as it is read here. */
export interface ApiClip {
  readonly id: string;
  readonly source_id: string;
  readonly time_base: readonly number[];
  readonly in_pts: number;
  readonly out_pts: number;
  readonly rating: number;
  readonly tags: readonly string[];
  readonly name: string;
  readonly notes: string;
  readonly revision: number;
}

const THING = "clip/";

export function thingOf(id: string): string {
  return `${THING}${id}`;
}

/** Return the clip's id that a thing is of; null for another kind of thing. */
export function idOf(thing: string): string | null {
  return thing.startsWith(THING) ? thing.slice(THING.length) : null;
}

export function clipFrom({ id, source_id, time_base, in_pts, out_pts, rating, tags, name, notes }: ApiClip): Clip {
  const [n = 1, d = 90_000] = time_base;
  const stretch = { time_base: [n, d] as const, in_pts, out_pts };
  return { id, source_id, stretch, rating: rating as RatingValue, tags: [...tags], name, notes };
}

/** Return the body that the API takes for what is saved of a clip: the stretch in its parts. */
export function bodyFrom(fields: Fields): Fields {
  const { stretch, ...rest } = fields;
  return stretch === undefined ? rest : { ...rest, ...(stretch as { [name: string]: Json }) };
}

/** The clock of clips that are marked before their footage is looked over (storage/snapping.py). */
const PROVISIONAL_TICKS = 90_000;
/** A clip is put onto the nearest frame: half a frame away at the most, of footage with a frame a second at the least. */
const NEAR_S = 0.6;

/**
 * Say whether a stretch became another only because its footage was looked over meanwhile: the service then puts what
 * was marked before onto the footage's own clock and frames. Nobody has changed it.
 */
export function isSnap(was: Stretch, is: Stretch): boolean {
  const [n, d] = is.time_base;
  if (was.time_base[0] !== 1 || was.time_base[1] !== PROVISIONAL_TICKS || (n === 1 && d === PROVISIONAL_TICKS)) {
    return false;
  }
  const near = (a: number, b: number) => Math.abs(a / PROVISIONAL_TICKS - (b * n) / d) <= NEAR_S;
  return near(was.in_pts, is.in_pts) && near(was.out_pts, is.out_pts);
}

/** Return a clip as the server has it, as far as somebody changed it since `base`: a snap is nobody's change. */
export function unsnapped(there: Clip, base: Fields): Clip {
  const was = base.stretch as Stretch | undefined;
  return was && isSnap(was, there.stretch) ? { ...there, stretch: was } : there;
}

/** Return a saved clip's revision. */
export function clipRevision(said: unknown): number | null {
  const { revision } = (said ?? {}) as Partial<ApiClip>;
  return typeof revision === "number" ? revision : null;
}
