import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { coverage, without } from "./coverage.ts";
import { EMOJI, SCRIPTS, writeFaces } from "./scripts.ts";

const FONTS = new URL("../../media/fonts/", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, FONTS));

function has(name: string, character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return coverage(read(name)).some(([first, last]) => first <= code && code <= last);
}

test("a font's map says which characters it has", () => {
  expect([has("inter.ttf", "ß"), has("inter.ttf", "Ж"), has("inter.ttf", "م")]).toEqual([true, true, false]);
  expect([has("noto-sans-arabic.ttf", "م"), has("noto-sans-arabic.ttf", "א")]).toEqual([true, false]);
  expect([has(EMOJI, "⚽"), has(EMOJI, "🏆"), has("noto-sans-cjk.otf", "足"), has("noto-sans-cjk.otf", "🏆")]).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

test("what others have is left out", () => {
  expect(without([[10, 20]], [[12, 14]])).toEqual([
    [10, 11],
    [15, 20],
  ]);
  expect(without([[10, 20]], [[0, 10]])).toEqual([[11, 20]]);
  expect(without([[10, 20]], [[5, 30]])).toEqual([]);
  expect(without([[10, 20]], [[21, 30]])).toEqual([[10, 20]]);
});

test("every font is offered but Inter, and each character by one of them alone", () => {
  const all = readdirSync(FONTS).filter((name) => /\.(?:ttf|otf)$/.test(name) && name !== "inter.ttf");
  expect([...SCRIPTS, EMOJI].sort()).toEqual(all.sort());
  const folder = mkdtempSync(join(tmpdir(), "faces-"));
  writeFaces(
    new URL("inter.ttf", FONTS).pathname,
    [...SCRIPTS, EMOJI].map((name) => new URL(name, FONTS).pathname),
    folder,
  );
  const css = readFileSync(join(folder, "scripts.css"), "utf-8");
  const ranges = [...css.matchAll(/u\+([0-9a-f]+)(?:-([0-9a-f]+))?/g)]
    .map(([, first = "", last]) => [Number.parseInt(first, 16), Number.parseInt(last ?? first, 16)] as const)
    .sort(([a], [b]) => a - b);
  expect(css.match(/@font-face/g)).toHaveLength(all.length);
  expect(ranges.every(([first], at) => first > (ranges[at - 1]?.[1] ?? -1))).toBe(true);
});
