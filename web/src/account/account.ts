/** The account, as the server has it: what it holds, who may come in, whose reels it makes, how it is set. */

import { useQuery } from "@tanstack/react-query";
import { allOf, answered, api, newId, type Shown } from "../api/client.ts";
import { isRefusal } from "../api/errors.ts";
import { names, queries } from "../api/queries.ts";
import { refreshSession } from "../api/session.ts";
import { watchJobs } from "../shell/jobs.ts";

export type Account = Shown<"AccountOut">;
export type Settings = Shown<"SettingsOut">;
export type Device = Shown<"DeviceOut">;
export type Athlete = Shown<"AthleteOut">;
export type Job = Shown<"JobOut">;

/** Everything of the account begins with this, the marking's settings of Annotate as well. */
const ACCOUNT = ["account"];
const PACKED = ["account", "packed"];
const TRIES = 3;
const EXPORT_KEPT_MS = 7 * 24 * 3600 * 1000;

export function useAccount() {
  return useQuery({
    queryKey: [...ACCOUNT, "whole"],
    queryFn: ({ signal }) => answered(api.GET("/api/account", { signal })),
  });
}

export function useDevices() {
  return useQuery({
    queryKey: names.devices,
    queryFn: ({ signal }) =>
      allOf((after) =>
        answered(api.GET("/api/session/devices", { params: { query: after ? { after } : {} }, signal })),
      ),
  });
}

/** The archive that was packed last, or is being packed; null if there is none that is still kept. */
export function usePacked() {
  return useQuery({
    queryKey: PACKED,
    queryFn: async ({ signal }) => {
      const { items } = await answered(api.GET("/api/jobs", { params: { query: { limit: 100 } }, signal }));
      const kept = items.find(
        ({ kind, created_at }) => kind === "archive" && Date.now() - Date.parse(created_at) < EXPORT_KEPT_MS,
      );
      return kept ?? null;
    },
  });
}

export async function signOutDevice(device_id: string): Promise<void> {
  await answered(api.DELETE("/api/session/devices/{device_id}", { params: { path: { device_id } } }));
  await queries.invalidateQueries({ queryKey: names.devices });
}

/** Sign this browser out: nothing that it knew stays in the page. */
export async function signOut(): Promise<void> {
  await answered(api.DELETE("/api/session"));
  location.assign("/");
}

export async function makeCode(): Promise<string> {
  const { code } = await answered(api.POST("/api/account/recovery-code"));
  await refreshSession();
  return code;
}

/** Come into the account that a recovery code is of. */
export async function recover(code: string, leave_behind: boolean): Promise<void> {
  await answered(api.POST("/api/session/recover", { body: { code, leave_behind } }));
  location.assign("/"); // all that this page knew was of whoever this browser was before
}

export interface AthleteSaid {
  readonly name: string;
  readonly shirt_number: number | null;
}

export async function saveAthlete(athlete: Athlete | null, said: AthleteSaid): Promise<void> {
  if (athlete === null) {
    await answered(api.POST("/api/athletes", { body: { id: newId(), ...said } }));
    await refreshSession();
  } else {
    const params = { path: { athlete_id: athlete.id } };
    await answered(api.PATCH("/api/athletes/{athlete_id}", { params, body: { ...said, revision: athlete.revision } }));
  }
  await refreshAthletes();
}

export async function deleteAthlete(athlete_id: string): Promise<void> {
  await answered(api.DELETE("/api/athletes/{athlete_id}", { params: { path: { athlete_id } } }));
  await refreshAthletes();
}

export function refreshAthletes(): Promise<void> {
  return queries.invalidateQueries({ queryKey: names.athletes });
}

/** Return about how many bytes keeping only a game's clips makes free. Raises ApiError where it cannot be done. */
export async function freedBy(game_id: string): Promise<number> {
  const path = { game_id };
  return (await answered(api.GET("/api/games/{game_id}/keep-only-clips", { params: { path } }))).freed_bytes;
}

export async function keepOnlyClips(game_id: string): Promise<void> {
  await answered(api.POST("/api/games/{game_id}/keep-only-clips", { params: { path: { game_id } } }));
  watchJobs();
}

export type SettingsChange = Partial<
  Pick<Settings, "lead_ms" | "lag_ms" | "minimum_rating" | "aspect" | "look"> & { own_tags: string[] }
>;

let saving: Promise<unknown> = Promise.resolve();

/** Save what is different, one change after the other; what was changed elsewhere meanwhile stays, but for these. */
export function changeSettings(change: SettingsChange): Promise<void> {
  const after = saving.then(() => save(change));
  saving = after.catch(() => undefined);
  return after;
}

async function save(change: SettingsChange): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const { revision } = (await answered(api.GET("/api/account"))).settings;
    try {
      await answered(api.PATCH("/api/account", { body: { settings: { ...change, revision } } }));
      break;
    } catch (error) {
      if (tries === TRIES || !isRefusal(error, "stale_revision")) throw error;
    }
  }
  await refreshAccount();
}

export function refreshAccount(): Promise<void> {
  return queries.invalidateQueries({ queryKey: ACCOUNT });
}

/** Begin to pack everything. */
export async function pack(originals: boolean): Promise<void> {
  const job = await answered(api.POST("/api/account/export", { body: { originals } }));
  queries.setQueryData(PACKED, job);
  watchJobs();
}

export async function deleteAccount(): Promise<void> {
  await answered(api.DELETE("/api/account", { body: { confirm: "delete" } }));
  location.assign("/");
}
