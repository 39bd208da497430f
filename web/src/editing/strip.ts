/** The clips on a timeline: which are in sight, where each is drawn, and what lies under a pointer. */

import { firstNotBefore, type Span } from "../reel/timing.ts";
import { inSight, momentAt, pxOf, type View } from "./view.ts";

/** A clip as far as a timeline cares. */
export interface Placed extends Span {
  readonly id: string;
}

/** Clips ready to be looked up: made once for a list, asked for every picture. */
export interface Strip<C extends Placed> {
  /** By in point, those that begin together by out point, then by id. */
  readonly clips: readonly C[];
  readonly starts: readonly number[];
  /** The latest out point among the clips up to each: it never falls, so that it can be searched. */
  readonly reaches: readonly number[];
  /** The row of each clip, by id: clips that overlap stand in different rows. */
  readonly lanes: ReadonlyMap<string, number>;
  readonly lane_count: number;
}

export function stripOf<C extends Placed>(unordered: readonly C[]): Strip<C> {
  const clips = [...unordered].sort(
    (a, b) => a.in_pts - b.in_pts || a.out_pts - b.out_pts || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  );
  let reach = Number.NEGATIVE_INFINITY;
  const reaches = clips.map(({ out_pts }) => {
    reach = Math.max(reach, out_pts);
    return reach;
  });
  const ends: number[] = []; // where each lane is free again
  const lanes = new Map<string, number>();
  for (const { id, in_pts, out_pts } of clips) {
    const free = ends.findIndex((end) => end <= in_pts);
    const lane = free === -1 ? ends.length : free;
    ends[lane] = out_pts;
    lanes.set(id, lane);
  }
  return { clips, starts: clips.map(({ in_pts }) => in_pts), reaches, lanes, lane_count: Math.max(ends.length, 1) };
}

/** Return the clips that share a moment with [from, to), in order. */
export function between<C extends Placed>(strip: Strip<C>, from: number, to: number): readonly C[] {
  const first = firstNotBefore(strip.reaches, Math.floor(from) + 1);
  const end = firstNotBefore(strip.starts, Math.ceil(to));
  return strip.clips.slice(first, end).filter(({ out_pts }) => out_pts > from);
}

/** Where a clip is drawn: its edges may lie beyond the strip, and it is wide enough to be seen. */
export interface ClipBox {
  readonly id: string;
  readonly x0: number;
  readonly x1: number;
  readonly lane: number;
}

/** Narrower a clip is not drawn, or it would be lost in a two-hour strip. */
export const NARROWEST_PX = 3;

/** Return the boxes of the clips in sight and `beyond_px` beside it, drawn in advance so that panning shows no gap. */
export function boxes<C extends Placed>(strip: Strip<C>, view: View, beyond_px = 200): readonly ClipBox[] {
  const { from, to } = inSight(view);
  const wide = Math.max(beyond_px, NARROWEST_PX) / view.px_per_tick;
  return between(strip, from - wide, to + wide).map((clip) => boxOf(strip, view, clip));
}

function boxOf<C extends Placed>(strip: Strip<C>, view: View, clip: C): ClipBox {
  const [x0, x1] = [pxOf(view, clip.in_pts), pxOf(view, clip.out_pts)];
  const missing = Math.max(NARROWEST_PX - (x1 - x0), 0) / 2;
  return { id: clip.id, x0: x0 - missing, x1: x1 + missing, lane: strip.lanes.get(clip.id) ?? 0 };
}

/** What lies under a pointer. */
export interface Hit {
  readonly id: string;
  readonly part: "in" | "out" | "body";
}

/** How far a handle reaches to both sides: a pointer's 8 px, a finger's 22. */
export const POINTER_PX = 8;
export const FINGER_PX = 22;

/**
 * Return what lies at a pixel of a lane, null for nothing. Pass no lane where clips are drawn over each other.
 *
 * A handle reaches `reach_px` outside its clip and at most a third of the clip inside, so that a narrow clip still has
 * a body to take hold of. Of several handles the nearest counts; the selected clip's handles come before all others.
 */
export function hitAt<C extends Placed>(
  strip: Strip<C>,
  view: View,
  px: number,
  options: { readonly lane?: number; readonly reach_px?: number; readonly selected?: string | null } = {},
): Hit | null {
  const { lane, reach_px = POINTER_PX, selected = null } = options;
  const wide = Math.max(reach_px, NARROWEST_PX) / view.px_per_tick + 1; // a clip that begins there is in reach
  const at = momentAt(view, px);
  const near = between(strip, at - wide, at + wide)
    .map((clip) => boxOf(strip, view, clip))
    .filter((box) => lane === undefined || box.lane === lane);
  const handles = near.flatMap((box) => handlesAt(box, px, reach_px));
  const mine = handles.filter(({ id }) => id === selected);
  const [nearest] = (mine.length ? mine : handles).sort((a, b) => a.away - b.away);
  if (nearest) return { id: nearest.id, part: nearest.part };
  const under = near.filter(({ x0, x1 }) => x0 <= px && px < x1);
  const top = under.find(({ id }) => id === selected) ?? under.at(-1);
  return top ? { id: top.id, part: "body" } : null;
}

interface Handle extends Hit {
  readonly away: number;
}

function handlesAt({ id, x0, x1 }: ClipBox, px: number, reach_px: number): readonly Handle[] {
  const inside = Math.min(reach_px, (x1 - x0) / 3);
  const found: Handle[] = [];
  if (px >= x0 - reach_px && px <= x0 + inside) found.push({ id, part: "in", away: Math.abs(px - x0) });
  if (px >= x1 - inside && px <= x1 + reach_px) found.push({ id, part: "out", away: Math.abs(px - x1) });
  return found;
}
