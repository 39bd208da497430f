/** What the server says, as react-query keeps it: its client and the names under which each thing is kept. */

import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./errors.ts";

/** The names: what begins with the same words is forgotten together, so that `["games"]` is every game. */
export const names = {
  session: ["session"],
  version: ["version"],
  games: ["games"],
  game: (id: string) => ["games", id],
  clips: (game: string) => ["games", game, "clips"],
  ptsmap: (source: string) => ["ptsmap", source],
  projects: ["projects"],
  project: (id: string) => ["projects", id],
  athletes: ["athletes"],
  devices: ["devices"],
  reels: ["reels"],
} as const;

/** The one client: what was read is fresh for a moment, and asked for again when the window is looked at. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5000,
      retry: (count, error) => !(error instanceof ApiError && error.status < 500) && count < 2,
      networkMode: "always", // a service on this machine is there without a network
    },
    mutations: { retry: false, networkMode: "always" }, // send() tries again by itself, under the same key
  },
});
