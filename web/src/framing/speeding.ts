/** Speed spans while they are edited: begun, moved, stretched, set; they never overlap and stay inside their clip. */

import type { EditClip, SpeedSpan } from "../project/document.ts";
import { exact, Fraction, type Terms } from "../reel/fraction.ts";
import { outputDuration, pieces } from "../reel/speed.ts";
import { type Span, toPts } from "../reel/timing.ts";
import type { LanePart } from "../timeline/lane.ts";

/** What a new stretch is like: a second and a half at half speed. */
const NEW_S = new Fraction(3, 2);
const NEW_RATE: Terms = [1, 2];
/** Shorter it cannot be seen, nor taken hold of. */
const SHORTEST_S = new Fraction(1, 5);
/** What the slider goes by. */
export const RATE_STEP = 0.05;

/** Return a speed as exact terms: to the hundredth. */
export function rateOf(times: number): Terms {
  return new Fraction(Math.round(Math.min(Math.max(times, 0.25), 2) * 100), 100).toTerms();
}

export function timesOf({ rate }: Pick<SpeedSpan, "rate">): number {
  return exact(rate).toNumber();
}

/** Return a speed as people read it: "0.5×". */
export function saidRate(times: number): string {
  return `${Number(times.toFixed(2))}×`;
}

/** Return the clip with a new stretch from a moment on, as long as there is room; the clip itself where there is none. */
export function withSpeedFrom(clip: EditClip, pts: number): EditClip {
  const room = roomAt(clip, pts, null);
  const shortest = toPts(SHORTEST_S, clip.time_base);
  if (!room) return clip;
  const in_pts = Math.max(Math.min(pts, room.out_pts - shortest), room.in_pts);
  const out_pts = Math.min(in_pts + toPts(NEW_S, clip.time_base), room.out_pts);
  if (out_pts - in_pts < shortest) return clip;
  return withSpeeds(clip, [...clip.speeds, { in_pts, out_pts, rate: NEW_RATE }]);
}

/** Return the clip with one stretch elsewhere: held between its neighbours and inside the clip. */
export function withSpeedMoved(clip: EditClip, place: number, part: LanePart, wished: Span): EditClip {
  const speed = clip.speeds[place];
  const room = speed && roomAt(clip, speed.in_pts, place);
  if (!speed || !room) return clip;
  const shortest = Math.min(toPts(SHORTEST_S, clip.time_base), speed.out_pts - speed.in_pts);
  const lasts = speed.out_pts - speed.in_pts;
  const within = (pts: number, low: number, high: number) => Math.min(Math.max(pts, low), high);
  const { in_pts, out_pts } = speed;
  const begins = within(wished.in_pts, room.in_pts, room.out_pts - lasts);
  const moved = {
    in: { in_pts: within(wished.in_pts, room.in_pts, out_pts - shortest), out_pts },
    out: { in_pts, out_pts: within(wished.out_pts, in_pts + shortest, room.out_pts) },
    body: { in_pts: begins, out_pts: begins + lasts },
  }[part];
  return withSpeeds(
    clip,
    clip.speeds.map((one, index) => (index === place ? { ...one, ...moved } : one)),
  );
}

export function withRate(clip: EditClip, place: number, rate: Terms): EditClip {
  return { ...clip, speeds: clip.speeds.map((one, index) => (index === place ? { ...one, rate } : one)) };
}

export function withoutSpeed(clip: EditClip, place: number): EditClip {
  return { ...clip, speeds: clip.speeds.filter((_, index) => index !== place) };
}

/** Return the number of the stretch that a moment lies in, −1 for none. */
export function speedAt({ speeds }: Pick<EditClip, "speeds">, pts: number): number {
  return speeds.findIndex((one) => one.in_pts <= pts && pts < one.out_pts);
}

/** Return how long a clip lasts at its speeds, in seconds. */
export function lastsS(clip: EditClip): number {
  return outputDuration(pieces(clip, clip.speeds), clip.time_base).toNumber();
}

/** Return the stretch without a speed around a moment, `but` one that may be in the way; null where one is. */
function roomAt(clip: EditClip, pts: number, but: number | null): Span | null {
  const others = clip.speeds.filter((_, index) => index !== but);
  if (pts < clip.in_pts || pts >= clip.out_pts || speedAt({ speeds: others }, pts) >= 0) return null;
  const before = others.filter((one) => one.out_pts <= pts).map(({ out_pts }) => out_pts);
  const after = others.filter((one) => one.in_pts > pts).map(({ in_pts }) => in_pts);
  return { in_pts: Math.max(clip.in_pts, ...before), out_pts: Math.min(clip.out_pts, ...after) };
}

function withSpeeds(clip: EditClip, speeds: readonly SpeedSpan[]): EditClip {
  return { ...clip, speeds: [...speeds].sort((a, b) => a.in_pts - b.in_pts) };
}
