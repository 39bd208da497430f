/** Test support: the vectors of tests/golden, which reel/ is held to as well. */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const FOLDER = new URL("../../../tests/golden/", import.meta.url);

/** What is asked of a float: parts of the picture, pixels, opacity. */
export const TOLERANCE = 1e-6;

/** The files of vectors, by name. */
export const FILES = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".json"))
  .map((name) => name.replace(".json", ""));

// Each file has its own form, said in its README; a wrong reading of it fails the tests that read.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Inputs = any;

interface Case {
  readonly name?: string;
  readonly inputs: Inputs;
  readonly expected: unknown;
}

/** Hold functions to every vector of a file: each reads a case's inputs and returns what is compared. */
export function holdTo(file: string, functions: Readonly<Record<string, (inputs: Inputs) => unknown>>): void {
  const groups: Record<string, Case[]> = JSON.parse(readFileSync(new URL(`${file}.json`, FOLDER), "utf-8"));
  describe(`tests/golden/${file}.json`, () => {
    test("each of its lists is read", () => {
      expect(Object.keys(functions).sort()).toEqual(Object.keys(groups).sort());
    });
    for (const [group, cases] of Object.entries(groups)) {
      test.each(cases.map((one, index) => ({ ...one, title: `${group} ${index} ${one.name ?? ""}` })))(
        "$title",
        (one) => {
          expect(differences(functions[group]?.(one.inputs), one.expected)).toEqual([]);
        },
      );
    }
  });
}

/** Return where two values differ: numbers by more than TOLERANCE, whole numbers at all. */
export function differences(found: unknown, wanted: unknown, place = ""): readonly string[] {
  if (typeof wanted === "number" && typeof found === "number") {
    const most = Number.isInteger(wanted) && Number.isInteger(found) ? 0 : TOLERANCE;
    return Math.abs(found - wanted) <= most ? [] : [`${place}: ${found}, not ${wanted}`];
  }
  if (typeof wanted === "object" && wanted && typeof found === "object" && found) {
    const names = new Set([...Object.keys(wanted), ...Object.keys(found)]);
    const [a, b] = [found, wanted].map((one) => one as Record<string, unknown>);
    return [...names].flatMap((name) => differences(a?.[name], b?.[name], `${place}/${name}`));
  }
  return found === wanted ? [] : [`${place}: ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`];
}
