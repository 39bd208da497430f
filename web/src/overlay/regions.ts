/** What can be done to a clip's spotlights: pure changes of the edit, each held to the rules (reel/spotlight.py). */

import type { EditClip, SpotKey, Spotlight } from "../project/document.ts";
import { exact } from "../reel/fraction.ts";
import type { Ease } from "../reel/keyframes.ts";
import {
  DEFAULT_LENGTH_S,
  DEFAULT_RX,
  DEFAULT_RY,
  defaultSpotlight,
  SHORTEST_S,
  spotlightAt,
} from "../reel/spotlight.ts";
import { contains, type Span, toPts } from "../reel/timing.ts";

/** Where a spotlight is: its centre in parts of the source's picture, its radii in parts of its height. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly rx: number;
  readonly ry: number;
}

export type Look = Pick<Spotlight, "shape" | "colour" | "effect" | "stroke" | "fill">;

/** How many pictures beyond the picture a spotlight may be (reel/edit.py, MOST_REACH). */
const MOST_REACH = 1;
const SMALLEST = 0.004;
export const MOST_SPOTLIGHTS = 200;

export const MIDDLE: Place = { x: 0.5, y: 0.5, rx: DEFAULT_RX, ry: DEFAULT_RY };

/** Return a place inside what a spotlight may be. */
export function heldPlace({ x, y, rx, ry }: Place): Place {
  const reach = (at: number) => Math.min(Math.max(at, -MOST_REACH), 1 + MOST_REACH);
  const radius = (length: number) => Math.min(Math.max(length, SMALLEST), 1);
  return { x: reach(x), y: reach(y), rx: radius(rx), ry: radius(ry) };
}

/** How many ticks of a clip's clock a region lasts at least. */
export function shortestPts({ time_base }: Pick<EditClip, "time_base">): number {
  return -exact(0).minus(SHORTEST_S.over(time_base)).floor();
}

/**
 * Return the stretch that a new region would take at a moment, null where there is no room for one.
 *
 * The first of a clip is its first two seconds if the moment lies in them; any other begins at the moment.
 */
export function roomAt(clip: EditClip, pts: number): Span | null {
  if (clip.spotlights.some((region) => contains(region, pts)) || !contains(clip, pts)) return null;
  const first = defaultSpotlight("", "", clip, clip.time_base);
  if (clip.spotlights.length === 0 && contains(first, pts)) return lasting(clip, first);
  const before = Math.max(clip.in_pts, ...clip.spotlights.map(({ out_pts }) => out_pts).filter((end) => end <= pts));
  const after = Math.min(clip.out_pts, ...clip.spotlights.map(({ in_pts }) => in_pts).filter((begin) => begin > pts));
  const out_pts = Math.min(pts + toPts(DEFAULT_LENGTH_S, clip.time_base), after);
  return lasting(clip, { in_pts: Math.max(Math.min(pts, out_pts - shortestPts(clip)), before), out_pts });
}

/** Return the clip with a spotlight more; as it is where there is no room for one. */
export function withSpotlight(
  clip: EditClip,
  pts: number,
  place: Place,
  ids: { readonly id: string; readonly key: string },
  look: Look | null = null,
): EditClip {
  const room = roomAt(clip, pts);
  if (!room || clip.spotlights.length >= MOST_SPOTLIGHTS) return clip;
  const made = defaultSpotlight(ids.id, ids.key, clip, clip.time_base) as Spotlight;
  const key: SpotKey = { id: ids.key, pts, ...heldPlace(place), ease: "smooth" };
  const region: Spotlight = { ...made, ...(look ?? {}), ...room, keys: [key] };
  return { ...clip, spotlights: inOrder([...clip.spotlights, region]) };
}

export function withoutSpotlight(clip: EditClip, id: string): EditClip {
  return { ...clip, spotlights: clip.spotlights.filter((region) => region.id !== id) };
}

/** Return the clip with one region changed. */
export function withRegion(clip: EditClip, id: string, change: (region: Spotlight) => Spotlight): EditClip {
  return { ...clip, spotlights: clip.spotlights.map((region) => (region.id === id ? change(region) : region)) };
}

export function withLook(clip: EditClip, id: string, look: Partial<Look>): EditClip {
  return withRegion(clip, id, (region) => ({ ...region, ...look }));
}

/**
 * Return the clip with a region where it is wished for: inside the clip, beside the others, half a second long at
 * least. `part` says which edge moves; with "body" the whole does, and keeps its length.
 */
