/** Space: sizes, shapes and windows in the displayed picture, whose origin is the top left corner. */

import { type Exact, exact, Fraction } from "./fraction.ts";
import { halfUp } from "./timing.ts";

export type Aspect = "9:16" | "16:9" | "1:1" | "4:5";

/** A picture's width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export const OUTPUT_SIZES: Readonly<Record<Aspect, Size>> = {
  "9:16": { width: 1080, height: 1920 },
  "16:9": { width: 1920, height: 1080 },
  "1:1": { width: 1080, height: 1080 },
  "4:5": { width: 1080, height: 1350 },
};

/** A window in pixels and fractions of one: its centre, its size, and its turn (clockwise) about its centre. */
export interface PixelWindow {
  readonly cx: number;
  readonly cy: number;
  readonly width: number;
  readonly height: number;
  readonly rotation_deg: number;
}

/**
 * A window in parts of the displayed picture: its centre, its size, and its turn (clockwise) about its centre.
 *
 * It is turned in pixels, not in parts of the picture, so it stays a rectangle.
 */
export interface Window {
  readonly cx: number;
  readonly cy: number;
  readonly w: number;
  readonly h: number;
  readonly rotation_deg: number;
}

/** The edges of an upright box. */
export interface Box {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** Return a window in the pixels of a picture of `size`. */
export function toPixels({ cx, cy, w, h, rotation_deg }: Window, size: Size): PixelWindow {
  return { cx: cx * size.width, cy: cy * size.height, width: w * size.width, height: h * size.height, rotation_deg };
}

/** Return the upright box around a window. */
export function bounds({ cx, cy, width, height, rotation_deg }: PixelWindow): Box {
  const extent = turnedExtent(width, height, rotation_deg);
  return {
    x0: cx - extent.width / 2,
    y0: cy - extent.height / 2,
    x1: cx + extent.width / 2,
    y1: cy + extent.height / 2,
  };
}

/** Return a window on a grid of 1/16 px, finer than a resize can show: the form that hashes cover. */
export function rounded({ cx, cy, width, height, rotation_deg }: PixelWindow): PixelWindow {
  return {
    cx: sixteenth(cx),
    cy: sixteenth(cy),
    width: sixteenth(width),
    height: sixteenth(height),
    rotation_deg,
  };
}

/** Return width over height. */
export function ratio(aspect: Aspect): Fraction {
  const { width, height } = OUTPUT_SIZES[aspect];
  return new Fraction(width, height);
}

/** Return width and height of the upright box around a rectangle turned by `rotation_deg`. */
export function turnedExtent(width: number, height: number, rotation_deg: number): Size {
  const [across, along] = [Math.abs(Math.sin(radians(rotation_deg))), Math.abs(Math.cos(radians(rotation_deg)))];
  return { width: width * along + height * across, height: width * across + height * along };
}

/**
 * Return the size at which a picture is shown.
 *
 * `sample_aspect` is a sample's width over its height, 0 if the file does not say: the width follows it, the height
 * stays. `quarter_turns` come after, in either direction.
 */
export function displayedSize(coded: Size, quarter_turns: number, sample_aspect: Exact): Size {
  const said = exact(sample_aspect);
  const width = Math.max(1, halfUp(said.compare(0) === 0 ? coded.width : said.times(coded.width)));
  return quarter_turns % 2 ? { width: coded.height, height: width } : { width, height: coded.height };
}

/** Return the even number at or below `pixels`, at least 2: what 4:2:0 asks of an output's sides. */
export function even(pixels: number): number {
  return Math.max(2, pixels - (pixels % 2));
}

export function radians(deg: number): number {
  return (deg * Math.PI) / 180;
}

function sixteenth(pixels: number): number {
  return Math.floor(pixels * 16 + 0.5) / 16;
}
