/** Speed: how a clip's source time runs through its output time; rational, piecewise constant, 1× where not said. */

import { badField, ReelError } from "./errors.ts";
import { type Exact, exact, Fraction, most, type Terms } from "./fraction.ts";
import { durationPts, firstNotBefore, newest, type Span, span } from "./timing.ts";

export const SLOWEST = new Fraction(1, 4);
export const FASTEST = new Fraction(2);

/** An authored stretch of source time that runs at `rate`, 0.25 to 2 source seconds an output second. */
export interface SpeedSpan extends Span {
  readonly rate: Terms;
}

/** A part of a clip that runs at one rate. */
export interface Piece {
  readonly span: Span;
  readonly rate: Fraction;
}

/** Hold an authored stretch to the rules. Raises empty_span, bad_field. */
export function validateSpeed({ in_pts, out_pts, rate }: SpeedSpan): void {
  span(in_pts, out_pts);
  if (SLOWEST.compare(rate) > 0 || FASTEST.compare(rate) < 0) throw badField("/rate", "A speed is 0.25× to 2×.");
}

/**
 * Return the whole of a clip in parts of one rate each, in order and without a gap, no neighbours alike.
 *
 * `speeds` may come in any order and reach outside the clip. Raises speeds_overlap, and as validateSpeed does.
 */
export function pieces(clip: Span, speeds: readonly SpeedSpan[]): readonly Piece[] {
  speeds.forEach(validateSpeed);
  const ordered = [...speeds].sort((a, b) => a.in_pts - b.in_pts);
  ordered.slice(1).forEach((after, index) => {
    if (after.in_pts < (ordered[index] as Span).out_pts) {
      throw new ReelError("speeds_overlap", { at_pts: after.in_pts });
    }
  });
  const parts: Piece[] = [];
  let at = clip.in_pts;
  for (const speed of ordered) {
    append(parts, at, Math.min(speed.in_pts, clip.out_pts), NORMAL);
    append(parts, Math.max(speed.in_pts, clip.in_pts), Math.min(speed.out_pts, clip.out_pts), exact(speed.rate));
    at = Math.max(at, speed.out_pts);
  }
  append(parts, at, clip.out_pts, NORMAL);
  return parts;
}

/** Return how long the pieces last in the output, in seconds. */
export function outputDuration(parts: readonly Piece[], time_base: Exact): Fraction {
  return parts.reduce((total, piece) => total.plus(lasts(piece, time_base)), ZERO);
}

/**
 * Return the source time, in ticks and fractions of one, `output_s` seconds after the clip's start.
 *
 * Held at the clip's in and out points outside of it.
 */
export function sourceAt(output_s: Exact, parts: readonly Piece[], time_base: Exact): Fraction {
  let left_s = most(output_s, ZERO);
  for (const piece of parts) {
    const lasts_s = lasts(piece, time_base);
    if (left_s.compare(lasts_s) < 0) return left_s.times(piece.rate).over(time_base).plus(piece.span.in_pts);
    left_s = left_s.minus(lasts_s);
  }
  return exact(lastOf(parts).span.out_pts);
}

/** Return how many output seconds after the clip's start the source time `pts` comes: the inverse of sourceAt. */
export function outputAt(pts: Exact, parts: readonly Piece[], time_base: Exact): Fraction {
  const moment = exact(pts);
  let total_s = ZERO;
  for (const piece of parts) {
    if (moment.compare(piece.span.out_pts) < 0) {
      return most(moment.minus(piece.span.in_pts), ZERO).times(time_base).over(piece.rate).plus(total_s);
    }
    total_s = total_s.plus(lasts(piece, time_base));
  }
  return total_s;
}

/**
 * Return the pts of the source frame that each of a clip's `count` output frames shows.
 *
 * Output frame j stands `j / rate` seconds after the clip's start and shows the newest source frame not after it
 * (timing's `newest` has the tolerance), never one at or past the out point. `frame_pts` are the source's frames around
 * the clip, in order; if the clip starts between two frames, the one on screen then is shown. Raises empty_span if
 * there is no frame before the out point.
 */
export function framesShown(
  frame_pts: readonly number[],
  time_base: Exact,
  parts: readonly Piece[],
  rate: Exact,
  count: number,
): readonly number[] {
  const { out_pts } = lastOf(parts).span;
  const frames = frame_pts.slice(0, firstNotBefore(frame_pts, out_pts));
  if (frames.length === 0) throw new ReelError("empty_span", { out_pts }, "There is no frame in the clip.");
  return Array.from({ length: count }, (_, j) => {
    return frames[newest(sourceAt(exact(j).over(rate), parts, time_base), frames)] as number;
  });
}

const ZERO = new Fraction(0);
const NORMAL = new Fraction(1);

/** Add `[in_pts, out_pts)` at `rate`, if it holds anything; lengthen the last part if that runs alike. */
function append(parts: Piece[], in_pts: number, out_pts: number, rate: Fraction): void {
  if (out_pts <= in_pts) return;
  const last = parts.at(-1);
  const alike = last !== undefined && last.rate.compare(rate) === 0;
  if (alike) parts.pop();
  parts.push({ span: span(alike ? last.span.in_pts : in_pts, out_pts), rate });
}

function lasts(piece: Piece, time_base: Exact): Fraction {
  return exact(time_base).times(durationPts(piece.span)).over(piece.rate);
}

function lastOf(parts: readonly Piece[]): Piece {
  const last = parts.at(-1);
  if (!last) throw new ReelError("empty_span");
  return last;
}
