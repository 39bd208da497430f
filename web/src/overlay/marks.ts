/** What is drawn on a frame: where its clips' spotlights stand in it, their players' names, and how faint (jobs/marks.py). */

import type { EditClip, Spotlight } from "../project/document.ts";
import { exact, type Fraction } from "../reel/fraction.ts";
import { OUTPUT_SIZES } from "../reel/geometry.ts";
import { COLOURS } from "../reel/light.ts";
import { defaultSpotlight, type Ellipse, inPicture, isOutside, spotlightAt, toOutput } from "../reel/spotlight.ts";
import { contains } from "../reel/timing.ts";
import type { Shot } from "./shots.ts";

/** A spotlight of that look at an ellipse of the output, in its pixels, and a label; without one it is in the corner. */
export interface Mark {
  readonly label: string;
  readonly opacity: number;
  readonly look: Spotlight | null;
  readonly ellipse: Ellipse | null;
}

/** Return what is drawn onto a frame, in order. `full`: as a freeze-frame shows it. */
export function marksAt(shots: readonly Shot[], frame: number, full: Shot | null = null): readonly Mark[] {
  if (full) return seen(markOf(full, frame, 1, true));
  return shots.flatMap((shot) => (shot.has(frame) ? seen(markOf(shot, frame, shot.share(frame), false)) : []));
}

/** Return where a spotlight stands in the output at a frame, at full opacity, whatever of it is in the picture. */
export function placedAt(shot: Shot, region: Spotlight, frame: number): Ellipse | null {
  return placed(shot, region, frame, shot.time(frame), null);
}

/** Return the region of a clip that holds a moment of its clock. */
export function regionAt(clip: Pick<EditClip, "spotlights">, pts: number | Fraction): Spotlight | null {
  const at = typeof pts === "number" ? pts : pts.floor(); // a region begins and ends on a tick
  return clip.spotlights.find((region) => contains(region, at)) ?? null;
}

/**
 * Return the frame at which the freeze-frame of a clip stands, null for none: the first in which a spotlight's player is
 * seen, of those that the clip shares with no neighbour.
 */
export function frozenAt(shot: Shot): number | null {
  if (!(shot.clip.freeze_s > 0) || shot.clip.spotlights.length === 0) return null;
  const there = frozen.get(shot);
  if (there !== undefined) return there;
  const { first, end } = shot.alone;
  let found = first;
  for (let frame = first; frame < end; frame += 1) {
    const lit = markOf(shot, frame, 1, true, null);
    if (lit?.ellipse && lit.opacity > 0) {
      found = frame;
      break;
    }
  }
  frozen.set(shot, found);
  return found;
}

/** How far a spotlight's player is out of the crop: in all of it, in some of it, or nowhere. */
export type Flag = "all" | "some" | null;

const SAMPLES = 24;

/** Return whether a region's player leaves the crop, as it is now: looked at evenly, and at the keyframes. */
export function flagOf(shot: Shot, region: Spotlight): Flag {
  const [from, to] = [Math.max(region.in_pts, shot.clip.in_pts), Math.min(region.out_pts, shot.clip.out_pts)];
  if (from >= to) return "all";
  const evenly = Array.from({ length: SAMPLES }, (_, n) => from + Math.floor(((to - 1 - from) * n) / (SAMPLES - 1)));
  const keyed = region.keys.map(({ pts }) => pts).filter((pts) => pts >= from && pts < to);
  const out = [...evenly, ...keyed].map((pts) => isOutAt(shot, region, pts));
  if (out.every(Boolean)) return "all";
  return out.some(Boolean) ? "some" : null;
}

/** Return the first moment, on the clip's clock, at which a region's player is out of the crop. */
export function firstOutside(shot: Shot, region: Spotlight): number {
  const [from, to] = [Math.max(region.in_pts, shot.clip.in_pts), Math.min(region.out_pts, shot.clip.out_pts)];
  const evenly = Array.from({ length: SAMPLES }, (_, n) => from + Math.floor(((to - 1 - from) * n) / (SAMPLES - 1)));
  return evenly.find((pts) => isOutAt(shot, region, pts)) ?? from;
}

const frozen = new WeakMap<Shot, number | null>();

function isOutAt(shot: Shot, region: Spotlight, pts: number): boolean {
  const found = spotlightAt(region, pts, shot.clip.time_base);
  if (!found) return true;
  const own = exact(pts).times(shot.clip.time_base).over(shot.ground.time_base).floor();
  const output = OUTPUT_SIZES[shot.aspect];
  return isOutside(toOutput(found, shot.windowAt(own), shot.ground.size, output), output);
}

function markOf(shot: Shot, frame: number, share: number, full: boolean, held_pts?: number | null): Mark | null {
  const { clip } = shot;
  const label = clip.label.trim();
  const time = shot.time(frame);
  const bare = clip.spotlights.length === 0;
  const region = bare ? unlit(clip, label, time) : regionAt(clip, time);
  if (!region) return full && label ? { label, opacity: 1, look: null, ellipse: null } : null;
  const frozen_pts = held_pts === undefined ? heldPts(shot) : held_pts;
  const ellipse = placed(shot, region, frame, time, frozen_pts);
  if (!ellipse) return null;
  const opacity = share * (full ? 1 : ellipse.opacity);
  if (bare) return { label, opacity, look: null, ellipse: null };
  const lit = inPicture({ ...ellipse, opacity }, OUTPUT_SIZES[shot.aspect]);
  return { label, opacity: lit.opacity, look: region, ellipse: lit };
}

/** A player's name without a spotlight stands for as long as a default one would. */
function unlit(clip: EditClip, label: string, time: number | Fraction): Spotlight | null {
  if (!label) return null;
  const region = defaultSpotlight("", "", clip, clip.time_base);
  return regionAt({ spotlights: [region as Spotlight] }, time);
}

/** The moment at which the freeze-frame showed the spotlight in full: it does not fade in once more. */
function heldPts(shot: Shot): number | null {
  const frame = frozenAt(shot);
  return frame === null ? null : shot.shownAt(frame);
}

function placed(
  shot: Shot,
  region: Spotlight,
  frame: number,
  time: number | Fraction,
  frozen_pts: number | null,
): Ellipse | null {
  const found = spotlightAt(region, time, shot.clip.time_base, frozen_pts);
  return found && toOutput(found, shot.windowAt(shot.pts(frame)), shot.ground.size, OUTPUT_SIZES[shot.aspect]);
}

function seen(mark: Mark | null): readonly Mark[] {
  if (!mark || !(mark.opacity > 0)) return [];
  return mark.label || (mark.look && shows(mark.look)) ? [mark] : [];
}

/** Say whether a spotlight of that look changes a picture. */
export function shows(look: Pick<Spotlight, "effect" | "colour" | "stroke" | "fill">): boolean {
  return look.effect !== "none" || (COLOURS[look.colour] !== null && (look.stroke || look.fill));
}
