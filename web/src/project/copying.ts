/** A copy of an edit as a project of its own: what a person keeps when someone else changed the same. */

import { answered, api, newId } from "../api/client.ts";
import { copyOf, type Edit } from "./document.ts";

/** Make a new project with this edit; return its id. Raises ApiError, Unreachable. */
export async function copyProject(edit: Edit): Promise<string> {
  const id = newId();
  await answered(api.POST("/api/projects", { body: { id, clip_ids: [], aspect: edit.aspect, order: "given" } }));
  const body = copyOf(edit);
  await answered(api.PUT("/api/projects/{id}/edit", { params: { path: { id } }, body: body as never }));
  return id;
}
