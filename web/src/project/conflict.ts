/** What two people changed at once, in words. */

import { diff } from "../editing/diff.ts";
import type { Stuck } from "../editing/saves.ts";

const HEAD: Readonly<Record<string, string>> = {
  ".aspect": "the shape",
  ".title": "the title",
  ".rate": "the frame rate",
  ".clips": "the order of the clips",
  ".cards": "the order of the texts",
};

/** Return what both sides changed, in words. */
export function bothChanged({ base, fields, current }: Pick<Stuck, "base" | "fields" | "current">): readonly string[] {
  if (!current) return [];
  const mine = partsOf(diff(base, fields).map(({ path }) => path));
  const theirs = partsOf(diff(base, current).map(({ path }) => path));
  const clips = Array.isArray(fields.clips) ? fields.clips : [];
  const placeOf = (id: string) => clips.findIndex((clip) => (clip as { readonly id?: unknown }).id === id) + 1;
  return [...mine]
    .filter((part) => theirs.has(part))
    .flatMap((part) => {
      const [list = "", id] = part.split("#");
      if (!id) return HEAD[list] ?? [];
      if (list === ".cards") return "a text";
      return placeOf(id) ? `clip ${placeOf(id)}` : "a clip that one of you removed";
    });
}

/** Parts as the server merges them: a member of the head, a clip, a card, an order. */
function partsOf(paths: readonly (readonly string[])[]): ReadonlySet<string> {
  return new Set(paths.map(([first = "", second = ""]) => (second === "#" ? first : `${first}${second}`)));
}

/** Return words as a sentence lists them: "the title, clip 2 and a text". */
export function listed(words: readonly string[]): string {
  const unique = [...new Set(words)].slice(0, 3);
  return unique.length > 1 ? `${unique.slice(0, -1).join(", ")} and ${unique.at(-1)}` : (unique[0] ?? "");
}
