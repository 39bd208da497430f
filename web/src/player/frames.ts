/** Frames: which moment of the source a video element shows at which of its seconds, and the other way round. */

import { middleOf, stepped } from "../editing/seeking.ts";
import { exact, Fraction, type Terms } from "../reel/fraction.ts";
import { firstNotBefore, type Span } from "../reel/timing.ts";

/** What one element plays, on the source's clock. */
export interface Shows {
  /** Whether it can show this moment at all. */
  covers(pts: number): boolean;
  /** The middle of the frame that is shown at `pts`, in the element's seconds. */
  secondsOf(pts: number): number;
  /** The pts of the frame that is shown at the element's `media_s`. */
  ptsAt(media_s: number): number;
  /** The pts of the frame `by` frames on, held at the ends. */
  step(pts: number, by: number): number;
}

/** What ptsmap.json says (media/index.py, schema 1). */
export interface PtsMap {
  readonly step: Terms;
  readonly runs: readonly number[];
}

/** So many frames a source may have: 240 a second for four hours. */
const MOST_FRAMES = 240 * 4 * 3600;
/** Containers round their stamps: a frame counts as begun so much early (reel/timing.py, newest). */
const TICK = 1;
/** Containers round their stamps to a tick, and browsers theirs to a microsecond. */
const ROUNDING_S = 0.0005;

/** Return the pts of every frame of a source, in order. Raises RangeError for what is no map. */
export function framesOf(map: unknown): readonly number[] {
  if (!isPtsMap(map)) throw new RangeError("This is no ptsmap.");
  const [numerator, denominator] = map.step;
  const frames: number[] = [];
  let start = 0;
  for (let run = 0; run < map.runs.length; run += 2) {
    const [count, gap] = [map.runs[run] ?? 0, map.runs[run + 1] ?? 0];
    if (frames.length + count > MOST_FRAMES) throw new RangeError("There are more frames than a source may have.");
    start += gap;
    for (let number = 0; number < count; number += 1) {
      frames.push(Math.floor((start + number * numerator) / denominator));
    }
    start += count * numerator;
  }
  return frames;
}

/** The original, or a window of it: every frame at its own time after `zero_pts`, which the element shows at `zero_s`. */
export function ownTimes(
  frame_pts: readonly number[],
  time_base: Terms,
  zero_pts: number,
  { in_pts, out_pts }: Span,
  zero_s = 0,
): Shows {
  const tick_s = exact(time_base).toNumber();
  return {
    covers: (pts) => in_pts <= pts && pts < out_pts,
    secondsOf: (pts) => zero_s + middleOf(pts, frame_pts, time_base, zero_pts),
    ptsAt: (media_s) => frameAt(frame_pts, (media_s - zero_s + ROUNDING_S) / tick_s + zero_pts),
    step: (pts, by) => stepped(pts, by, frame_pts),
  };
}

/**
 * A proxy: frames at a constant `rate`, each showing the newest of the source's at its time, from the first on
 * (media/proxy.py, proxy_frames).
 */
export function constantRate(frame_pts: readonly number[], time_base: Terms, rate: Terms, span: Span): Shows {
  const first = frame_pts[0] ?? span.in_pts;
  const a_frame = exact(1).over(exact(rate).times(time_base)).toNumber(); // ticks of the source
  const rate_s = exact(rate).toNumber();
  return {
    covers: (pts) => span.in_pts <= pts && pts < span.out_pts,
    secondsOf: (pts) => {
      const shown = frameAt(frame_pts, pts);
      return (Math.ceil((shown - first - TICK) / a_frame) + 0.5) / rate_s;
    },
    ptsAt: (media_s) => frameAt(frame_pts, first + Math.floor((media_s + ROUNDING_S) * rate_s) * a_frame + 1),
    step: (pts, by) => stepped(pts, by, frame_pts),
  };
}

/** Footage that nobody has looked over yet, on a clock of its own from 0: its frames are guessed to stand evenly. */
export function guessed(time_base: Terms, duration_s: number, frame_s = 1 / 30): Shows {
  const ticks_per_s = new Fraction(...time_base).toNumber() ** -1;
  const last = Math.max(Math.floor(duration_s * ticks_per_s) - 1, 0);
  const held = (pts: number) => Math.min(Math.max(Math.round(pts), 0), last);
  return {
    covers: () => true,
    secondsOf: (pts) => held(pts) / ticks_per_s,
    ptsAt: (media_s) => held(media_s * ticks_per_s),
    step: (pts, by) => held(pts + by * frame_s * ticks_per_s),
  };
}

/** Return the first frame of the window around a span: 5 s before it, as far as the source goes (media/proxy.py). */
export function windowSpan(asked: Span, source: Span, time_base: Terms, frame_pts: readonly number[]): Span {
  const margin = new Fraction(5).over(exact(time_base)).floor();
  const begins = Math.max(source.in_pts, asked.in_pts - margin);
  return { in_pts: frameAt(frame_pts, begins), out_pts: Math.min(source.out_pts, asked.out_pts + margin) };
}

/** Return the newest frame that has begun at a moment, the first before that. */
function frameAt(frame_pts: readonly number[], at: number): number {
  return frame_pts[Math.max(firstNotBefore(frame_pts, Math.floor(at) + 1) - 1, 0)] ?? 0;
}

function isPtsMap(map: unknown): map is PtsMap {
  if (typeof map !== "object" || map === null) return false;
  const { step, runs } = map as Record<string, unknown>;
  const whole = (list: unknown) => Array.isArray(list) && list.every(Number.isSafeInteger);
  return whole(step) && (step as number[]).length === 2 && whole(runs) && (runs as number[]).length % 2 === 0;
}
