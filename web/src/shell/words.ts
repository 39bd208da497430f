/** What is said of a job: short and plain. */

import { hasEnded } from "../editing/jobs.ts";
import { saidMoment } from "../editing/said.ts";
import type { Job, JobShown } from "./jobs.ts";

const KINDS: Readonly<Record<Job["kind"], string>> = {
  ingest: "Looking the footage over",
  demo: "Filming the demo game",
  framing: "Framing",
  overlay: "Making the reel",
  preview: "Making a preview",
  extract: "Cutting clips out",
  compile: "Making the annotated video",
  window: "Preparing a clip for stepping",
  trim: "Keeping only the clips",
  archive: "Packing everything",
  small_copy: "Making a small copy",
};

const DONE: Readonly<Record<Job["kind"], string>> = {
  ingest: "The footage is ready",
  demo: "The demo game is ready",
  framing: "The framing is ready",
  overlay: "Your reel is ready",
  preview: "The preview is ready",
  extract: "The clips are cut out",
  compile: "The annotated video is ready",
  window: "The clip is ready",
  trim: "Only the clips are kept",
  archive: "Everything is packed",
  small_copy: "The small copy is ready",
};

const FAILED: Readonly<Record<Job["kind"], string>> = {
  ingest: "The footage could not be used",
  demo: "The demo game could not be filmed",
  framing: "The framing stopped",
  overlay: "The reel could not be made",
  preview: "The preview could not be made",
  extract: "The clips could not be cut out",
  compile: "The annotated video could not be made",
  window: "The clip could not be prepared",
  trim: "The footage could not be cut down",
  archive: "Not everything could be packed",
  small_copy: "The small copy could not be made",
};

const PHASES: Readonly<Record<string, string>> = {
  checking: "Looking at the file",
  indexing: "Reading its frames",
  picturing: "Drawing the timeline",
  listening: "Listening",
  copying: "Making a copy to play",
  joining: "Putting it together",
  filming: "Filming",
  rendering: "Rendering",
  encoding: "Making it smaller",
};

/** Return what a job is: "Framing". */
export function kindSaid({ kind, draft }: Pick<Job, "kind" | "draft">): string {
  return draft && kind === "framing" ? "Making a draft" : KINDS[kind];
}

/** Return how a job ended: "Your reel is ready". */
export function endSaid({ job, heard }: JobShown): string {
  if (heard.state === "cancelled") return `${kindSaid(job)}: cancelled`;
  if (heard.state === "failed") return FAILED[job.kind];
  return job.kind === "framing" && job.draft ? "The draft is ready" : DONE[job.kind];
}

/** Return what a job is doing now: "Reading its frames". */
export function phaseSaid({ job, heard }: JobShown): string {
  if (hasEnded(heard)) return endSaid({ job, heard });
  if (heard.state === "queued") return `${kindSaid(job)}: waiting for its turn`;
  if (heard.state === "cancelling") return `${kindSaid(job)}: stopping`;
  return PHASES[heard.phase] ?? kindSaid(job);
}

/** Return how fast it goes and how long it takes still: "48 fps · 2:10 left"; empty while neither is measured. */
export function paceSaid(fps: number | null, eta_s: number | null): string {
  return [
    fps === null ? "" : `${fps < 10 ? fps.toFixed(1) : Math.round(fps)} fps`,
    eta_s === null ? "" : leftSaid(eta_s),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** Return how long something takes still: "2:10 left". */
export function leftSaid(eta_s: number): string {
  return eta_s < 1 ? "a moment left" : `${saidMoment(Math.ceil(eta_s))} left`;
}
