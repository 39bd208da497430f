/**
 * Seeking: one seek in flight, the newest wish next; and where in a frame to seek to.
 *
 * A browser that is asked for a frame's own time shows the one before in 4 of 10 cases, and for its middle in none of
 * 30 (measured in Chromium 156).
 */

import { type Exact, exact, Fraction } from "../reel/fraction.ts";
import { firstNotBefore } from "../reel/timing.ts";

/** What a player is asked for. `wanted` waits until `in_flight` has come to rest. */
export interface Seeking {
  readonly in_flight: number | null;
  readonly wanted: number | null;
}

export const AT_REST: Seeking = { in_flight: null, wanted: null };

/** What to do now: the seconds to set the player to, or nothing. */
export interface Step {
  readonly seeking: Seeking;
  readonly seek_s: number | null;
}

/** A person wants another moment, in seconds of the player. */
export function want(seeking: Seeking, at_s: number): Step {
  if (seeking.in_flight === null) return { seeking: { in_flight: at_s, wanted: null }, seek_s: at_s };
  return { seeking: { ...seeking, wanted: at_s === seeking.in_flight ? null : at_s }, seek_s: null };
}

/** The player has shown what it was asked for, or has given up on it. */
export function settled({ wanted }: Seeking): Step {
  return { seeking: { in_flight: wanted, wanted: null }, seek_s: wanted };
}

/**
 * Return the player's time of the middle of the frame that is shown at `pts`, in seconds.
 *
 * `frame_pts` in order, at least one; `zero_pts` is shown at the player's 0. The last frame counts as long as the one
 * before it.
 */
export function middleOf(pts: number, frame_pts: readonly number[], time_base: Exact, zero_pts: number): number {
  const index = shownAt(pts, frame_pts);
  const start = frame_pts[index] ?? pts;
  const before = frame_pts[index - 1] ?? start - 1;
  const end = frame_pts[index + 1] ?? start + Math.max(start - before, 1);
  return new Fraction(start + end - 2 * zero_pts, 2).times(exact(time_base)).toNumber();
}

/** Return the pts of the frame that the player shows at its `media_s`, as requestVideoFrameCallback says it. */
export function ptsShown(media_s: number, frame_pts: readonly number[], time_base: Exact, zero_pts: number): number {
  const at = media_s / exact(time_base).toNumber() + zero_pts;
  return frame_pts[shownAt(Math.floor(at + 0.5), frame_pts)] ?? zero_pts;
}

/** Return the pts of the frame `by` frames on from the one shown at `pts`, held at the ends. */
export function stepped(pts: number, by: number, frame_pts: readonly number[]): number {
  const index = Math.min(Math.max(shownAt(pts, frame_pts) + by, 0), frame_pts.length - 1);
  return frame_pts[index] ?? pts;
}

/** Return the index of the frame that is shown at a tick: the newest that has begun, the first before that. */
function shownAt(pts: number, frame_pts: readonly number[]): number {
  return Math.max(firstNotBefore(frame_pts, pts + 1) - 1, 0);
}
