/** What is said of projects: short and plain. */

import { saidDuration } from "../editing/said.ts";
import type { Edit, EditClip } from "../project/document.ts";
import { exact, type Fraction, least } from "../reel/fraction.ts";
import { outputDuration, pieces } from "../reel/speed.ts";
import type { ProjectListed } from "./reading.ts";

/** Return how many clips, in words. */
export function clipsSaid(count: number): string {
  return count === 1 ? "1 clip" : `${count} clips`;
}

/** Return how far a reel is, in a few words, and whether that is the end of the work. */
export function standingSaid({ made, clip_count, framed_count }: ProjectListed): {
  readonly text: string;
  readonly is_made: boolean;
} {
  if (made.includes("reel")) return { text: "Reel made", is_made: true };
  if (made.includes("framing")) return { text: "Framing made", is_made: false };
  if (made.includes("draft")) return { text: "Draft made", is_made: false };
  if (clip_count === 0) return { text: "No clips yet", is_made: false };
  if (framed_count === clip_count) return { text: "All framed", is_made: false };
  return { text: framed_count ? `${framed_count} of ${clip_count} framed` : "Not framed yet", is_made: false };
}

const OVERLAP_S = exact([1, 2]);

/** Return how long a reel lasts before cards and freeze-frames (reel/project.py, framed_duration_s). */
export function lastsOf(edit: Pick<Edit, "clips">): number {
  const lasts = edit.clips.map(clipLasts);
  const overlaps = edit.clips.map((clip, index) => {
    const [before, after] = [lasts[index - 1], lasts[index]];
    if (!before || !after || clip.transition_in === "cut") return 0;
    return least(OVERLAP_S, before.over(2), after.over(2)).toNumber();
  });
  return lasts.reduce((sum, one) => sum + one.toNumber(), 0) - overlaps.reduce((sum, one) => sum + one, 0);
}

/** Return how long a clip lasts in the reel, at its speeds: "10.0 s". */
export function clipLastsSaid(clip: EditClip): string {
  return saidDuration(clipLasts(clip).toNumber());
}

/** Return when something was changed, as a person says it on the day of `now_ms`: "today, 12:04". */
export function changedSaid(at: string, now_ms: number): string {
  const then = new Date(at);
  const days = Math.round((startOfDay(now_ms) - startOfDay(then.getTime())) / 86_400_000);
  const clock = then.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
  if (days === 0) return `today, ${clock}`;
  if (days === 1) return `yesterday, ${clock}`;
  return then.toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
}

function clipLasts({ in_pts, out_pts, speeds, time_base }: EditClip): Fraction {
  return outputDuration(pieces({ in_pts, out_pts }, speeds), time_base);
}

function startOfDay(at_ms: number): number {
  return new Date(at_ms).setHours(0, 0, 0, 0);
}
