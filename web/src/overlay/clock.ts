/** The framed video as a player and a timeline take it: one part, whose ticks are its frames. */

import type { Shows } from "../player/frames.ts";
import { clockOf, type GameClock, type Part } from "../player/game.ts";
import type { Terms } from "../reel/fraction.ts";

/** What the player calls it, whichever job made it: so the playhead stays when the AI picture takes the draft's place. */
export const FRAMED = "framed";
/** Containers round their stamps to a tick, and browsers theirs to a microsecond. */
const ROUNDING_S = 0.002;

/** Return the clock of a video of so many frames at a constant rate. */
export function framedClock(frames: number, rate: Terms): GameClock {
  const time_base: Terms = [rate[1], rate[0]];
  const span = { in_pts: 0, out_pts: Math.max(frames, 1) };
  return clockOf([{ source_id: FRAMED, part: 1, time_base, span }]) as GameClock;
}

/** Return which frame an element shows at which of its seconds: each for 1/rate s, the first from 0. */
export function framedShows(frames: number, rate: Terms): Shows {
  const rate_s = rate[0] / rate[1];
  const held = (number: number) => Math.min(Math.max(Math.floor(number), 0), Math.max(frames - 1, 0));
  return {
    covers: (number) => number >= 0 && number < frames,
    secondsOf: (number) => (held(number) + 0.5) / rate_s,
    ptsAt: (media_s) => held((media_s + ROUNDING_S) * rate_s),
    step: (number, by) => held(held(number) + by),
  };
}

/** Return what a segment shows of a framed video: so many of its frames, from `first` on. */
export function segmentShows(first: number, frames: number, rate: Terms): Shows {
  const own = framedShows(frames, rate);
  return {
    covers: (number) => own.covers(number - first),
    secondsOf: (number) => own.secondsOf(number - first),
    ptsAt: (media_s) => first + own.ptsAt(media_s),
    step: (number, by) => first + own.step(number - first, by),
  };
}

/** Return the tick at which a frame, or a part of one, begins. */
export function tickOf({ parts }: GameClock, frame: number): number {
  return Math.round(frame * (parts[0] as Part).ticks);
}

/** Return the frame, and part of one, at a tick. */
export function frameOf({ parts }: GameClock, tick: number): number {
  return tick / (parts[0] as Part).ticks;
}
