/** Games, as the server has them. */

import { useQuery } from "@tanstack/react-query";
import { allOf, answered, api, type Shown } from "./client.ts";
import { names, queries } from "./queries.ts";

export type Game = Shown<"GameOut">;
export type Source = Shown<"SourceOut">;

/** All games by match date, the newest first. */
export function useGames() {
  return useQuery({ queryKey: names.games, queryFn: ({ signal }) => readGames(signal) });
}

/** One game with its sources. */
export function useGame(game_id: string) {
  return useQuery({
    queryKey: names.game(game_id),
    queryFn: ({ signal }) => answered(api.GET("/api/games/{game_id}", { params: { path: { game_id } }, signal })),
    initialData: () => queries.getQueryData<readonly Game[]>(names.games)?.find(({ id }) => id === game_id),
    refetchOnMount: "always", // who leaves the list while it is asked for anew takes an older one along
  });
}

/** Ask for every game anew, those that are shown at once. */
export function refreshGames(): Promise<void> {
  return queries.invalidateQueries({ queryKey: names.games });
}

function readGames(signal: AbortSignal): Promise<readonly Game[]> {
  return allOf((after) =>
    answered(api.GET("/api/games", { params: { query: { limit: 100, ...(after ? { after } : {}) } }, signal })),
  );
}
