/** How a project's edit goes to the API: whole, with the revisions that it began from; the server merges part by part. */

import type { ApiError } from "../api/errors.ts";
import type { Fields, Write } from "../editing/saves.ts";
import type { Outcome } from "./saver.ts";

const THING = "edit/";

export function editThing(project_id: string): string {
  return `${THING}${project_id}`;
}

/** Return the project's id that a thing is the edit of; null for another kind of thing. */
export function projectOf(thing: string): string | null {
  return thing.startsWith(THING) ? thing.slice(THING.length) : null;
}

/** Return the write that makes `after` out of `before`, both whole. */
export function editWrite(project_id: string, before: Fields, after: Fields): Write {
  const path = `/api/projects/${project_id}/edit`;
  return { thing: editThing(project_id), kind: "replace", path, fields: after, base: before };
}

/** What a refusal of an edit's save means. */
export function refusedEdit({ status, code, message, details }: ApiError): Outcome {
  if (status === 404) return { kind: "gone", message: "This project was deleted elsewhere." };
  const current = details.current as Fields | undefined;
  if (code !== "stale_project" || !current) return { kind: "refused", message };
  return { kind: "stale", current, revision: editRevision(current) ?? 0, message };
}

/** Return a saved edit's revision. */
export function editRevision(said: unknown): number | null {
  const { head_revision } = (said ?? {}) as { readonly head_revision?: unknown };
  return typeof head_revision === "number" ? head_revision : null;
}
