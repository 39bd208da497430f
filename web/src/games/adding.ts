/** Games come into being: with footage, from a short phone video, as the demo. */

import { answered, api, newId } from "../api/client.ts";
import { sentenceOf } from "../api/errors.ts";
import { type Game, refreshGames } from "../api/games.ts";
import { names, queries } from "../api/queries.ts";
import { refreshSession } from "../api/session.ts";
import { useToasts } from "../look/toast.tsx";
import { watchJobs } from "../shell/jobs.ts";
import { dateHere } from "../shell/times.ts";
import type { Brought } from "../uploads/files.ts";
import { begin } from "../uploads/uploading.ts";
import { titleOf } from "./saying.ts";

/** What a person says of a game. */
export interface Said {
  readonly opponent: string;
  readonly match_date: string | null;
  readonly venue: Game["venue"];
}

const UNKNOWN_TICKS = 90_000; // a second, of the clock of footage that was not looked over yet
const BEST = 5; // gets a project of its own

/** Add a game; its files go up one beside the other, each as the next part. Raises ApiError and Unreachable. */
export async function addGame(said: Said, files: readonly Brought[]): Promise<Game> {
  const game = await answered(api.POST("/api/games", { body: { id: newId(), ...said } }));
  await shown();
  files.forEach((brought, index) => void bring(game.id, index + 1, brought));
  return game;
}

/** Bring a file as a part of a game. What is wrong with it stands on the game's card. */
export async function bring(gameId: string, part: number, { file, handle }: Brought): Promise<void> {
  const begun = await begin({ gameId, part, file, handle });
  if (begun?.how === "already") tellAlready(file, begun.source.game_id);
}

/** Say that a file is there already, and where. */
function tellAlready(file: File, gameId: string): void {
  const game = queries.getQueryData<readonly Game[]>(names.games)?.find(({ id }) => id === gameId);
  const where = game ? titleOf(game) : "another game";
  useToasts.getState().tell({ title: `“${file.name}” is already in ${where}`, text: "Nothing was sent again." });
}

/**
 * Make a game of a short phone video, with all of it as one clip of five stars, which gets a project of its own; while
 * the file is still on its way. Raises ApiError and Unreachable.
 */
export async function addShort({ file, handle }: Brought, lasts_s: number, said?: Said): Promise<Game | null> {
  const usual: Said = { opponent: "", match_date: dateHere(file.lastModified), venue: null };
  const game = await addGame(said ?? usual, []);
  const begun = await begin({ gameId: game.id, part: 1, file, handle });
  if (!begun) return null;
  const { id: source_id, game_id } = begun.source;
  if (begun.how === "already" || game_id !== game.id) {
    await answered(api.DELETE("/api/games/{game_id}", { params: { path: { game_id: game.id } } }));
    await refreshGames();
    tellAlready(file, game_id);
    return null;
  }
  await answered(
    api.POST("/api/games/{game_id}/clips", {
      params: { path: { game_id } },
      body: {
        id: newId(),
        source_id,
        time_base: [1, UNKNOWN_TICKS],
        in_pts: 0,
        out_pts: Math.round(lasts_s * UNKNOWN_TICKS),
        rating: BEST,
      },
    }),
  );
  await Promise.all([refreshGames(), queries.invalidateQueries({ queryKey: names.projects })]);
  return game;
}

/** Add the demo game. Raises ApiError and Unreachable. */
export async function addDemo(): Promise<void> {
  await answered(api.POST("/api/games/demo"));
  await shown();
  watchJobs();
}

/** Change what is said of a game. Raises ApiError, `stale_revision` among them, and Unreachable. */
export async function changeGame({ id: game_id, revision }: Game, said: Said): Promise<void> {
  await answered(api.PATCH("/api/games/{game_id}", { params: { path: { game_id } }, body: { revision, ...said } }));
  await refreshGames();
}

/** Delete a game with its footage and its clips. Raises ApiError and Unreachable. */
export async function deleteGame(game_id: string): Promise<void> {
  await answered(api.DELETE("/api/games/{game_id}", { params: { path: { game_id } } }));
  await Promise.all([refreshGames(), queries.invalidateQueries({ queryKey: names.projects })]);
}

/** Do something with a source whose file could not be used; then ask how it stands. */
export async function mendSource(source_id: string, how: "accept-truncated" | "ingest" | "discard"): Promise<boolean> {
  try {
    const params = { path: { source_id } };
    if (how === "discard") await answered(api.POST("/api/sources/{source_id}/discard", { params }));
    else if (how === "ingest") await answered(api.POST("/api/sources/{source_id}/ingest", { params }));
    else await answered(api.POST("/api/sources/{source_id}/accept-truncated", { params }));
    watchJobs();
    return true;
  } catch (error) {
    useToasts.getState().tell({ title: "That did not work", text: sentenceOf(error), tone: "loss" });
    return false;
  } finally {
    await refreshGames();
  }
}

/** After a first write this browser is somebody, and what it made is to be seen. */
async function shown(): Promise<void> {
  await Promise.all([refreshGames(), refreshSession()]);
}
