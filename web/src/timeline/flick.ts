/** A flick: what a finger pans goes on after it is let go, slower and slower, as everything does that fingers move. */

/** Where a finger was, and when. */
export interface Touched {
  readonly px: number;
  readonly at_ms: number;
}

/** Only how a finger moved last counts: one that rested before it was lifted flicks nothing. */
const LAST_MS = 90;
/** After this long about a third of the speed is left. */
const SLOWING_MS = 325;
/** Slower it is at rest, in CSS pixels a millisecond. */
const LEAST_SPEED = 0.04;
const MOST_SPEED = 6;

/** Return what is to be remembered of a finger's way. */
export function remembered(way: readonly Touched[], now: Touched): readonly Touched[] {
  return [...way.filter(({ at_ms }) => now.at_ms - at_ms <= LAST_MS), now];
}

/** Return how fast a finger was as it was lifted, in CSS pixels a millisecond. */
export function speedOf(way: readonly Touched[], now_ms: number): number {
  const last = way.filter(({ at_ms }) => now_ms - at_ms <= LAST_MS);
  const [from, to] = [last[0], last.at(-1)];
  if (!from || !to || to.at_ms === from.at_ms) return 0;
  const speed = (to.px - from.px) / (to.at_ms - from.at_ms);
  return Math.sign(speed) * Math.min(Math.abs(speed), MOST_SPEED);
}

/** Return how far a flick has gone after a time, in CSS pixels. */
export function flicked(speed: number, after_ms: number): number {
  return speed * SLOWING_MS * (1 - Math.exp(-after_ms / SLOWING_MS));
}

/** Say whether a flick has come to rest. */
export function isAtRest(speed: number, after_ms: number): boolean {
  return Math.abs(speed) * Math.exp(-after_ms / SLOWING_MS) < LEAST_SPEED;
}
