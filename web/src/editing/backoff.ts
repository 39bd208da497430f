/** Waiting before the next try: full jitter, so that a thousand browsers do not come back at once. */

export interface Bounds {
  readonly least_ms: number;
  readonly most_ms: number;
}

const FIRST_MS = 500;

/**
 * Return how long to wait after `failures` failures in a row: anywhere from the least to a bound that doubles with each,
 * up to the most. `random` is 0 ≤ r < 1.
 */
export function fullJitter(failures: number, random: number, { least_ms, most_ms }: Bounds): number {
  const bound = Math.min(most_ms, FIRST_MS * 2 ** Math.min(failures, 30));
  return Math.round(least_ms + random * Math.max(bound - least_ms, 0));
}
