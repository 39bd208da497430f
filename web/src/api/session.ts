/** Who this browser is. It becomes a guest with its first write; until then there is nothing to ask for. */

import { useQuery } from "@tanstack/react-query";
import { allOf, answered, api } from "./client.ts";
import { names, queries } from "./queries.ts";

/** The session: its `user` is null until this browser wrote something. */
export function useSession() {
  return useQuery({
    queryKey: names.session,
    queryFn: ({ signal }) => answered(api.GET("/api/session", { signal })),
    staleTime: 60_000,
  });
}

/** The athletes of this account; none while there is no session. */
export function useAthletes() {
  const session = useSession();
  return useQuery({
    queryKey: names.athletes,
    queryFn: ({ signal }) =>
      allOf((after) => answered(api.GET("/api/athletes", { params: { query: after ? { after } : {} }, signal }))),
    enabled: Boolean(session.data?.user),
  });
}

/** Ask anew who this browser is: after its first write it is somebody. */
export async function refreshSession(): Promise<void> {
  await queries.invalidateQueries({ queryKey: names.session });
}