export function withSpan(clip: EditClip, id: string, part: "in" | "out" | "body", wish: Span): EditClip {
  const region = clip.spotlights.find((one) => one.id === id);
  if (!region) return clip;
  const others = clip.spotlights.filter((one) => one.id !== id);
  const floor = Math.max(clip.in_pts, ...others.map((one) => one.out_pts).filter((end) => end <= region.in_pts));
  const ceiling = Math.min(clip.out_pts, ...others.map((one) => one.in_pts).filter((begin) => begin >= region.out_pts));
  const least = shortestPts(clip);
  if (ceiling - floor < least) return clip;
  const span = { in_pts: region.in_pts, out_pts: region.out_pts };
  if (part === "in") span.in_pts = clamp(wish.in_pts, floor, region.out_pts - least);
  else if (part === "out") span.out_pts = clamp(wish.out_pts, region.in_pts + least, ceiling);
  else {
    const lasts = Math.min(region.out_pts - region.in_pts, ceiling - floor);
    span.in_pts = clamp(wish.in_pts, floor, ceiling - lasts);
    span.out_pts = span.in_pts + lasts;
  }
  return { ...withRegion(clip, id, (one) => ({ ...one, ...span })) };
}

// Keyframes

/** Return where a region's spotlight is at a moment; also beside the region, where it is held. */
export function placeAt(clip: EditClip, region: Spotlight, pts: number): Place {
  const wide = { ...region, in_pts: Math.min(region.in_pts, pts), out_pts: Math.max(region.out_pts, pts + 1) };
  const { x, y, rx, ry } = spotlightAt(wide, pts, clip.time_base) ?? MIDDLE;
  return { x, y, rx, ry };
}

export function keyAt(region: Pick<Spotlight, "keys">, pts: number): SpotKey | null {
  return region.keys.find((key) => key.pts === pts) ?? null;
}

/** Return the clip with a region's spotlight at a place at a moment: its keyframe there is moved, or one is made. */
export function withPlace(clip: EditClip, id: string, pts: number, place: Place, key_id: string): EditClip {
  return withRegion(clip, id, (region) => {
    const held = heldPlace(place);
    if (keyAt(region, pts)) {
      return { ...region, keys: region.keys.map((key) => (key.pts === pts ? { ...key, ...held } : key)) };
    }
    const before = region.keys.findLast((key) => key.pts < pts) ?? region.keys[0];
    const key: SpotKey = { id: key_id, pts, ...held, ease: before?.ease ?? "smooth" };
    return { ...region, keys: byPts([...region.keys, key]) };
  });
}

/** Return the clip with one keyframe less; the last one stays. */
export function withoutKey(clip: EditClip, id: string, key_id: string): EditClip {
  return withRegion(clip, id, (region) => {
    const left = region.keys.filter((key) => key.id !== key_id);
    return left.length ? { ...region, keys: left } : region;
  });
}

/** Return the clip with a keyframe at another moment: inside the clip, between its neighbours. */
export function withKeyAt(clip: EditClip, id: string, key_id: string, wish: number): EditClip {
  return withRegion(clip, id, (region) => {
    const at = region.keys.findIndex((key) => key.id === key_id);
    const [before, after] = [region.keys[at - 1], region.keys[at + 1]];
    if (at < 0) return region;
    const least = Math.max(clip.in_pts, before ? before.pts + 1 : clip.in_pts);
    const most = Math.min(clip.out_pts - 1, after ? after.pts - 1 : clip.out_pts - 1);
    if (least > most) return region;
    return {
      ...region,
      keys: region.keys.map((key) => (key.id === key_id ? { ...key, pts: clamp(wish, least, most) } : key)),
    };
  });
}

export function withEase(clip: EditClip, id: string, key_id: string, ease: Ease): EditClip {
  return withRegion(clip, id, (region) => ({
    ...region,
    keys: region.keys.map((key) => (key.id === key_id ? { ...key, ease } : key)),
  }));
}

function lasting(clip: EditClip, { in_pts, out_pts }: Span): Span | null {
  return out_pts - in_pts >= shortestPts(clip) ? { in_pts, out_pts } : null;
}

function inOrder(regions: readonly Spotlight[]): readonly Spotlight[] {
  return [...regions].sort((a, b) => a.in_pts - b.in_pts);
}

function byPts(keys: readonly SpotKey[]): readonly SpotKey[] {
  return [...keys].sort((a, b) => a.pts - b.pts);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
