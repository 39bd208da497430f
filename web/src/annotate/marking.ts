/** Marking: the span of a new clip, and what becomes of one whose edge is moved; held to the rules and to frames. */

import { type Part, ptsAtTick } from "../player/game.ts";
import { LAG_S, LEAD_S, LONGEST_S, spanAround, withEdge } from "../reel/annotation.ts";
import { type Exact, exact } from "../reel/fraction.ts";
import { durationPts, firstNotBefore, type Span, snap } from "../reel/timing.ts";

/** How far a new clip reaches before the playhead and behind it, in milliseconds. */
export interface Around {
  readonly lead_ms: number;
  readonly lag_ms: number;
}

export const USUAL_AROUND: Around = {
  lead_ms: LEAD_S.times(1000).toNumber(),
  lag_ms: LAG_S.times(1000).toNumber(),
};

/** What of the footage an edge may stand on: a part's span, clock and frames, none where they are not known yet. */
export interface Ground extends Pick<Part, "span" | "time_base"> {
  readonly frames: readonly number[] | null;
}

/** Return the span of a clip that begins now. A clip begun by a tag takes that tag's times. */
export function markedSpan(pts: number, ground: Ground, { lead_ms, lag_ms }: Around): Span {
  return onFrames(spanAround(pts, ground.span, ground.time_base, seconds(lead_ms), seconds(lag_ms)), ground);
}

/** Return a clip with one edge moved to `pts`, as far as it may: 1 to 60 s, inside its source, on a frame. */
export function withEdgeAt(clip: Span, edge: "in" | "out", pts: number, ground: Ground): Span {
  const near = framed(pts, ground, edge);
  return withEdge(clip, edge, near, ground.span, ground.time_base);
}

/** Return a clip moved as a whole to begin at `in_pts`, its length kept, inside its source. */
export function movedTo(clip: Span, in_pts: number, ground: Ground): Span {
  const lasts = durationPts(clip);
  const highest = ground.span.out_pts - lasts;
  const begins = framed(Math.min(Math.max(in_pts, ground.span.in_pts), highest), ground, "in");
  const first = Math.max(Math.min(begins, highest), ground.span.in_pts);
  return { in_pts: first, out_pts: first + lasts };
}

/** Return the span, from a drag on the game's clock, that a clip gets. */
export function draggedSpan(
  clip: Span,
  part: "in" | "out" | "body",
  wished: Span,
  footage: Part,
  ground: Ground,
): Span {
  if (part === "body") return movedTo(clip, ptsAtTick(footage, wished.in_pts), ground);
  return withEdgeAt(clip, part, ptsAtTick(footage, part === "in" ? wished.in_pts : wished.out_pts), ground);
}

/** Return the edge moved by so many frames. */
export function nudged(clip: Span, edge: "in" | "out", by: number, ground: Ground): Span {
  const pts = edge === "in" ? clip.in_pts : clip.out_pts;
  const { frames } = ground;
  if (!frames?.length) return withEdgeAt(clip, edge, pts + by * guessedFrame(ground), ground);
  const stops = [...frames, ground.span.out_pts];
  const index = firstNotBefore(stops, pts) + by;
  return withEdgeAt(clip, edge, stops[Math.min(Math.max(index, 0), stops.length - 1)] ?? pts, ground);
}

/** Say whether lead and lag make a clip that may be: 1 to 60 s. */
export function mayBe({ lead_ms, lag_ms }: Around): boolean {
  const lasts = lead_ms + lag_ms;
  return lead_ms >= 0 && lag_ms >= 0 && lasts >= 1000 && lasts <= LONGEST_S.times(1000).toNumber();
}

function onFrames(span: Span, ground: Ground): Span {
  const [in_pts, out_pts] = [framed(span.in_pts, ground, "in"), framed(span.out_pts, ground, "out")];
  return withEdge({ in_pts, out_pts: Math.max(out_pts, in_pts + 1) }, "out", out_pts, ground.span, ground.time_base);
}

/** The end of a source counts as a frame's beginning for an out point, which is where the next would be. */
function framed(pts: number, { frames, span }: Ground, edge: "in" | "out"): number {
  if (!frames?.length) return pts;
  const last = frames.at(-1) ?? pts;
  if (edge === "out" && pts > last) return pts - last < span.out_pts - pts ? last : span.out_pts;
  return snap(pts, frames);
}

function guessedFrame({ time_base }: Ground): number {
  return Math.max(Math.round(exact(1).over(exact(time_base).times(30)).toNumber()), 1);
}

function seconds(ms: number): Exact {
  return exact([ms, 1000]);
}
