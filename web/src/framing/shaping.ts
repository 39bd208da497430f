/** What else is done to a clip: trimmed inside its source, levelled. */

import { ASPECTS, type Aspect, type EditClip } from "../project/document.ts";
import { withEdge } from "../reel/annotation.ts";
import { exact, type Terms } from "../reel/fraction.ts";
import type { Size } from "../reel/geometry.ts";
import { firstNotBefore, type Span, snap } from "../reel/timing.ts";
import { held } from "./box.ts";

/** What of the footage an edge or a keyframe may stand on; no frames where they are not known yet. */
export interface Ground {
  readonly span: Span;
  readonly time_base: Terms;
  readonly frames: readonly number[];
}

export const MOST_TURN_DEG = 20;
/** Around a clip so much of its source can be seen and trimmed to at once: what its window shows. */
const AROUND_S = 5;

/** Return the clip with one edge elsewhere: 1 to 60 s, inside its source, on a frame; spotlights outside are gone. */
export function trimmed(
  clip: EditClip,
  edge: "in" | "out",
  pts: number,
  { span, time_base, frames }: Ground,
): EditClip {
  const { in_pts, out_pts } = withEdge(clip, edge, framed(pts, span, frames, edge), span, time_base);
  const spotlights = clip.spotlights.filter((one) => one.in_pts < out_pts && in_pts < one.out_pts);
  return { ...clip, in_pts, out_pts, spotlights };
}

/** Return the clip turned about its crop's centre, clockwise; every crop is held inside the picture anew. */
export function turnedTo(clip: EditClip, deg: number, source: Size): EditClip {
  const rotation_deg = Math.round(Math.min(Math.max(deg, -MOST_TURN_DEG), MOST_TURN_DEG) * 10) / 10;
  const crops: Partial<Record<Aspect, EditClip["crops"][Aspect]>> = {};
  for (const aspect of ASPECTS) {
    const crop = clip.crops[aspect];
    if (!crop) continue;
    const keys = crop.keys.map((key) => ({ ...key, ...held(key, { aspect, source, rotation_deg }) }));
    crops[aspect] = { ...crop, keys };
  }
  return { ...clip, rotation_deg, crops: crops as EditClip["crops"] };
}

/** Return the stretch of the source that is shown around a clip: as it was, while the clip lies well inside it. */
export function reachOf(clip: Span, { span, time_base, frames }: Ground, before: Span | null): Span {
  const ticks = (at_s: number) => Math.round(at_s / exact(time_base).toNumber());
  const [low, high] = [Math.max(clip.in_pts - ticks(1), span.in_pts), Math.min(clip.out_pts + ticks(1), span.out_pts)];
  if (before && before.in_pts <= low && high <= before.out_pts) return before;
  const in_pts = framed(Math.max(clip.in_pts - ticks(AROUND_S), span.in_pts), span, frames, "in");
  return { in_pts, out_pts: Math.min(clip.out_pts + ticks(AROUND_S), span.out_pts) };
}

/** Return a clip whose edge is moved by so many frames. */
export function nudged(clip: EditClip, edge: "in" | "out", by: number, ground: Ground): EditClip {
  return trimmed(clip, edge, frameBeside(edge === "in" ? clip.in_pts : clip.out_pts, by, ground), ground);
}

/** Return the moment so many frames on; about that much where the frames are not known. */
export function frameBeside(pts: number, by: number, { span, time_base, frames }: Ground): number {
  if (!frames.length) return pts + by * Math.max(Math.round(1 / (exact(time_base).toNumber() * 30)), 1);
  const stops = [...frames, span.out_pts];
  const index = firstNotBefore(stops, pts) + by;
  return stops[Math.min(Math.max(index, 0), stops.length - 1)] ?? pts;
}

/** Return the frame nearest to a moment. */
export function onFrame(pts: number, { frames }: Pick<Ground, "frames">): number {
  return frames.length ? snap(pts, frames) : pts;
}

/** Return a moment in seconds after the source's first picture, for people. */
export function secondsOf(pts: number, { span, time_base }: Pick<Ground, "span" | "time_base">): number {
  return (pts - span.in_pts) * exact(time_base).toNumber();
}

/** The end of a source counts as a frame's beginning for an out point, which is where the next would be. */
function framed(pts: number, span: Span, frames: readonly number[], edge: "in" | "out"): number {
  if (!frames.length) return pts;
  const last = frames.at(-1) ?? pts;
  if (edge === "out" && pts > last) return pts - last < span.out_pts - pts ? last : span.out_pts;
  return snap(pts, frames);
}
