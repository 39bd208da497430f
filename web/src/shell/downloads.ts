/** What a job made to be downloaded, and how the browser saves it. */

import { mediaUrl } from "../api/client.ts";
import type { Job } from "./jobs.ts";

/** Let the browser save what an address leads to. */
export function download(address: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = "";
  document.body.append(link);
  link.click();
  link.remove();
}

/** Return where what a finished job made can be downloaded; null where there is nothing of the kind. */
export function downloadOf({ id, kind, clip_id }: Pick<Job, "id" | "kind" | "clip_id">): string | null {
  if (kind === "compile" || kind === "archive") return `${mediaUrl("download", id)}?download=true`;
  return kind === "extract" && clip_id ? `${mediaUrl("raw_clip", clip_id)}?download=true` : null;
}
