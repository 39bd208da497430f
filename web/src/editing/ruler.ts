/** The ruler of a timeline: where its marks stand and what they say. */

import { saidMoment } from "./said.ts";
import { inSight, pxOf, type View } from "./view.ts";

/** A mark; a labelled one is longer. */
export interface Mark {
  readonly px: number;
  readonly label: string | null;
}

/** Steps between labels that people count in, in seconds, each with how many marks divide it. */
const STEPS: readonly (readonly [step_s: number, parts: number])[] = [
  [0.1, 2],
  [0.2, 2],
  [0.5, 5],
  [1, 5],
  [2, 4],
  [5, 5],
  [10, 5],
  [15, 3],
  [30, 3],
  [60, 6],
  [120, 4],
  [300, 5],
  [600, 5],
  [900, 3],
  [1800, 3],
  [3600, 4],
];

/**
 * Return the marks in sight, labels at least `apart_px` from each other.
 *
 * `zero_pts` is what counts as 0:00, the source's first shown frame. `ticks_per_s` is 1 / time base.
 */
export function marks(view: View, ticks_per_s: number, zero_pts: number, apart_px = 72): readonly Mark[] {
  const [step_s, parts] = spacing(view.px_per_tick * ticks_per_s, apart_px);
  const every = (step_s / parts) * ticks_per_s;
  const { from, to } = inSight(view);
  const first = Math.max(Math.ceil((from - zero_pts) / every), 0);
  const last = Math.floor((to - zero_pts) / every);
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, index) => {
    const n = first + index;
    const at_s = (n / parts) * step_s;
    const label = n % parts === 0 ? saidMoment(at_s, step_s < 1 ? 1 : 0) : null;
    return { px: pxOf(view, zero_pts + n * every), label };
  });
}

/** Return the seconds from label to label, at least `apart_px` from each other, and how many marks divide them. */
export function spacing(px_per_s: number, apart_px = 72): readonly [step_s: number, parts: number] {
  return STEPS.find(([step_s]) => step_s * px_per_s >= apart_px) ?? coarse(apart_px / px_per_s);
}

/** Return whole hours: what a strip of a few pixels needs. */
function coarse(least_s: number): readonly [step_s: number, parts: number] {
  return [3600 * Math.ceil(least_s / 3600), 2];
}
