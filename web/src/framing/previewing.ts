/** One real frame of a clip, with and without the network, as the framing will have it. */

import { answered, api, type Shown } from "../api/client.ts";
import { refusalFrom } from "../api/errors.ts";
import { pause } from "../api/sending.ts";
import type { Aspect } from "../reel/geometry.ts";

const ASK_MS = 700;

export interface PreviewAsked {
  readonly project_id: string;
  /** The clip's place in the edit. */
  readonly clip: string;
  /** On the clip's own clock, as it is saved. */
  readonly pts: number;
  readonly aspect: Aspect;
  /** Without the network. */
  readonly draft: boolean;
}

/** Return where the picture is, once it is made. Raises ApiError, Unreachable, and what the signal is ended with. */
export async function previewFrame({ project_id, ...body }: PreviewAsked, signal: AbortSignal): Promise<string> {
  const path = { id: project_id };
  const made = await answered(
    api.POST("/api/projects/{id}/preview-frame", { params: { path }, body, signal }) as Promise<Answer>,
  );
  let { job } = made;
  while (job.state !== "done") {
    // It took longer than the service holds a call: its job says when it is done
    if (job.state === "failed" || job.state === "cancelled") throw refusalFrom(job.error, 500);
    await pause(ASK_MS, signal);
    job = await answered(api.GET("/api/jobs/{id}", { params: { path: { id: job.id } }, signal }));
  }
  return made.media;
}

interface Answer {
  readonly data?: Shown<"PreviewOut">;
  readonly error?: unknown;
  readonly response: Response;
}
