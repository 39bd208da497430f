/** The crop's box under a hand: moved, resized and held inside the picture, its shape kept. Parts of the picture. */

import { cropAt, DEFAULT_KEY_ID } from "../reel/crop.ts";
import { type Aspect, radians, ratio, type Size, turnedExtent } from "../reel/geometry.ts";

/** What a keyframe says of a crop: its centre and its height, in parts of the displayed picture. */
export interface Box {
  readonly cx: number;
  readonly cy: number;
  readonly h: number;
}

/** What a box is held to. */
export interface Frame {
  readonly aspect: Aspect;
  readonly source: Size;
  readonly rotation_deg: number;
}

/** A crop's shorter side, in source pixels: below it there is nothing left to enlarge. */
export const LEAST_SIDE_PX = 64;
export const TOO_SMALL = `A crop is at least ${LEAST_SIDE_PX} px on its shorter side: below that there is nothing to enlarge.`;

export type Corner = "nw" | "ne" | "sw" | "se";
export const CORNERS: readonly Corner[] = ["nw", "ne", "sw", "se"];

/** Return a box as high as it may be at most and no smaller than it may, moved inside the picture, turned or not. */
export function held(box: Box, frame: Frame): Box {
  const h = Math.max(box.h, leastHeight(frame));
  const key = { ...box, h, id: DEFAULT_KEY_ID, pts: 0, ease: "smooth", by: "hand" } as const;
  const { cx, cy, h: high } = cropAt({ keys: [key] }, 0, frame.aspect, frame.source, frame.rotation_deg);
  return { cx, cy, h: high };
}

/** Return the box moved by so many pixels of the source. */
export function movedBy({ cx, cy, h }: Box, dx_px: number, dy_px: number, frame: Frame): Box {
  return held({ cx: cx + dx_px / frame.source.width, cy: cy + dy_px / frame.source.height, h }, frame);
}

/** Return the box with another height about its centre; one at the picture's edge moves inside. */
export function scaledTo(box: Box, h: number, frame: Frame): Box {
  return held({ ...box, h: Math.min(h, tallest(frame)) }, frame);
}

/** Return the box with one corner dragged by so many pixels of the source; the corner across stays where it is. */
export function cornerMovedBy(box: Box, corner: Corner, dx_px: number, dy_px: number, frame: Frame): Box {
  const { width, height } = frame.source;
  const shape = ratio(frame.aspect).toNumber();
  const [right, down] = [corner.endsWith("e") ? 1 : -1, corner.startsWith("s") ? 1 : -1];
  const turn = radians(frame.rotation_deg);
  // Along the box's own diagonal, from the corner that stays: how far it was dragged says how high the box becomes
  const own_x = dx_px * Math.cos(turn) + dy_px * Math.sin(turn);
  const own_y = dy_px * Math.cos(turn) - dx_px * Math.sin(turn);
  const by = (own_x * right * shape + own_y * down) / (shape * shape + 1);
  const at = (high_px: number): Box => {
    const [x, y] = [(right * (high_px - box.h * height) * shape) / 2, (down * (high_px - box.h * height)) / 2];
    return {
      cx: box.cx + (x * Math.cos(turn) - y * Math.sin(turn)) / width,
      cy: box.cy + (x * Math.sin(turn) + y * Math.cos(turn)) / height,
      h: high_px / height,
    };
  };
  const wished = Math.max(box.h * height + by, leastHeight(frame) * height);
  return held(at(highestThatFits(wished, box.h * height, (high_px) => isInside(at(high_px), frame))), frame);
}

/** Return the lowest box there may be, in parts of the picture's height. */
export function leastHeight({ aspect, source }: Frame): number {
  const shape = ratio(aspect).toNumber();
  const least = LEAST_SIDE_PX / Math.min(shape, 1) / source.height;
  return Math.min(least, tallest({ aspect, source, rotation_deg: 0 }));
}

export function isTooSmall(h: number, frame: Frame): boolean {
  return h < leastHeight(frame) - 1e-9;
}

/** Return the highest box there may be. */
export function tallest({ aspect, source, rotation_deg }: Frame): number {
  const extent = turnedExtent(ratio(aspect).toNumber(), 1, rotation_deg);
  return Math.min(source.width / extent.width, source.height / extent.height) / source.height;
}

/** Return a box's size in source pixels. */
export function sizeOf({ h }: Pick<Box, "h">, { aspect, source }: Pick<Frame, "aspect" | "source">): Size {
  const height = h * source.height;
  return { width: height * ratio(aspect).toNumber(), height };
}

function isInside(box: Box, frame: Frame): boolean {
  const inside = held(box, frame);
  return (
    Math.abs(inside.cx - box.cx) * frame.source.width < 0.01 &&
    Math.abs(inside.cy - box.cy) * frame.source.height < 0.01 &&
    Math.abs(inside.h - box.h) * frame.source.height < 0.01
  );
}

/** Between a height that fits and one that may not: the highest that does, to a hundredth of a pixel. */
function highestThatFits(wished: number, fitting: number, fits: (high_px: number) => boolean): number {
  if (fits(wished)) return wished;
  let [low, high] = [fitting, wished];
  for (let step = 0; step < 20; step += 1) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}
