import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { contrast } from "./contrast.ts";

const TEXT = 4.5;
const LINE = 3;

const GROUNDS = ["ground", "surface", "raised", "hover", "selected", "doubtful", "lost"];
const TEXTS = ["text", "quiet", "go", "doubt", "loss"];
const LINES = ["outline", "focus", "accent"]; // of controls: what has no line but its fill, too
/** Fills, each with the text that stands on it. */
const FILLS: Readonly<Record<string, string>> = {
  accent: "on-accent",
  "accent-hover": "on-accent",
  danger: "on-danger",
  "danger-hover": "on-danger",
  amber: "on-amber",
  picture: "on-scrim",
  ...Object.fromEntries([1, 2, 3, 4, 5].map((rating) => [`rating-${rating}`, `on-rating-${rating}`])),
};
const WITHOUT_TEXT = ["line", "outline", "scrim", "transparent", "current"];

const here = (path: string) => new URL(path, import.meta.url);

/** Return each token's colour on light and on dark. */
function tokens(css: string): Readonly<Record<string, { light: string; dark: string }>> {
  const found = css.matchAll(/--([\w-]+): (?:light-dark\((#\w{6}), (#\w{6})\)|(#\w{6}));/g);
  return Object.fromEntries(
    [...found].map(([, name, light, dark, both]) => [name, { light: light ?? both ?? "", dark: dark ?? both ?? "" }]),
  );
}

const COLOURS = tokens(readFileSync(here("tokens.css"), "utf-8"));

test("contrast is that of the standard's own examples", () => {
  expect(contrast("#000000", "#ffffff")).toBe(21);
  expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
  expect(contrast("#ff0000", "#00ff00")).toBeCloseTo(2.91, 2);
  expect(() => contrast("red", "#ffffff")).toThrow(RangeError);
});

describe.each(["light", "dark"] as const)("on %s", (theme) => {
  const colour = (name: string) => COLOURS[name]?.[theme] ?? name;
  const weak = (pairs: readonly (readonly [string, string])[], least: number) =>
    pairs
      .map(([above, below]) => ({ above, below, is: contrast(colour(above), colour(below)) }))
      .filter(({ is }) => is < least)
      .map(({ above, below, is }) => `${above} on ${below}: ${is.toFixed(2)}`);
  const on = (above: readonly string[]) => above.flatMap((one) => GROUNDS.map((ground) => [one, ground] as const));

  test("every text is read on every ground", () => {
    expect(weak(on(TEXTS), TEXT)).toEqual([]);
  });

  test("every fill's text is read on it", () => {
    const pairs = Object.entries(FILLS).map(([fill, text]) => [text, fill] as const);
    expect(weak(pairs, TEXT)).toEqual([]);
  });

  test("what outlines a control is seen", () => {
    expect(weak(on(LINES), LINE)).toEqual([]);
  });
});

test("the product's colours are what they were decided to be", () => {
  const decided = { ground: "#0b100e", surface: "#121a17", raised: "#1b2622", line: "#2a3833", text: "#eaf2ee" };
  const more = { quiet: "#9db0a7", accent: "#3ddc84", amber: "#ffb020", danger: "#ff5a52" };
  for (const [name, colour] of Object.entries({ ...decided, ...more })) expect(COLOURS[name]?.dark).toBe(colour);
});

/** Return the class names of one source: every word in its strings. */
function classesIn(source: string): readonly (readonly string[])[] {
  const strings = source.match(/"[^"\n]*"|`[^`]*`/g) ?? [];
  return strings.map((text) =>
    text
      .slice(1, -1)
      .split(/[\s${}]+/)
      .map((word) => word.replace(/^(?:[\w-]+(?:\[[^\]]*\])?:)+/, "")),
  );
}

const SOURCES = readdirSync(here(".."), { recursive: true, encoding: "utf-8" })
  .filter((name) => name.endsWith(".tsx"))
  .map((name) => ({ name, text: readFileSync(here(`../${name}`), "utf-8") }));

describe.each(SOURCES)("$name", ({ text }) => {
  const named = (kind: string) =>
    classesIn(text).flatMap((words) =>
      words.filter((word) => word.startsWith(`${kind}-`)).map((word) => word.slice(kind.length + 1)),
    );
  const colours = (kind: string) => named(kind).filter((name) => name in COLOURS || name.startsWith("rating"));

  test("uses colours of the tokens only, as what they are tested for", () => {
    expect(text).not.toMatch(/#[0-9a-f]{6}\b|rgba?\(/i);
    const texts = [...TEXTS, ...Object.values(FILLS)];
    expect(colours("text").filter((name) => !texts.includes(name))).toEqual([]);
    const grounds = [...GROUNDS, ...Object.keys(FILLS), ...WITHOUT_TEXT];
    expect(colours("bg").filter((name) => !grounds.includes(name))).toEqual([]);
  });

  test("puts on a fill the text that belongs there", () => {
    const wrong = classesIn(text).flatMap((words) =>
      words
        .filter(
          (word) => word.startsWith("bg-") && word.slice(3) in FILLS && words.some((one) => one.startsWith("text-")),
        )
        .filter((word) => !words.includes(`text-${FILLS[word.slice(3)]}`)),
    );
    expect(wrong).toEqual([]);
  });
});
