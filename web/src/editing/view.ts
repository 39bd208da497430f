/** A view of a timeline: which stretch of it a strip of pixels shows. All strips share this, at their own zoom. */

import type { Span } from "../reel/timing.ts";

/** What a strip shows: from `start_pts` on (ticks and parts of one), at `px_per_tick`, over `width_px`. */
export interface View {
  readonly start_pts: number;
  readonly px_per_tick: number;
  readonly width_px: number;
}

/** The closest zoom, in pixels a second: a frame of 60 fps is then as wide as a finger. */
export const CLOSEST_PX_PER_S = 2640;

/** Return the view that shows the whole of a span, edge to edge. */
export function fitted({ in_pts, out_pts }: Span, width_px: number): View {
  const width = Math.max(width_px, 1);
  return { start_pts: in_pts, px_per_tick: width / (out_pts - in_pts), width_px: width };
}

export function pxOf(view: View, pts: number): number {
  return (pts - view.start_pts) * view.px_per_tick;
}

/** Return the moment at a pixel, in ticks and parts of one. */
export function momentAt(view: View, px: number): number {
  return view.start_pts + px / view.px_per_tick;
}

/** Return the tick nearest to a pixel, half up. */
export function ptsAt(view: View, px: number): number {
  return Math.floor(momentAt(view, px) + 0.5);
}

/** Return the first and the last moment in sight. */
export function inSight(view: View): { readonly from: number; readonly to: number } {
  return { from: view.start_pts, to: momentAt(view, view.width_px) };
}

/** Return the view moved by pixels, inside the source. */
export function panned(view: View, by_px: number, source: Span): View {
  return held({ ...view, start_pts: view.start_pts + by_px / view.px_per_tick }, source);
}

/**
 * Return the view zoomed by a factor about a pixel, which shows the same moment as before unless an end of the source
 * is in the way. `ticks_per_s` is 1 / time base: from it comes the closest zoom; the farthest shows the whole source.
 */
export function zoomed(view: View, factor: number, about_px: number, source: Span, ticks_per_s: number): View {
  const farthest = view.width_px / (source.out_pts - source.in_pts);
  const closest = Math.max(CLOSEST_PX_PER_S / ticks_per_s, farthest);
  const px_per_tick = Math.min(Math.max(view.px_per_tick * factor, farthest), closest);
  const start_pts = momentAt(view, about_px) - about_px / px_per_tick;
  return held({ ...view, start_pts, px_per_tick }, source);
}

/** Return the view in a strip of another width: the same zoom, the same first moment, but never more than the source. */
export function resized(view: View, width_px: number, source: Span): View {
  return held({ ...view, width_px: Math.max(width_px, 1) }, source);
}

/** Return the view moved no more than is needed to bring a span into sight, `margin_px` from the edges; its in first. */
export function revealing(view: View, { in_pts, out_pts }: Span, source: Span, margin_px = 32): View {
  const margin = Math.min(margin_px, view.width_px / 4);
  const [left, right] = [pxOf(view, in_pts), pxOf(view, out_pts)];
  if (left < margin) return panned(view, left - margin, source);
  const beyond = right - (view.width_px - margin);
  return beyond > 0 ? panned(view, Math.min(beyond, left - margin), source) : view;
}

/**
 * Return the view that a playhead needs: the same while it is in sight, else turned like a page, the playhead at a
 * twelfth of it. Turning pages instead of gliding keeps the strip still under the eye.
 */
export function following(view: View, playhead_pts: number, source: Span): View {
  const px = pxOf(view, playhead_pts);
  if (px >= 0 && px <= view.width_px * (11 / 12)) return view;
  return panned(view, px - view.width_px / 12, source);
}

/** Hold a view inside its source; one that would show more than all of it shows all of it. */
function held(view: View, source: Span): View {
  const farthest = view.width_px / (source.out_pts - source.in_pts);
  const px_per_tick = Math.max(view.px_per_tick, farthest);
  const last = source.out_pts - view.width_px / px_per_tick;
  const start_pts = Math.max(Math.min(view.start_pts, last), source.in_pts);
  return { ...view, start_pts, px_per_tick };
}
