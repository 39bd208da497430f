/** Projects, as the server has them, and what is done to them as a whole. */

import { useQuery } from "@tanstack/react-query";
import { allOf, answered, api, newId, type Shown } from "../api/client.ts";
import { names, queries } from "../api/queries.ts";
import type { Aspect } from "../project/document.ts";

export type ProjectListed = Shown<"ProjectOut">;
export type ClipOut = Shown<"ClipOut">;

const PAGE = 100;

/** All projects, those changed last first. */
export function useProjects() {
  return useQuery({
    queryKey: names.projects,
    queryFn: ({ signal }) =>
      allOf((after) => {
        const query = { limit: PAGE, ...(after ? { after } : {}) };
        return answered(api.GET("/api/projects", { params: { query }, signal }));
      }),
  });
}

/** The clips of a game, by the match. */
export function useClipsOf(game_id: string | null) {
  return useQuery({
    queryKey: names.clips(game_id ?? ""),
    queryFn: ({ signal }) =>
      allOf((after) => {
        const query = { limit: PAGE, ...(after ? { after } : {}) };
        const path = { game_id: game_id ?? "" };
        return answered(api.GET("/api/games/{game_id}/clips", { params: { path, query }, signal }));
      }),
    enabled: game_id !== null,
  });
}

export interface Begun {
  readonly clip_ids: readonly string[];
  readonly aspect: Aspect;
  readonly title: string;
}

/** Begin a project of clips in this order; return its id. Raises ApiError, Unreachable. */
export async function beginProject({ clip_ids, aspect, title }: Begun): Promise<string> {
  const id = newId();
  const named = title.trim() ? { title: title.trim() } : {};
  await answered(
    api.POST("/api/projects", { body: { id, clip_ids: [...clip_ids], order: "given", aspect, ...named } }),
  );
  refreshProjects();
  return id;
}

export async function renameProject({ id, revision }: ProjectListed, title: string): Promise<void> {
  await answered(api.PATCH("/api/projects/{id}", { params: { path: { id } }, body: { revision, title } }));
  refreshProjects();
}

/** Keep the boundaries that places of a project have, whatever was changed in Annotate since. */
export async function keepBoundaries(id: string, revision: number, places: readonly string[]): Promise<void> {
  const body = { revision, keep_boundaries: [...places] };
  await answered(api.PATCH("/api/projects/{id}", { params: { path: { id } }, body }));
}

export async function deleteProject(id: string): Promise<void> {
  await answered(api.DELETE("/api/projects/{id}", { params: { path: { id } } }));
  refreshProjects();
}

export function refreshProjects(): void {
  void queries.invalidateQueries({ queryKey: names.projects });
}
