import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

/** Every source of the editor, by its path below src, without the tests. */
const SOURCES = readdirSync(new URL(".", import.meta.url), { recursive: true, encoding: "utf-8" })
  .map((name) => name.replaceAll("\\", "/"))
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => ({ name, text: readFileSync(new URL(name, import.meta.url), "utf-8") }));
const SHIPPED = SOURCES.filter(({ name }) => !/\.test\.tsx?$|^reel\/(golden|refusal)\.ts$/.test(name));

/** Whom each room may import, beside packages: the domain nobody, the editing's state the domain, the look both. */
const SHARED = ["uploads", "api", "look", "editing", "reel"];
const FLOORS: Readonly<Record<string, readonly string[]>> = {
  reel: ["reel"],
  editing: ["editing", "reel"],
  look: ["look", "editing", "reel"],
  kit: ["kit", "look", "reel"],
  api: ["api", "editing", "reel"],
  uploads: SHARED,
  shell: ["shell", ...SHARED],
  saving: ["saving", "shell", ...SHARED],
  project: ["project", "saving", "shell", ...SHARED],
  player: ["player", ...SHARED],
  timeline: ["timeline", "player", ...SHARED],
  // The screens: none imports another
  games: ["games", "shell", ...SHARED],
  annotate: ["annotate", "saving", "player", "timeline", "shell", ...SHARED],
  projects: ["projects", "project", "saving", "player", "timeline", "shell", ...SHARED],
  overlay: ["overlay", "project", "saving", "player", "timeline", "shell", ...SHARED],
  gallery: ["gallery", "shell", ...SHARED],
  account: ["account", "shell", ...SHARED],
  framing: ["framing", "project", "saving", "player", "timeline", "shell", ...SHARED],
  join: ["join", "shell", ...SHARED],
  app: [
    "app",
    "games",
    "annotate",
    "projects",
    "framing",
    "overlay",
    "gallery",
    "account",
    "join",
    "saving",
    "shell",
    ...SHARED,
  ],
};
/** The rooms that only compute: what they need to know of the world they are given. */
const PURE = ["reel", "editing"];
const WORLD =
  /\b(?:document|globalThis|navigator|localStorage|sessionStorage|fetch|setTimeout|setInterval|requestAnimationFrame|process|Buffer)\b(?=[.(])|\bDate\b|Math\.random|crypto\.|\bwindow\.(?:document|location|add|local|set|inner|match)/;

const MOST_LINES = 400; // as for Python: read in one sitting

function roomOf(name: string): string {
  return name.split("/")[0] ?? "";
}

/** Return what a source imports: packages by their names, our own files by their paths below src. */
function importsOf({ name, text }: { readonly name: string; readonly text: string }): readonly string[] {
  return [...text.matchAll(/^(?:import|export) [^;]*?from "([^"]+)";|^import "([^"]+)";/gm)].map(([, from, bare]) => {
    const target = from ?? bare ?? "";
    return target.startsWith(".") ? new URL(target, `file:///${name}`).pathname.slice(1) : target;
  });
}

test("files are short enough to be read", () => {
  expect(
    SOURCES.filter(({ name }) => name !== "api/schema.ts")
      .filter(({ text }) => text.split("\n").length > MOST_LINES)
      .map(({ name }) => name),
  ).toEqual([]);
});

test("what a source imports is seen", () => {
  const text = 'import { a } from "../reel/a.ts";\nimport "./b.css";\nimport type {\n  C,\n} from "react";\n';
  expect(importsOf({ name: "look/x.tsx", text })).toEqual(["reel/a.ts", "look/b.css", "react"]);
});

describe.each(Object.entries(FLOORS))("%s/", (room, allowed) => {
  const here = SHIPPED.filter(({ name }) => roomOf(name) === room);

  test("imports no room above it", () => {
    const faults = here.flatMap((source) =>
      importsOf(source)
        .filter((target) => target.includes("/") && roomOf(target) in FLOORS && !allowed.includes(roomOf(target)))
        .map((target) => `${source.name} imports ${target}`),
    );
    expect(here.length).toBeGreaterThan(0);
    expect(faults).toEqual([]);
  });

  if (!PURE.includes(room)) return;
  test("is pure: no package, no page, no clock, no chance", () => {
    expect("const now = Date.now();").toMatch(WORLD);
    expect('document.title = "x"').toMatch(WORLD);
    expect("undo(history, document)").not.toMatch(WORLD);
    const code = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    expect(here.filter(({ text }) => WORLD.test(code(text))).map(({ name }) => name)).toEqual([]);
    const packages = here.flatMap((source) =>
      importsOf(source).filter((target) => roomOf(target) !== target && !(roomOf(target) in FLOORS)),
    );
    expect(packages).toEqual([]);
    expect(here.flatMap(importsOf).filter((target) => !target.endsWith(".ts"))).toEqual([]);
  });
});
