import { expect, test } from "vitest";
import { type Stroke, shownKeys, strokeName } from "./hotkeys.ts";

const BARE: Stroke = { key: "", code: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };

test.each([
  [{ key: "n", code: "KeyN" }, "N"],
  [{ key: "N", code: "KeyN", shiftKey: true }, "Shift+N"],
  [{ key: " ", code: "Space" }, "Space"],
  [{ key: "?", code: "Slash", shiftKey: true }, "?"],
  [{ key: "+", code: "BracketRight" }, "+"],
  [{ key: "!", code: "Digit1", shiftKey: true }, "Shift+1"],
  [{ key: "&", code: "Digit1" }, "1"], // French: the digits stand above
  [{ key: "5", code: "Numpad5" }, "5"],
  [{ key: "ArrowLeft", code: "Numpad4" }, "ArrowLeft"], // without the number lock
  [{ key: "z", code: "KeyY", ctrlKey: true }, "Mod+Z"], // German: by what is printed
  [{ key: "Z", code: "KeyZ", metaKey: true, shiftKey: true }, "Mod+Shift+Z"],
  [{ key: "ض", code: "KeyQ" }, "Q"], // Arabic: by its place
  [{ key: "ArrowRight", code: "ArrowRight", altKey: true }, "Alt+ArrowRight"],
] as const)("%o is %s", (stroke, name) => {
  expect(strokeName({ ...BARE, ...stroke })).toBe(name);
});

test("keys are shown as they are printed on the machine", () => {
  expect([shownKeys("Mod+Z", true), shownKeys("Mod+Z", false)]).toEqual(["⌘+Z", "Ctrl+Z"]);
});
