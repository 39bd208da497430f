/** The list of clips: which are shown, in which order. */

import { RATING_VALUES, type RatingValue, TAGS } from "../reel/annotation.ts";
import { type Clip, shownName } from "./document.ts";

export const ORDERS = ["time", "best", "newest"] as const;
export type Order = (typeof ORDERS)[number];
export const ORDER_NAMES: Readonly<Record<Order, string>> = {
  time: "By time",
  best: "Best first",
  newest: "Newest first",
};

/** What is shown: those with one of the ratings and all of the tags, whose words hold the text. */
export interface Filter {
  readonly least: RatingValue;
  readonly tags: readonly string[];
  readonly text: string;
}

export const EVERYTHING: Filter = { least: 1, tags: [], text: "" };

/** A clip in the list: with its place on the game's clock. */
export interface Row {
  readonly clip: Clip;
  readonly in_tick: number;
  readonly out_tick: number;
}

export function isOpen({ least, tags, text }: Filter): boolean {
  return least === 1 && tags.length === 0 && text.trim() === "";
}

/** Return the rows that a filter lets through, ordered. */
export function listed(rows: readonly Row[], { least, tags, text }: Filter, order: Order): readonly Row[] {
  const wanted = text.trim().toLowerCase();
  const shown = rows.filter(
    ({ clip }) =>
      clip.rating >= least &&
      tags.every((tag) => clip.tags.includes(tag)) &&
      (wanted === "" || words(clip).includes(wanted)),
  );
  const byTime = (a: Row, b: Row) =>
    a.in_tick - b.in_tick || a.out_tick - b.out_tick || (a.clip.id < b.clip.id ? -1 : 1);
  if (order === "time") return shown.sort(byTime);
  if (order === "best") return shown.sort((a, b) => b.clip.rating - a.clip.rating || byTime(a, b));
  return shown.sort((a, b) => (a.clip.id < b.clip.id ? 1 : -1)); // ids sort by the moment of their making
}

/** Return the tags that clips carry, those that are offered first, then by how often. */
export function tagsIn(clips: readonly Clip[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const tag of clips.flatMap((clip) => clip.tags)) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  const offered = Object.values(TAGS).flat();
  const place = (tag: string) => (offered.includes(tag) ? offered.indexOf(tag) : offered.length);
  return [...counts.keys()].sort((a, b) => place(a) - place(b) || (counts.get(b) ?? 0) - (counts.get(a) ?? 0));
}

/** Return how many clips each rating has. */
export function ratingCounts(clips: readonly Clip[]): ReadonlyMap<RatingValue, number> {
  return new Map(RATING_VALUES.map((rating) => [rating, clips.filter((clip) => clip.rating === rating).length]));
}

function words(clip: Clip): string {
  return [shownName(clip), clip.notes, ...clip.tags].join("\n").toLowerCase();
}
