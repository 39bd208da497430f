/** Which picture has the screen where a stretch of a video is there in a better one too; and how the two keep in step. */

import { contains, type Span } from "../reel/timing.ts";

/** How the film of a stretch stands. */
export interface Standing {
  readonly inlay: Span;
  /** The picture that it showed last, on the clock of what it lies on; null before the first. */
  readonly told: number | null;
  /** By how many frames it is behind what it lies on, while that plays. */
  readonly behind: number;
}

/** Where what it lies on is. */
export interface Moment {
  readonly pts: number;
  readonly playing: boolean;
}

/** Two films that are no farther apart count as one. */
const IN_STEP = 1.5;
/** So far behind the last picture may stay, from one stretch to the next, sooner than that the other is seen between. */
const BRIDGED = 10;
/** A film is hurried or held back by so much for a second that it is off, at most so far. */
const PULL = 4;
const [SLOWEST, FASTEST] = [0.25, 1.5];
/** Farther off it is sought, not hurried. */
const LOST_S = 0.5;

/**
 * Return the film that has the screen; null for what lies below. While it plays that is the one that keeps in step; at
 * rest the one that shows this very frame, and until it does the one that was seen before.
 */
export function seenAt<S extends Standing>(films: readonly S[], seen: S | null, { pts, playing }: Moment): S | null {
  const due = films.find(({ inlay, told }) => told !== null && contains(inlay, pts));
  if (!due) return null;
  if (playing ? Math.abs(due.behind) <= IN_STEP : due.told === pts) return due;
  if (!seen || seen.told === null) return null;
  return !playing || Math.abs(pts - seen.told) <= BRIDGED ? seen : null;
}

/** Return the stretches that are needed now or within `ahead`, in order: that at a moment first. */
export function neededAt<I extends Span>(inlays: readonly I[], pts: number, ahead: number): readonly I[] {
  return inlays.filter(({ in_pts, out_pts }) => out_pts > pts && in_pts <= pts + ahead);
}

/** Return the speed of a film that is so many seconds behind, where one frame lasts `frame_s`; null: it is to be sought. */
export function speedBehind(behind_s: number, speed: number, frame_s: number): number | null {
  if (Math.abs(behind_s) > LOST_S * Math.max(speed, 1)) return null;
  if (Math.abs(behind_s) < frame_s / 2) return speed;
  return speed * Math.min(Math.max(1 + behind_s * PULL, SLOWEST), FASTEST);
}
