/** What the screen says in numbers: how much is enlarged, how long it takes, what is missing. */

import type { Shown } from "../api/client.ts";
import { saidDuration, saidMoment } from "../editing/said.ts";
import type { Aspect, Edit } from "../project/document.ts";
import { isFramed } from "../project/document.ts";
import { enlargement, madeShare } from "../reel/crop.ts";
import { OUTPUT_SIZES, type Size, type Window } from "../reel/geometry.ts";

export type Estimate = Shown<"Estimate">;

/** Return the meter: "2.7×: AI makes 86 % of these pixels". */
export function meterSaid(window: Pick<Window, "h">, source: Size, aspect: Aspect): string {
  const times = enlargement(window, source, OUTPUT_SIZES[aspect]);
  const share = Math.round(madeShare(times) * 100);
  if (share === 0) return "The camera made all of these pixels";
  return `${times.toFixed(1)}×: AI makes ${share} % of these pixels`;
}

/** Return what an export will be: "0:24 of reel · about 3:10 to make · 24 credits". */
export function estimateSaid(estimate: Estimate): readonly string[] {
  const { duration_s, rendering_s, frames, frames_to_render, price_credits } = estimate;
  return [
    `${saidDuration(duration_s)} of reel`,
    frames && frames_to_render === 0 ? "all of it is made already" : "",
    frames_to_render !== 0 && rendering_s !== null ? `about ${timeSaid(rendering_s)} to make` : "",
    frames_to_render !== 0 && rendering_s === null && frames_to_render !== null
      ? `${frames_to_render} frames to make`
      : "",
    price_credits === null ? "" : price_credits === 1 ? "1 credit" : `${price_credits} credits`,
  ].filter(Boolean);
}

/** Return why nothing can be exported yet, naming the clips; null when it can. */
export function missingSaid({ clips, aspect }: Edit, nameOf: (clip_id: string) => string): string | null {
  if (clips.length === 0) return "Add a clip first.";
  const missing = clips.filter((clip) => !isFramed(clip, aspect)).map(({ id }) => nameOf(id));
  if (missing.length === 0) return null;
  const named = missing.slice(0, MOST_NAMED).join(", ");
  const more = missing.length > MOST_NAMED ? ` and ${missing.length - MOST_NAMED} more` : "";
  const count = missing.length === 1 ? "One clip has" : `${missing.length} clips have`;
  return `${count} no ${aspect} crop yet: ${named}${more}.`;
}

const MOST_NAMED = 6;

function timeSaid(time_s: number): string {
  if (time_s < 60) return `${Math.max(Math.ceil(time_s), 1)} s`;
  return time_s < 3600 ? saidMoment(Math.ceil(time_s)) : `${(time_s / 3600).toFixed(1)} h`;
}
