/**
 * How a spotlight looks: its colours, what it dims and lifts, its arc on the ground. Preview and export share this.
 *
 * A place is measured in the spotlight's own terms: its `reach` is 0 at the centre and 1 on the ellipse, whatever the
 * direction; its `bearing_deg` is 0 at the front (the ellipse's lower end), 180 at the back.
 */

import { radians, type Size } from "./geometry.ts";
import { smoothstep } from "./keyframes.ts";
import type { Colour, Ellipse } from "./spotlight.ts";

/** Of the stroke and the fill (#RRGGBB): light or warm, and so unlike grass. null: neither is drawn. */
export const COLOURS: Readonly<Record<Colour, string | null>> = {
  white: "#FFFFFF",
  cyan: "#1FE5FF",
  yellow: "#FFE600",
  pink: "#FF4FB0",
  orange: "#FF8A1F",
  none: null,
};

/** Of the light is left outside: the eye goes to the player, the play around is still read. */
export const DIMMED = 0.5;
/** The exponent that lightens inside: no white shirt is blown out, as it would be by a factor. */
export const LIFT = 0.78;
/** So that lifted colours are not paler. */
export const LIFT_CHROMA = 1.12;

/** The reach at which the light begins to fall, and at which it has fallen. */
export const FEATHER = [0.9, 1.3] as const;
/** Of the picture's shorter side: the stroke's width. */
export const STROKE = 1 / 210;
/** The fill's opacity. */
export const FILL = 0.2;
/** The opacity of the dark rim along the stroke, which parts it from white lines. */
export const RIM = 0.35;

/** Of ry below the centre: the feet of a player who fills the ellipse. */
export const GROUND_AT = 0.82;
/** A circle on the ground, as a camera on a stand beside the pitch sees it. */
export const GROUND_FLAT = 0.34;
/** The bearing up to which the arc is full. */
export const ARC_FULL_DEG = 40;
/** The bearing at which it ends: open at the back, where it would cross the legs. */
export const ARC_END_DEG = 150;

/** Return how far a place is lit: 1 inside, 0 outside, and between a smoothstep over the square of the reach. */
export function shareInside(reach: number): number {
  const [begin, end] = [FEATHER[0] * FEATHER[0], FEATHER[1] * FEATHER[1]];
  return smoothstep(Math.min(Math.max((end - reach * reach) / (end - begin), 0), 1));
}

/** Return the ground arc's width and opacity at a bearing, as a share: it thins out and pales towards its ends. */
export function shareOfArc(bearing_deg: number): number {
  return smoothstep(Math.min(Math.max((ARC_END_DEG - Math.abs(bearing_deg)) / (ARC_END_DEG - ARC_FULL_DEG), 0), 1));
}

/** Return the stroke's width in a picture. */
export function strokePx(size: Size): number {
  return Math.max(1.5, Math.min(size.width, size.height) * STROKE);
}

/** Return the ellipse on the ground, in the output, on which the arc of a `ground` spotlight lies. */
export function ground(body: Ellipse): Ellipse {
  const turn = radians(body.rotation_deg);
  const below = body.ry * GROUND_AT;
  return {
    ...body,
    x: body.x - Math.sin(turn) * below,
    y: body.y + Math.cos(turn) * below,
    ry: body.rx * GROUND_FLAT,
  };
}
