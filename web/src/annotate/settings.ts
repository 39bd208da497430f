/** How a new clip is cut out around the playhead: the account's settings, as they are and as they are changed. */

import { useQuery } from "@tanstack/react-query";
import { answered, api } from "../api/client.ts";
import { isRefusal } from "../api/errors.ts";
import { queries } from "../api/queries.ts";
import { type Around, USUAL_AROUND } from "./marking.ts";

export interface MarkSettings extends Around {
  /** Those of clips that are begun by a tag. */
  readonly tag_times: Readonly<Record<string, Around>>;
  readonly own_tags: readonly string[];
  readonly minimum_rating: number;
  readonly revision: number;
}

const NAME = ["account", "marking"];
const AT_FIRST: MarkSettings = { ...USUAL_AROUND, tag_times: {}, own_tags: [], minimum_rating: 4, revision: 0 };

export function useMarkSettings(): MarkSettings {
  const { data } = useQuery({ queryKey: NAME, queryFn: readSettings, staleTime: 60_000 });
  return data ?? AT_FIRST;
}

/** Return the times of a clip that is begun by a tag, or by none. */
export function aroundOf(settings: MarkSettings, tag?: string): Around {
  return (tag === undefined ? undefined : settings.tag_times[tag]) ?? settings;
}

/** Save what is different. Raises what the API says no with. */
export async function changeSettings(change: Partial<Omit<MarkSettings, "revision">>): Promise<void> {
  const before = queries.getQueryData<MarkSettings>(NAME) ?? AT_FIRST;
  queries.setQueryData(NAME, { ...before, ...change });
  try {
    await save(change, before.revision);
  } catch (error) {
    if (!isRefusal(error, "stale_revision")) {
      queries.setQueryData(NAME, before);
      throw error;
    }
    await save(change, (await readSettings()).revision); // changed elsewhere since: these fields are ours
  }
}

async function save(change: Partial<Omit<MarkSettings, "revision">>, revision: number): Promise<void> {
  const { tag_times, own_tags, ...rest } = change;
  const settings = {
    ...rest,
    ...(tag_times ? { tag_times: Object.fromEntries(Object.entries(tag_times)) } : {}),
    ...(own_tags ? { own_tags: [...own_tags] } : {}),
    revision,
  };
  const said = await answered(api.PATCH("/api/account", { body: { settings } }));
  queries.setQueryData(NAME, said);
}

async function readSettings(): Promise<MarkSettings> {
  return (await answered(api.GET("/api/account"))).settings;
}
