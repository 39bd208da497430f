/**
 * Tracks: values between authored keyframes, by one rule that never overshoots.
 *
 * In a stretch from (t0, v0) to (t1, v1), with h = t1 - t0, s = (t - t0) / h and tangents m0, m1 (per tick), `smooth`
 * is the cubic Hermite curve, written as a smoothstep and what the tangents add to it:
 *
 *     v = v0 + (v1 - v0) s² (3 - 2s) + h s (1 - s) (m0 (1 - s) - m1 s)
 *
 * The tangent where two stretches of slopes d0, d1 and lengths h0, h1 meet is their weighted harmonic mean
 *
 *     m = 3 (h0 + h1) / ((2 h1 + h0) / d0 + (h1 + 2 h0) / d1)         if d0 and d1 have the same sign, else 0
 *
 * (F. N. Fritsch and J. Butland, SIAM J. Sci. Stat. Comput. 5 (1984) 300; the tangents of PCHIP). At the track's ends,
 * and beside a stretch that eases or holds, m is 0: there the motion rests.
 */

import { badField, ReelError } from "./errors.ts";
import { exact, Fraction } from "./fraction.ts";

export const EASES = ["smooth", "ease", "linear", "hold"] as const;
export type Ease = (typeof EASES)[number];

/** What a track is made of: a moment in the source's ticks, and the way to the next key. */
export interface Key {
  readonly pts: number;
  readonly ease: Ease;
}

/** How to read the values of a key; as many in every key of a track. */
export type ValuesOf<K extends Key> = (key: K) => readonly number[];

/**
 * Return the track's values at `pts`: held before the first and after the last key, between their neighbours else.
 *
 * Every value lies between those of the two keys around it. Raises keyframes_out_of_order, bad_field if there is no
 * key.
 */
export function valueAt<K extends Key>(
  keys: readonly K[],
  pts: number | Fraction,
  valuesOf: ValuesOf<K>,
): readonly number[] {
  requireOrder(keys);
  const after = firstAfter(keys, pts);
  const [start, end] = [keys[Math.max(after - 1, 0)] as K, keys[after]];
  if (after === 0 || end === undefined || start.ease === "hold") return valuesOf(start);
  const length = end.pts - start.pts;
  const s = passed(pts, start.pts) / length;
  const [from, to] = [valuesOf(start), valuesOf(end)];
  if (start.ease !== "smooth") {
    const share = start.ease === "ease" ? smoothstep(s) : s;
    return from.map((v0, way) => between(v0, to[way] as number, share));
  }
  const [m0, m1] = [tangents(keys, after - 1, valuesOf), tangents(keys, after, valuesOf)];
  return from.map((v0, way) =>
    hermite(v0, to[way] as number, length * (m0[way] as number), length * (m1[way] as number), s),
  );
}

/**
 * Raise keyframes_out_of_order unless every key stands after the one before it, bad_field if there is none.
 *
 * `field` is the JSON pointer of the keys.
 */
export function requireOrder(keys: readonly Key[], field = "/keys"): void {
  if (keys.length === 0) throw badField(field, "A track has at least one keyframe.");
  for (let index = 1; index < keys.length; index += 1) {
    if ((keys[index] as Key).pts <= (keys[index - 1] as Key).pts) {
      throw new ReelError("keyframes_out_of_order", { field: `${field}/${index}` });
    }
  }
}

/** Return s² (3 - 2s): from 0 to 1 with rest at both ends. */
export function smoothstep(s: number): number {
  return s * s * (3 - 2 * s);
}

/** Return the index of the first key after `pts`. */
function firstAfter(keys: readonly Key[], pts: number | Fraction): number {
  const whole = pts instanceof Fraction ? pts.floor() : pts; // a key is on a tick: what is between two ticks is after
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((keys[middle] as Key).pts <= whole) low = middle + 1;
    else high = middle;
  }
  return low;
}

function passed(pts: number | Fraction, since: number): number {
  return pts instanceof Fraction ? pts.minus(exact(since)).toNumber() : pts - since;
}

/** Return the slope of each value at key `at`, per tick: the rule at the top of this file. */
function tangents<K extends Key>(keys: readonly K[], at: number, valuesOf: ValuesOf<K>): readonly number[] {
  const [before, here, after] = [keys[at - 1], keys[at] as K, keys[at + 1]];
  const values = valuesOf(here);
  if (!before || !after || rests(before) || rests(here)) return values.map(() => 0);
  const [h0, h1] = [here.pts - before.pts, after.pts - here.pts];
  const [v0, v1] = [valuesOf(before), valuesOf(after)];
  return values.map((v, way) => harmonic((v - (v0[way] as number)) / h0, ((v1[way] as number) - v) / h1, h0, h1));
}

function rests(key: Key): boolean {
  return key.ease === "ease" || key.ease === "hold";
}

function harmonic(d0: number, d1: number, h0: number, h1: number): number {
  return d0 * d1 <= 0 ? 0 : (3 * (h0 + h1)) / ((2 * h1 + h0) / d0 + (h1 + 2 * h0) / d1);
}

function hermite(v0: number, v1: number, rise0: number, rise1: number, s: number): number {
  const bend = s * (1 - s) * (rise0 * (1 - s) - rise1 * s);
  return clamp(v0 + (v1 - v0) * smoothstep(s) + bend, v0, v1);
}

function between(v0: number, v1: number, s: number): number {
  return clamp(v0 + (v1 - v0) * s, v0, v1);
}

/** Hold `value` between the two: the rules above do already, but for the last bit of a float. */
function clamp(value: number, v0: number, v1: number): number {
  return Math.min(Math.max(value, Math.min(v0, v1)), Math.max(v0, v1));
}
