/** Reels, as the server has them: read, renamed, deleted, shared, made small. */

import { useQuery } from "@tanstack/react-query";
import { allOf, answered, api, newId, type Shown } from "../api/client.ts";
import { isRefusal } from "../api/errors.ts";
import { names, queries } from "../api/queries.ts";
import { watchJobs } from "../shell/jobs.ts";

export type Reel = Shown<"ReelOut">;
export type Version = Shown<"VersionOut">;
export type Share = Shown<"ShareOut">;
export type Shared = Shown<"SharedOut">;
export type OtherFile = Shown<"FileOut">;

const of = (id: string) => [...names.reels, id];
const path = (id: string) => ({ path: { id } });
const all = (after: string | undefined) => ({ limit: 100, ...(after ? { after } : {}) });

/** All finished reels, the newest first. */
export function useReels() {
  return useQuery({
    queryKey: names.reels,
    queryFn: ({ signal }) =>
      allOf((after) => answered(api.GET("/api/reels", { params: { query: all(after) }, signal }))),
  });
}

/** One reel. */
export function useReel(id: string) {
  return useQuery({
    queryKey: of(id),
    queryFn: ({ signal }) => answered(api.GET("/api/reels/{id}", { params: path(id), signal })),
    initialData: () => queries.getQueryData<readonly Reel[]>(names.reels)?.find((reel) => reel.id === id),
    initialDataUpdatedAt: () => queries.getQueryState(names.reels)?.dataUpdatedAt,
  });
}

/** All its versions, the newest first. */
export function useVersions(id: string) {
  return useQuery({
    queryKey: [...of(id), "versions"],
    queryFn: ({ signal }) =>
      allOf((after) =>
        answered(api.GET("/api/reels/{id}/versions", { params: { ...path(id), query: all(after) }, signal })),
      ),
  });
}

/** What else there is to download around it. */
export function useFiles(id: string) {
  return useQuery({
    queryKey: [...of(id), "files"],
    queryFn: ({ signal }) => answered(api.GET("/api/reels/{id}/files", { params: path(id), signal })),
    select: ({ items }) => items,
  });
}

/** The links to it that were given out, the newest first, also those that are closed. */
export function useShares(reel_id: string) {
  return useQuery({
    queryKey: [...of(reel_id), "shares"],
    queryFn: ({ signal }) =>
      allOf((after) =>
        answered(api.GET("/api/reels/{reel_id}/shares", { params: { path: { reel_id }, query: all(after) }, signal })),
      ),
  });
}

/** Return the first name of whom a reel is of, as far as anybody said; "" else. */
export async function firstNameOf({ project_id }: Reel): Promise<string> {
  try {
    if (project_id === null) return "";
    const { athlete_id } = await answered(api.GET("/api/projects/{id}", { params: path(project_id) }));
    if (athlete_id === null) return "";
    const athlete = await answered(api.GET("/api/athletes/{athlete_id}", { params: { path: { athlete_id } } }));
    return athlete.name.split(/\s+/)[0] ?? "";
  } catch (error) {
    if (isRefusal(error, "not_found")) return "";
    throw error;
  }
}

export async function renameReel({ id, revision }: Reel, name: string): Promise<void> {
  const reel = await answered(api.PATCH("/api/reels/{id}", { params: path(id), body: { revision, name } }));
  queries.setQueryData(of(id), reel);
  await refreshReels();
}

export async function deleteReel(id: string): Promise<void> {
  await answered(api.DELETE("/api/reels/{id}", { params: path(id) }));
  queries.setQueryData<readonly Reel[]>(names.reels, (reels) => reels?.filter((reel) => reel.id !== id));
  await queries.invalidateQueries({ queryKey: names.reels, exact: true });
  queries.removeQueries({ queryKey: of(id) });
}

export interface ShareAsked {
  readonly days: number;
  readonly download: boolean;
  readonly shown_name: string;
}

/** Make a link to a reel. */
export async function makeShare(reel_id: string, asked: ShareAsked): Promise<Shared> {
  const body = { id: newId(), ...asked };
  const made = await answered(api.POST("/api/reels/{reel_id}/shares", { params: { path: { reel_id } }, body }));
  await queries.invalidateQueries({ queryKey: [...of(reel_id), "shares"] });
  return made;
}

/** Return a link's address once more; null if it was made by another browser: nobody keeps it. */
export async function addressOf({ id, reel_id, download, shown_name }: Share): Promise<Shared | null> {
  try {
    const body = { id, download, shown_name };
    return await answered(api.POST("/api/reels/{reel_id}/shares", { params: { path: { reel_id } }, body }));
  } catch (error) {
    if (isRefusal(error, "already_exists")) return null;
    throw error;
  }
}

export async function revokeShare({ id, reel_id }: Share): Promise<void> {
  await answered(api.DELETE("/api/shares/{share_id}", { params: { path: { share_id: id } } }));
  await queries.invalidateQueries({ queryKey: [...of(reel_id), "shares"] });
}

/** Ask for the copy for messengers; return the job that makes it, null if it is there. */
export async function askSmallCopy(id: string): Promise<string | null> {
  const { job } = await answered(api.POST("/api/reels/{id}/small-copy", { params: path(id) }));
  if (job) watchJobs();
  else await refreshReels();
  return job?.id ?? null;
}

/** Ask for every reel anew. */
export function refreshReels(): Promise<void> {
  return queries.invalidateQueries({ queryKey: names.reels });
}
