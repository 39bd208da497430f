/** What is said of a game on its card. */

import type { Game, Source } from "../api/games.ts";
import { saidMoment } from "../editing/said.ts";
import { dateSaid } from "../shell/times.ts";

export const VENUES = { home: "Home", away: "Away", tournament: "Tournament" } as const;

/** Return what a game is called: by its opponent, else by its day. */
export function titleOf({ opponent, match_date, created_at }: Game): string {
  return opponent || `Game of ${dateSaid(match_date ?? created_at.slice(0, 10))}`;
}

/** Return the line below its name: "Sun, 17 May 2026 · Home". */
export function lineOf({ opponent, match_date, venue, demo }: Game): string {
  const said = [match_date && opponent ? dateSaid(match_date) : "", venue && !demo ? VENUES[venue] : ""];
  return said.filter(Boolean).join(" · ");
}

/** Return how long all of a game lasts, in seconds; null before all of it was looked over. */
export function lengthOf({ sources }: Game): number | null {
  const facts = sources.map((source) => source.facts);
  if (facts.length === 0 || facts.includes(null)) return null;
  return facts.reduce((sum, one) => sum + (one ? lastsOf(one) : 0), 0);
}

/** Return the line of its numbers: "1:32:10 · 2 halves · 12 clips". */
export function countsOf(game: Game): string {
  const lasts_s = lengthOf(game);
  const parts = game.sources.length;
  const clips = game.clip_count;
  return [
    lasts_s === null ? "" : saidMoment(lasts_s),
    parts === 2 ? "2 halves" : parts > 2 ? `${parts} parts` : "",
    clips === 0 ? "No clips yet" : clips === 1 ? "1 clip" : `${clips} clips`,
  ]
    .filter(Boolean)
    .join(" · ");
}

/** Return what a part of a game is called: "First half". */
export function partSaid(part: number, of: number): string {
  if (of <= 1) return "Whole match";
  return ["First half", "Second half", "Extra time, first half", "Extra time, second half"][part - 1] ?? `Part ${part}`;
}

/** Return the part that the next file of a game becomes; null while there is room for no more. */
export function nextPart({ sources }: Game): number | null {
  const taken = new Set(sources.map(({ part }) => part));
  return [1, 2, 3, 4, 5, 6, 7, 8].find((part) => !taken.has(part)) ?? null;
}

/** What stands in the way of a source: a sentence, and what the person can do. */
export interface Fault {
  readonly title: string;
  /** For how long it can be used as it is; null where it cannot. */
  readonly usable_s: number | null;
  /** Looking at it once more may help. */
  readonly again: boolean;
}

/** Return what is wrong with a source; null if nothing is. */
export function faultOf({ state, error, name }: Source): Fault | null {
  if (state !== "failed" && state !== "refused") return null;
  const message = typeof error?.message === "string" ? error.message : "This file could not be used.";
  const details = (error?.details ?? {}) as Readonly<Record<string, unknown>>;
  const usable_s = typeof details.usable_s === "number" && details.usable_s >= 1 ? details.usable_s : null;
  if (error?.code === "source_truncated" && usable_s !== null) {
    return { title: `“${name}” ends early at ${saidMoment(usable_s)}.`, usable_s, again: false };
  }
  return { title: `“${name}”: ${message}`, usable_s: null, again: state === "failed" };
}

/** Return how much of a file that ends early can be used: "the first 41 minutes". */
export function usableSaid(usable_s: number): string {
  if (usable_s < 120) return `the first ${Math.floor(usable_s)} seconds`;
  return `the first ${Math.floor(usable_s / 60)} minutes`;
}

function lastsOf({ in_pts, out_pts, time_base: [n, d] }: NonNullable<Source["facts"]>): number {
  return ((out_pts - in_pts) * n) / d;
}
