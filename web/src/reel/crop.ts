/** The crop: the window that a clip shows of its source, authored as centre and height, its width from the aspect. */

import { badField, ReelError } from "./errors.ts";
import type { Fraction } from "./fraction.ts";
import { type Aspect, bounds, ratio, type Size, toPixels, turnedExtent, type Window } from "./geometry.ts";
import { type Key, requireOrder, valueAt } from "./keyframes.ts";

export type By = "hand" | "track";

/** A UUIDv7 of the year 1970: no client makes it. */
export const DEFAULT_KEY_ID = "00000000-0000-7000-8000-000000000000";
/** How far an authored crop may reach outside: the editor's own rounding. */
export const TOLERANCE_PX = 0.5;
/** The lowest crop, in source pixels: below it there is no picture to enlarge. */
export const SMALLEST_PX = 16;

/** An authored crop at one moment: centre and height in parts of the displayed picture. */
export interface CropKey extends Key {
  readonly id: string;
  readonly cx: number;
  readonly cy: number;
  readonly h: number;
  readonly by: By;
}

/** A clip's crop for one aspect; `framed` once a person set it or agreed to the default. */
export interface Crop {
  readonly framed: boolean;
  readonly keys: readonly CropKey[];
}

/** Return the largest crop of the aspect around the centre. */
export function defaultCrop(aspect: Aspect, source: Size, pts = 0, rotation_deg = 0): Crop {
  const height_px = tallestPx(turnedExtent(ratio(aspect).toNumber(), 1, rotation_deg), source);
  const h = height_px / source.height;
  return { framed: false, keys: [{ id: DEFAULT_KEY_ID, pts, cx: 0.5, cy: 0.5, h, ease: "smooth", by: "hand" }] };
}

/**
 * Return the window shown at `pts`, of exactly the aspect in pixels and inside the picture, turned or not.
 *
 * Where the keyframes lead outside, the window is made smaller until it fits, then moved inside.
 * Raises keyframes_out_of_order, bad_field if there is no keyframe.
 */
export function cropAt(
  crop: Pick<Crop, "keys">,
  pts: number | Fraction,
  aspect: Aspect,
  source: Size,
  rotation_deg = 0,
): Window {
  const [cx, cy, h] = valueAt(crop.keys, pts, valuesOf) as [number, number, number];
  const shape = ratio(aspect).toNumber();
  const extent = turnedExtent(shape, 1, rotation_deg); // of the box around a window one pixel high
  const height_px = Math.min(h * source.height, tallestPx(extent, source));
  return {
    cx: inside(cx, (height_px * extent.width) / source.width),
    cy: inside(cy, (height_px * extent.height) / source.height),
    w: (height_px * shape) / source.width,
    h: height_px / source.height,
    rotation_deg,
  };
}

/**
 * Hold the authored keyframes to the rules; fields are pointers into the crop.
 *
 * Raises bad_field (no keyframe, not a number, lower than 16 px), keyframes_out_of_order, crop_outside_picture (by more
 * than half a pixel).
 */
export function validateCrop(crop: Pick<Crop, "keys">, aspect: Aspect, source: Size, rotation_deg = 0): void {
  requireOrder(crop.keys);
  const shape = ratio(aspect).toNumber();
  crop.keys.forEach((key, index) => {
    for (const name of ["cx", "cy", "h"] as const) {
      if (!Number.isFinite(key[name])) throw badField(`/keys/${index}/${name}`, "This is not a number.");
    }
    if (key.h * source.height < SMALLEST_PX) {
      throw badField(`/keys/${index}/h`, `A crop is at least ${SMALLEST_PX} pixels of the source high.`);
    }
    const w = (key.h * source.height * shape) / source.width;
    const box = bounds(toPixels({ cx: key.cx, cy: key.cy, w, h: key.h, rotation_deg }, source));
    const outside_px = Math.max(-box.x0, -box.y0, box.x1 - source.width, box.y1 - source.height);
    if (outside_px > TOLERANCE_PX) throw new ReelError("crop_outside_picture", { field: `/keys/${index}`, outside_px });
  });
}

/** Return how many output pixels one source pixel becomes, along a side. */
export function enlargement(window: Pick<Window, "h">, source: Size, output: Size): number {
  return output.height / (window.h * source.height);
}

/** Return the part of the output's pixels that the network makes: 1 - 1/e², 0 where nothing is enlarged. */
export function madeShare(enlargement: number): number {
  return Math.max(0, 1 - 1 / enlargement ** 2);
}

function valuesOf({ cx, cy, h }: CropKey): readonly number[] {
  return [cx, cy, h];
}

/** Return the largest factor by which a box of `extent` still fits into the source. */
function tallestPx(extent: Size, source: Size): number {
  return Math.min(source.width / extent.width, source.height / extent.height);
}

/** Move a centre until `extent` around it, at most 1, lies in 0..1. */
function inside(centre: number, extent: number): number {
  return Math.min(Math.max(centre, extent / 2), 1 - extent / 2);
}
