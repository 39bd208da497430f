/** The spotlight: an ellipse that follows a player, kept in source time and space and mapped to the output. */

import { badField, ReelError } from "./errors.ts";
import { type Exact, exact, Fraction } from "./fraction.ts";
import { radians, type Size, type Window } from "./geometry.ts";
import { type Key, requireOrder, smoothstep, valueAt } from "./keyframes.ts";
import { type Span, toPts } from "./timing.ts";

export type Shape = "body" | "ground";
export type Colour = "white" | "cyan" | "yellow" | "pink" | "orange" | "none";
export type Effect = "dark" | "bright" | "both" | "none";

export const FADE_S = new Fraction(1, 4);
export const SHORTEST_S = new Fraction(1, 2);
export const DEFAULT_LENGTH_S = new Fraction(2);
/** Of the source's height, as DEFAULT_RY. */
export const DEFAULT_RX = 0.06;
export const DEFAULT_RY = 0.12;

/** An authored ellipse at one moment: centre in parts of the displayed picture, radii in parts of its HEIGHT. */
export interface SpotKey extends Key {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly rx: number;
  readonly ry: number;
}

/** Where a spotlight is, and when: a region `[in_pts, out_pts)` of a clip's source in which it follows its keyframes. */
export interface Region extends Span {
  readonly keys: readonly SpotKey[];
}

/** A region and its look. */
export interface Spotlight extends Region {
  readonly id: string;
  readonly shape: Shape;
  readonly colour: Colour;
  readonly effect: Effect;
  readonly stroke: boolean;
  readonly fill: boolean;
}

/**
 * An ellipse turned clockwise about its centre, with an opacity of 0..1.
 *
 * In the source (spotlightAt): centre in parts of the picture, radii in parts of its height.
 * In the output (toOutput): all in pixels.
 */
export interface Ellipse {
  readonly x: number;
  readonly y: number;
  readonly rx: number;
  readonly ry: number;
  readonly rotation_deg: number;
  readonly opacity: number;
}

/** Return a spotlight over the first 2 s of a clip, or the whole of a shorter one, in the middle of the picture. */
export function defaultSpotlight(spotlight_id: string, key_id: string, clip: Span, time_base: Exact): Spotlight {
  const out_pts = Math.min(clip.in_pts + toPts(DEFAULT_LENGTH_S, time_base), clip.out_pts);
  const key = { id: key_id, pts: clip.in_pts, x: 0.5, y: 0.5, rx: DEFAULT_RX, ry: DEFAULT_RY, ease: "smooth" } as const;
  const look = { shape: "body", colour: "white", effect: "dark", stroke: true, fill: false } as const;
  return { id: spotlight_id, in_pts: clip.in_pts, out_pts, keys: [key], ...look };
}

/**
 * Return the spotlight in the source at `pts`, null outside its region.
 *
 * It fades in and out over 0.25 s of source time, by a smoothstep; not in once more from `frozen_pts` on, the moment at
 * which a freeze-frame showed it in full. Raises keyframes_out_of_order, bad_field.
 */
export function spotlightAt(
  region: Region,
  pts: number | Fraction,
  time_base: Exact,
  frozen_pts: number | null = null,
): Ellipse | null {
  const [since, left] = [passed(pts, region.in_pts), -passed(pts, region.out_pts)];
  if (since < 0 || left <= 0) return null;
  const [x, y, rx, ry] = valueAt(region.keys, pts, valuesOf) as [number, number, number, number];
  const was_full = frozen_pts !== null && region.in_pts <= frozen_pts && passed(pts, frozen_pts) >= 0;
  const from_edge = was_full ? left : Math.min(since, left);
  const faded = (from_edge * exact(time_base).toNumber()) / FADE_S.toNumber();
  return { x, y, rx, ry, rotation_deg: 0, opacity: smoothstep(Math.min(faded, 1)) };
}

/**
 * Return an ellipse of the source in the pixels of the output that shows `window` of it.
 *
 * The window has the output's shape, so one scale holds for both axes and a circle stays one. Turning the window
 * clockwise turns what it shows the other way.
 */
export function toOutput(ellipse: Ellipse, window: Window, source: Size, output: Size): Ellipse {
  const scale = output.height / (window.h * source.height);
  const [dx, dy] = [(ellipse.x - window.cx) * source.width, (ellipse.y - window.cy) * source.height];
  const [across, along] = [Math.sin(radians(window.rotation_deg)), Math.cos(radians(window.rotation_deg))];
  return {
    x: output.width / 2 + scale * (dx * along + dy * across),
    y: output.height / 2 + scale * (dy * along - dx * across),
    rx: ellipse.rx * source.height * scale,
    ry: ellipse.ry * source.height * scale,
    rotation_deg: ellipse.rotation_deg - window.rotation_deg,
    opacity: ellipse.opacity,
  };
}

