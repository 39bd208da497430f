/** Snapping: what a dragged moment or span comes to rest at when it is near enough. Alt switches it off. */

import type { Span } from "../reel/timing.ts";
import type { View } from "./view.ts";

/** Something to snap to. */
export interface Target {
  readonly pts: number;
  /** What it is, for the line that is drawn and what is read out: "playhead", "clip", "keyframe". */
  readonly kind: string;
}

/** How near, in pixels. */
export const SNAP_PX = 8;

export interface Snapped {
  readonly pts: number;
  readonly target: Target | null;
}

/** Return the nearest target within SNAP_PX of a moment, the first of those as near; the moment itself without one. */
export function snapped(pts: number, targets: readonly Target[], view: View): Snapped {
  const near = SNAP_PX / view.px_per_tick;
  let target: Target | null = null;
  for (const one of targets) {
    const away = Math.abs(one.pts - pts);
    if (away <= near && (!target || away < Math.abs(target.pts - pts))) target = one;
  }
  return { pts: target?.pts ?? pts, target };
}

/** Return a span that is dragged as a whole, moved so that whichever of its edges is nearer to a target lies on it. */
export function snappedSpan(
  { in_pts, out_pts }: Span,
  targets: readonly Target[],
  view: View,
): Span & { readonly target: Target | null } {
  const [start, end] = [snapped(in_pts, targets, view), snapped(out_pts, targets, view)];
  const [by_start, by_end] = [start.pts - in_pts, end.pts - out_pts];
  const take_end = end.target !== null && (start.target === null || Math.abs(by_end) < Math.abs(by_start));
  const by = take_end ? by_end : by_start;
  return { in_pts: in_pts + by, out_pts: out_pts + by, target: take_end ? end.target : start.target };
}
