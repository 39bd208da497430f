/** Time: spans of a source, its frame rate, the output clock. A pts is an integer, all else an exact rational. */

import { ReelError } from "./errors.ts";
import { type Exact, exact, Fraction, least } from "./fraction.ts";

/** Frames a second of any output. */
export const MAX_RATE = new Fraction(60);
/** What one frame alone is given: it has no rate, and any will do. */
export const RATE_OF_A_STILL = new Fraction(25);

export const STANDARD_RATES: readonly Fraction[] = [
  new Fraction(24000, 1001),
  new Fraction(24),
  new Fraction(25),
  new Fraction(30000, 1001),
  new Fraction(30),
  new Fraction(48),
  new Fraction(50),
  new Fraction(60000, 1001),
  new Fraction(60),
  new Fraction(100),
  new Fraction(120000, 1001),
  new Fraction(120),
  new Fraction(240000, 1001),
  new Fraction(240),
];

/** The half-open stretch `[in_pts, out_pts)` of a source. */
export interface Span {
  readonly in_pts: number;
  readonly out_pts: number;
}

/** Return a span. Raises empty_span if it holds nothing. */
export function span(in_pts: number, out_pts: number): Span {
  if (out_pts <= in_pts) throw new ReelError("empty_span", { in_pts, out_pts });
  return { in_pts, out_pts };
}

export function durationPts({ in_pts, out_pts }: Span): number {
  return out_pts - in_pts;
}

/** Say whether the moment `pts` lies in the span. */
export function contains({ in_pts, out_pts }: Span, pts: number): boolean {
  return in_pts <= pts && pts < out_pts;
}

/** Say whether the whole of `inner` lies in `outer`. */
export function within(inner: Span, outer: Span): boolean {
  return outer.in_pts <= inner.in_pts && inner.out_pts <= outer.out_pts;
}

/** Return `pts` in seconds. */
export function seconds(pts: number, time_base: Exact): Fraction {
  return exact(pts).times(time_base);
}

/** Return the tick nearest to `at_s` seconds, half up. */
export function toPts(at_s: Exact, time_base: Exact): number {
  return halfUp(exact(at_s).over(time_base));
}

/** Return the tick of time base `target` nearest to `pts` of time base `source`, half up. */
export function rescale(pts: number, source: Exact, target: Exact): number {
  return halfUp(exact(pts).times(source).over(target));
}

/** Round to the nearest integer, half up: Math.round, for what no float holds. */
export function halfUp(value: Exact): number {
  return exact(value).plus(HALF).floor();
}

/**
 * Return the frame rate that a source was meant to have, in frames a second.
 *
 * `frame_pts` are its display pts in order. Gaps near a multiple of the usual one (dropped frames) are counted as so
 * many frames and averaged, others are left out. Within half a per cent of a standard rate it is that rate (a phone's
 * clock is that inexact), else the simplest rational within the one tick that rounded stamps leave open, so that
 * 15 fps stamped in milliseconds is 15. A single frame gets RATE_OF_A_STILL.
 */
export function nominalRate(frame_pts: readonly number[], time_base: Exact): Fraction {
  const gaps = counted(frame_pts);
  if (gaps.size === 0) return RATE_OF_A_STILL;
  const usual = usualGap(gaps);
  let [frames, ticks, doubt] = [0, 0, 0];
  for (const [gap, times] of gaps) {
    const steps = halfUp(exact(gap).over(usual));
    const expected = usual.times(steps);
    if (steps && isNear(gap, expected, usual)) {
      frames += times * steps;
      ticks += times * gap;
      doubt ||= expected.compare(gap) === 0 ? 0 : 1;
    }
  }
  const measured = exact(frames).over(exact(time_base).times(ticks));
  const nearest = STANDARD_RATES.reduce((best, rate) =>
    far(measured, rate).compare(far(measured, best)) < 0 ? rate : best,
  );
  const tick = new Fraction(doubt, ticks);
  if (far(measured, nearest).compare(tick.compare(INEXACT) > 0 ? tick : INEXACT) <= 0) return nearest;
  const between = (all: number) => exact(frames).over(exact(time_base).times(all));
  return simplest(between(ticks + doubt), between(ticks - doubt));
}

/**
 * Return the output's rate: the highest of its sources' nominal rates, each halved until it is at most 60.
 *
 * Halving keeps every second frame evenly (100 → 50, 120000/1001 → 60000/1001). Raises no_clips if there is none.
 */
