/** A clip on its source's own clock: one that was marked before its footage was looked over is on another. */

import { ASPECTS, type Aspect, type Crop, type EditClip } from "../project/document.ts";
import type { Terms } from "../reel/fraction.ts";
import { rescale } from "../reel/timing.ts";

/** Return the clip with all its times on the given clock; the clip itself where it is on it. */
export function onClock(clip: EditClip, time_base: Terms): EditClip {
  if (clip.time_base[0] === time_base[0] && clip.time_base[1] === time_base[1]) return clip;
  const own = (pts: number) => rescale(pts, clip.time_base, time_base);
  const span = <T extends { readonly in_pts: number; readonly out_pts: number }>(one: T): T => ({
    ...one,
    in_pts: own(one.in_pts),
    out_pts: own(one.out_pts),
  });
  const crops: Partial<Record<Aspect, Crop>> = {};
  for (const aspect of ASPECTS) {
    const crop = clip.crops[aspect];
    if (crop) crops[aspect] = { ...crop, keys: crop.keys.map((key) => ({ ...key, pts: own(key.pts) })) };
  }
  return {
    ...span(clip),
    time_base: [time_base[0], time_base[1]],
    crops: crops as EditClip["crops"],
    speeds: clip.speeds.map(span),
    spotlights: clip.spotlights.map((one) => ({
      ...span(one),
      keys: one.keys.map((key) => ({ ...key, pts: own(key.pts) })),
    })),
  };
}
