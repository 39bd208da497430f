/** Keys as people say them ("Shift+ArrowLeft", "Mod+Z", "?"), and which of them an event is. */

/** What an event of the keyboard says; a KeyboardEvent is one. */
export interface Stroke {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

const SPACE = "Space";

/**
 * Return the name of a stroke. Ctrl and the Mac's Command are both "Mod"; a digit is named by its place, since Shift+1
 * is another sign on every keyboard; a letter that is not Latin by its place too; other signs by what they print.
 */
export function strokeName(stroke: Stroke): string {
  const name = bareName(stroke);
  const printed = name.length === 1 && !/[A-Z0-9]/.test(name);
  const held = [
    stroke.ctrlKey || stroke.metaKey ? "Mod" : "",
    stroke.altKey ? "Alt" : "",
    stroke.shiftKey && !printed ? "Shift" : "",
  ];
  return [...held.filter(Boolean), name].join("+");
}

/** Return a key as it is shown on this machine: "Mod" is ⌘ on a Mac. */
export function shownKeys(keys: string, mac: boolean): string {
  return keys.replace("Mod", mac ? "⌘" : "Ctrl").replace("Alt", mac ? "⌥" : "Alt");
}

function bareName({ key, code }: Stroke): string {
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(code)?.[1];
  if (digit !== undefined && (key.length === 1 || code.startsWith("Digit"))) return digit;
  if (key === " ") return SPACE;
  if (/^[a-z]$/i.test(key)) return key.toUpperCase();
  const place = /^Key([A-Z])$/.exec(code)?.[1];
  return key.length === 1 && place !== undefined ? place : key;
}