export function projectRate(rates: readonly Exact[]): Fraction {
  const halved = rates.map((rate) => atMost60(exact(rate)));
  if (halved.length === 0) throw new ReelError("no_clips");
  return halved.reduce((a, b) => (b.compare(a) > 0 ? b : a));
}

/**
 * Return the output frame at which each clip begins, and the one after the last: n + 1 numbers, the first 0.
 *
 * `durations` are seconds. The running sum is rounded, never a clip by itself, so the error stays within half a frame
 * however many clips there are.
 */
export function boundaries(durations: readonly Exact[], rate: Exact): readonly number[] {
  let total = new Fraction(0);
  const starts = [0];
  for (const duration of durations) {
    total = total.plus(duration);
    starts.push(halfUp(total.times(rate)));
  }
  return starts;
}

/** Return the start of the frame nearest to `pts`, the later of two as near; `frame_pts` in order, at least one. */
export function snap(pts: number, frame_pts: readonly number[]): number {
  const after = firstNotBefore(frame_pts, pts);
  const before = frame_pts[after - 1];
  const next = frame_pts[after];
  if (before === undefined) return next ?? pts;
  return next === undefined || pts - before < next - pts ? before : next;
}

/**
 * Return the index of the newest frame that has begun at `at` (in ticks); 0 before the first.
 *
 * A frame counts as begun up to `tick_slack` ticks early, at most a quarter of a frame: containers round their stamps,
 * both of the frame and of the clip's start, to the nearest tick each.
 */
export function newest(at: Exact, frame_pts: readonly number[], tick_slack = 1): number {
  const moment = exact(at);
  const after = firstNotBefore(frame_pts, moment.floor() + 1);
  const [before, next] = [frame_pts[after - 1], frame_pts[after]];
  if (before !== undefined && next !== undefined) {
    const slack = least(tick_slack, new Fraction(next - before, 4));
    if (exact(next).minus(moment).compare(slack) <= 0) return after;
  }
  return Math.max(after - 1, 0);
}

/** Return the index of the first of `ordered` that is not less than `value`. */
export function firstNotBefore(ordered: readonly number[], value: number): number {
  let [low, high] = [0, ordered.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((ordered[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

const HALF = new Fraction(1, 2);
const INEXACT = new Fraction(1, 200);

function atMost60(rate: Fraction): Fraction {
  return rate.compare(MAX_RATE) > 0 ? atMost60(rate.over(2)) : rate;
}

/** Return how often each gap between two frames occurs, in the order in which they come. */
function counted(frame_pts: readonly number[]): Map<number, number> {
  const gaps = new Map<number, number>();
  frame_pts.forEach((after, index) => {
    const gap = after - (frame_pts[index - 1] ?? after);
    if (gap > 0) gaps.set(gap, (gaps.get(gap) ?? 0) + 1);
  });
  return gaps;
}

/** Return the mean of the gaps near their median: with 2.5 ticks a frame, neither 2 nor 3. */
function usualGap(gaps: ReadonlyMap<number, number>): Fraction {
  const middle = exact(medianLow(gaps));
  const alike = [...gaps].filter(([gap]) => isNear(gap, middle, middle));
  const ticks = alike.reduce((total, [gap, times]) => total + gap * times, 0);
  return new Fraction(
    ticks,
    alike.reduce((total, [, times]) => total + times, 0),
  );
}

function medianLow(gaps: ReadonlyMap<number, number>): number {
  const ordered = [...gaps].sort(([a], [b]) => a - b);
  let left = Math.ceil(ordered.reduce((total, [, times]) => total + times, 0) / 2);
  for (const [gap, times] of ordered) {
    left -= times;
    if (left <= 0) return gap;
  }
  return 0;
}

/** Say whether a gap is as expected, but for jitter (a quarter of a frame) and rounding (a tick). */
function isNear(gap: number, expected: Fraction, frame: Fraction): boolean {
  return (
    exact(gap)
      .minus(expected)
      .abs()
      .compare(least(frame.over(4).plus(1), frame.over(2))) <= 0
  );
}

function far(measured: Fraction, rate: Fraction): Fraction {
  return measured.over(rate).minus(1).abs();
}

/** Return the rational of the smallest denominator in `[low, high]`: the walk down their continued fractions. */
function simplest(low: Fraction, high: Fraction): Fraction {
  const whole = low.floor();
  if (low.compare(whole) === 0) return low;
  if (high.compare(whole + 1) >= 0) return exact(whole + 1);
  return exact(1)
    .over(simplest(exact(1).over(high.minus(whole)), exact(1).over(low.minus(whole))))
    .plus(whole);
}
