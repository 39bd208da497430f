/** How fast something goes: counted over the last seconds, so that it neither jumps nor lags. Pure. */

/** When how much had gone, newest last. */
export type Marks = readonly { readonly at_ms: number; readonly done: number }[];

const WINDOW_MS = 8000;
const LEAST_MS = 1000;

/** Note how much has gone by now. What goes back (a part that is sent again) begins anew. */
export function marked(marks: Marks, at_ms: number, done: number): Marks {
  const last = marks.at(-1);
  const kept = last && done < last.done ? [] : marks.filter((mark) => at_ms - mark.at_ms <= WINDOW_MS);
  return [...kept, { at_ms, done }];
}

/** Return how much goes in a second; null before it is known. */
export function rateOf(marks: Marks): number | null {
  const [first, last] = [marks[0], marks.at(-1)];
  if (!first || !last || last.at_ms - first.at_ms < LEAST_MS) return null;
  return ((last.done - first.done) * 1000) / (last.at_ms - first.at_ms);
}

/** Return how many seconds are left; null while nothing moves. */
export function leftOf(marks: Marks, total: number): number | null {
  const rate = rateOf(marks);
  const last = marks.at(-1);
  return rate && last && rate > 0 ? Math.max(0, (total - last.done) / rate) : null;
}
