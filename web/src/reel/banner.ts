/** The banner of the annotated export, in numbers: how large its parts are in a picture of any size. */

import type { Size } from "./geometry.ts";

/** Of the picture's mean side, √(width · height): 36 px in 1080p, upright or not. */
export const TEXT = 0.025;
/** Below it no letter is read. */
export const LEAST_TEXT_PX = 9;
/** Of the text's size, as all below. */
export const NAME = 1.18;
export const BADGE = 2.1;
export const PADDING = 0.62;
export const BORDER = 0.13;
export const RADIUS = 0.55;
/** Of the picture's shorter side: what a television or a phone's corner may hide. */
export const MARGIN = 0.035;
/** Of the text's size: longer lines are hard to follow. */
export const WIDEST = 46;
/** Of the picture's height, with its margin: only the longest notes in the smallest picture. */
export const TALLEST = 0.6;
/** Of the text's size, tried in turn until all of it fits. */
export const SHRINKS = [1, 0.92, 0.85, 0.78, 0.72] as const;

/** The sizes of a banner's parts in pixels. */
export interface BannerLayout {
  readonly text_px: number;
  readonly name_px: number;
  readonly badge_px: number;
  readonly padding_px: number;
  readonly border_px: number;
  readonly radius_px: number;
  readonly margin_px: number;
  readonly width_px: number;
  readonly tallest_px: number;
}

/** Return the layout for a picture; `shrink` is one of SHRINKS, and stops at LEAST_TEXT_PX. */
export function bannerLayout(picture: Size, shrink = 1): BannerLayout {
  const text = Math.max(Math.sqrt(picture.width * picture.height) * TEXT * shrink, LEAST_TEXT_PX);
  const margin = Math.min(picture.width, picture.height) * MARGIN;
  return {
    text_px: text,
    name_px: text * NAME,
    badge_px: text * BADGE,
    padding_px: text * PADDING,
    border_px: Math.max(text * BORDER, 1.5),
    radius_px: text * RADIUS,
    margin_px: margin,
    width_px: Math.min(picture.width - 2 * margin, (text / shrink) * WIDEST),
    tallest_px: Math.max(picture.height * TALLEST - margin, 0),
  };
}
