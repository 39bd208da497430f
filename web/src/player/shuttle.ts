/** J, K, L: back, stop, forward; the same key again is faster. */

/** The speeds of each direction; back is emulated by seeks. */
export const SHUTTLE_SPEEDS = [1, 2, 4] as const;
export const SPEEDS = [0.25, 0.5, 1, 1.5, 2] as const;

/** Return the speed after J (−1) or L (+1) at `speed`; 0 is at rest. The other direction begins at its slowest. */
export function shuttled(speed: number, direction: -1 | 1): number {
  if (Math.sign(speed) !== direction) return direction;
  const next = SHUTTLE_SPEEDS.find((one) => one > Math.abs(speed));
  return direction * (next ?? SHUTTLE_SPEEDS[SHUTTLE_SPEEDS.length - 1] ?? 1);
}

/** Return the next speed of the menu, slower (−1) or faster (+1). */
export function nextSpeed(speed: number, direction: -1 | 1): number {
  const ordered = direction > 0 ? SPEEDS : [...SPEEDS].reverse();
  return ordered.find((one) => (direction > 0 ? one > speed : one < speed)) ?? speed;
}

/** Return a speed as people read it. */
export function saidSpeed(speed: number): string {
  return `${speed}×`;
}
