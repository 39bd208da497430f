/** The API, as its own description has it: every path, body and answer is typed. */

import createClient from "openapi-fetch";
import { uuidMaker } from "../editing/ids.ts";
import { refusalFrom } from "./errors.ts";
import type { components, paths } from "./schema.ts";
import { send } from "./sending.ts";

/** A form of the API's by its name: Shown<"GameOut">. */
export type Shown<Name extends keyof components["schemas"]> = components["schemas"][Name];

/**
 * The calls: `await answered(api.GET("/api/games/{game_id}", { params: { path: { game_id } } }))`. A write gets an
 * Idempotency-Key unless it brings one as a header.
 */
export const api = createClient<paths>({ baseUrl: location.origin, fetch: send });

/** Return what a call answers. Raises ApiError if it says no, Unreachable if nothing comes. */
export async function answered<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw refusalFrom(error, response.status);
  return data as T;
}

/** Return every item of a list, page after page. */
export async function allOf<T>(
  page: (after: string | undefined) => Promise<{ readonly items: readonly T[]; readonly next: string | null }>,
): Promise<readonly T[]> {
  const items: T[] = [];
  for (let after: string | undefined; ; ) {
    const { items: more, next } = await page(after);
    items.push(...more);
    if (next === null) return items;
    after = next;
  }
}

/** Make an id: a UUIDv7, in the order of making. */
export const newId: () => string = uuidMaker(
  () => Date.now(),
  (count) => crypto.getRandomValues(new Uint8Array(count)),
);

/** Return where a kind of media of a thing is: it redirects to an address that is good for a while. */
export function mediaUrl(kind: "original" | "proxy" | "window" | "sprite" | "peaks" | "poster" | string, id: string) {
  return `/api/media/${kind}/${id}`;
}