/** Return an ellipse of the output in the source that `window` of it shows: the inverse of toOutput, for a drag. */
export function toSource(ellipse: Ellipse, window: Window, source: Size, output: Size): Ellipse {
  const scale = output.height / (window.h * source.height);
  const [dx, dy] = [(ellipse.x - output.width / 2) / scale, (ellipse.y - output.height / 2) / scale];
  const [across, along] = [Math.sin(radians(window.rotation_deg)), Math.cos(radians(window.rotation_deg))];
  return {
    x: window.cx + (dx * along - dy * across) / source.width,
    y: window.cy + (dy * along + dx * across) / source.height,
    rx: ellipse.rx / (source.height * scale),
    ry: ellipse.ry / (source.height * scale),
    rotation_deg: ellipse.rotation_deg + window.rotation_deg,
    opacity: ellipse.opacity,
  };
}

/**
 * Return an ellipse of the output, fainter by a smoothstep the further the player has left the picture.
 *
 * While its centre is inside nothing changes; of no opacity it is when no part of it is left inside, or if it has no
 * width or height. So a spotlight that dims the picture goes with its player, and never stays without light.
 */
export function inPicture(ellipse: Ellipse, output: Size): Ellipse {
  const { x, y, rx, ry } = ellipse;
  const [across, along] = [Math.sin(radians(ellipse.rotation_deg)), Math.cos(radians(ellipse.rotation_deg))];
  const [reach_x, reach_y] = [Math.hypot(rx * along, ry * across), Math.hypot(rx * across, ry * along)];
  if (!(rx > 0 && ry > 0 && Number.isFinite(reach_x) && Number.isFinite(reach_y))) return { ...ellipse, opacity: 0 };
  const [left, right] = [-x / reach_x, (x - output.width) / reach_x];
  const [above, below] = [-y / reach_y, (y - output.height) / reach_y];
  const gone = smoothstep(Math.min(Math.max(left, right, above, below, 0), 1));
  return { ...ellipse, opacity: ellipse.opacity * (1 - gone) };
}

/** Say whether an ellipse in the output has its centre, the player, out of the picture: what the editor flags. */
export function isOutside(ellipse: Pick<Ellipse, "x" | "y">, output: Size): boolean {
  return !(ellipse.x >= 0 && ellipse.x <= output.width && ellipse.y >= 0 && ellipse.y <= output.height);
}

/**
 * Hold one clip's spotlights to the rules; fields are pointers into the list.
 *
 * Raises spotlight_too_short (less than 0.5 s of source time), spotlights_overlap, keyframes_out_of_order, bad_field (no
 * keyframe, not a number, a radius that is not positive, a region that shares no moment with the clip).
 */
export function validateSpotlights(spotlights: readonly Region[], clip: Span, time_base: Exact): void {
  spotlights.forEach((spotlight, index) => {
    const lasts_s = exact(time_base).times(spotlight.out_pts - spotlight.in_pts);
    if (lasts_s.compare(SHORTEST_S) < 0) throw new ReelError("spotlight_too_short", { field: `/${index}` });
    if (spotlight.out_pts <= clip.in_pts || clip.out_pts <= spotlight.in_pts) {
      throw badField(`/${index}`, "This spotlight lies outside its clip.");
    }
    requireOrder(spotlight.keys, `/${index}/keys`);
    spotlight.keys.forEach((key, at) => {
      validateKey(key, `/${index}/keys/${at}`);
    });
  });
  const ordered = [...spotlights].sort((a, b) => a.in_pts - b.in_pts);
  ordered.slice(1).forEach((after, index) => {
    if (after.in_pts < (ordered[index] as Region).out_pts) {
      throw new ReelError("spotlights_overlap", { field: `/${spotlights.indexOf(after)}` });
    }
  });
}

function validateKey(key: SpotKey, field: string): void {
  for (const name of ["x", "y", "rx", "ry"] as const) {
    if (!Number.isFinite(key[name])) throw badField(`${field}/${name}`, "This is not a number.");
  }
  for (const name of ["rx", "ry"] as const) {
    if (key[name] <= 0) throw badField(`${field}/${name}`, "A radius is more than 0.");
  }
}

function valuesOf({ x, y, rx, ry }: SpotKey): readonly number[] {
  return [x, y, rx, ry];
}

function passed(pts: number | Fraction, since: number): number {
  return pts instanceof Fraction ? pts.minus(since).toNumber() : pts - since;
}
