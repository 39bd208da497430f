import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { SENTENCES } from "./errors.ts";

test("codes and sentences are those of reel/errors.py", () => {
  const python = readFileSync(new URL("../../../reel/errors.py", import.meta.url), "utf-8");
  const classes = [...python.matchAll(/^class \w+\(\w+\):\n {4}"""(.+?)"""\n\n {4}code = "(\w+)"/gm)];
  const sentences = Object.fromEntries(classes.map(([, sentence, code]) => [code, sentence]));
  expect(Object.keys(sentences).length).toBeGreaterThan(30);
  expect(SENTENCES).toEqual(Object.fromEntries(Object.keys(SENTENCES).map((code) => [code, sentences[code]])));
});
