/** Handing out: lists, raw clips, the annotated video and projects, as the API makes them. */

import { answered, api, mediaUrl, newId } from "../api/client.ts";
import { ApiError, refusalFrom } from "../api/errors.ts";
import { names, queries } from "../api/queries.ts";
import { pause, send } from "../api/sending.ts";
import { download } from "../shell/downloads.ts";
import { watchJobs } from "../shell/jobs.ts";

const ASK_MS = 1000;
const MOST_ASKS = 600;

export function saveClipList(game_id: string): void {
  download(`/api/games/${game_id}/clips.tsv`);
}

/** Bring in a clip list; return how many clips it added and how many were there. Raises ApiError `tsv_damaged`. */
export async function bringClipList(
  game_id: string,
  file: File,
): Promise<{ readonly added: number; readonly already: number }> {
  const answer = await send(
    new Request(new URL(`/api/games/${game_id}/clips.tsv`, location.origin), {
      method: "POST",
      headers: { "Content-Type": "text/tab-separated-values" },
      body: await file.arrayBuffer(),
    }),
  );
  const said: unknown = await answer.json().catch(() => null);
  if (!answer.ok) throw refusalFrom(said, answer.status);
  return said as { added: number; already: number };
}

/** Return the faults of a list, each with its line, as the API tells them. */
export function faultsOf(error: unknown): readonly { readonly line: number; readonly message: string }[] {
  const lines = error instanceof ApiError ? error.details.lines : null;
  if (!Array.isArray(lines)) return [];
  return lines.flatMap((one: unknown) => {
    const { line, message } = (one ?? {}) as Record<string, unknown>;
    return typeof line === "number" && typeof message === "string" ? [{ line, message }] : [];
  });
}

/** Cut a clip out, and download it when it is there. Raises ApiError, Unreachable. */
export async function downloadClip(clip_id: string, told: () => void): Promise<void> {
  const path = { clip_id };
  let { ready, job } = await answered(api.POST("/api/clips/{clip_id}/extract", { params: { path } }));
  if (!ready) {
    told();
    watchJobs();
  }
  for (let asks = 0; !ready && job && asks < MOST_ASKS; asks += 1) {
    await pause(ASK_MS);
    job = await answered(api.GET("/api/jobs/{id}", { params: { path: { id: job.id } } }));
    ready = job.state === "done";
    if (job.state === "failed" || job.state === "cancelled") throw refusalFrom(job.error, 500);
  }
  if (ready) download(`${mediaUrl("raw_clip", clip_id)}?download=true`);
}

export interface ExportAsked {
  readonly minimum_rating: number;
  readonly order: "time" | "best";
  readonly title: string;
}

export async function beginExport(game_id: string, body: ExportAsked): Promise<void> {
  await answered(api.POST("/api/games/{game_id}/exports", { params: { path: { game_id } }, body }));
  watchJobs();
}

/** Begin a project of clips in this order; return its id. */
export async function beginProject(clip_ids: readonly string[]): Promise<string> {
  const body = { id: newId(), clip_ids: [...clip_ids], order: "given" as const };
  const { id } = await answered(api.POST("/api/projects", { body }));
  void queries.invalidateQueries({ queryKey: names.projects });
  return id;
}
