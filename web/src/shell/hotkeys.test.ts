// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { followKeys, useRegistry } from "./hotkeys.ts";

const pressed: string[] = [];
let stop: () => void = () => undefined;

beforeEach(() => {
  const hotkey = (key: string) => ({ keys: [key], label: key, group: "Test", run: () => void pressed.push(key) });
  useRegistry.setState({ sets: [{ id: 1, hotkeys: ["N", "ArrowDown", "Enter", "Space"].map(hotkey) }] });
  stop = followKeys();
});

afterEach(() => {
  stop();
  pressed.length = 0;
  document.body.innerHTML = "";
  useRegistry.setState({ sets: [] });
});

/** Press a key where `at` is, in a page of this. */
function press(page: string, at: string, key: string): boolean {
  document.body.innerHTML = page;
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
  document.querySelector(at)?.dispatchEvent(event);
  return pressed.length > 0;
}

const LIST = "<div role='listbox'><div role='option' tabindex='0'>A clip</div></div>";

describe("keys", () => {
  test("go on while a list stands in the page, also within it", () => {
    expect(press(`<p tabindex='0'></p>${LIST}`, "p", "n")).toBe(true);
    expect(press(LIST, "[role=option]", "n")).toBe(true);
  });

  test.each(["ArrowDown", "Enter", " "])("%j is the list's own where that has the focus", (key) => {
    expect(press(LIST, "[role=option]", key)).toBe(false);
    expect(press("<p tabindex='0'></p>", "p", key)).toBe(true);
  });

  test.each([
    "<div role='dialog'></div>",
    "<div role='alertdialog'></div>",
    "<div role='menu'></div>",
    `<div data-radix-popper-content-wrapper>${LIST}</div>`,
  ])("wait while %s lies over the page", (over) => {
    expect(press(`<p tabindex='0'></p>${over}`, "p", "n")).toBe(false);
  });

  test.each(["input", "textarea", "select"])("wait while one types into %s", (field) => {
    expect(press(`<${field}></${field}>`, field, "n")).toBe(false);
  });
});
