/** The one registry of keys: it feeds the handlers, the tooltips and the sheet that `?` opens. */

import { useEffect, useRef } from "react";
import { create } from "zustand";
import { strokeName } from "../editing/hotkeys.ts";

/** Something that a key does. */
export interface Hotkey {
  /** As strokeName says them; any of them does it: ["Space", "K"]. */
  readonly keys: readonly string[];
  /** What it does, as the sheet says it: "Play or pause". */
  readonly label: string;
  /** Under which heading of the sheet. */
  readonly group: string;
  readonly run: (event: KeyboardEvent) => void;
  /** Held down it is done again and again. */
  readonly repeats?: boolean;
}

interface Registry {
  /** What is there now, those that came last first: they win. */
  readonly sets: readonly { readonly id: number; readonly hotkeys: readonly Hotkey[] }[];
}

export const useRegistry = create<Registry>(() => ({ sets: [] }));

let last = 0;

/** Let keys do something for as long as a component stands. */
export function useHotkeys(hotkeys: readonly Hotkey[]): void {
  const current = useRef(hotkeys);
  current.current = hotkeys;
  const said = JSON.stringify(hotkeys.map(({ keys, label, group, repeats }) => [keys, label, group, repeats]));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the set is told anew when what the sheet says of it changes
  useEffect(() => {
    last += 1;
    const id = last;
    const standing = current.current.map((hotkey, index) => ({
      ...hotkey,
      run: (event: KeyboardEvent) => current.current[index]?.run(event),
    }));
    useRegistry.setState(({ sets }) => ({ sets: [{ id, hotkeys: standing }, ...sets] }));
    return () => useRegistry.setState(({ sets }) => ({ sets: sets.filter((one) => one.id !== id) }));
  }, [said]);
}

/** Follow the keyboard. Returns what stops that. */
export function followKeys(): () => void {
  window.addEventListener("keydown", pressed);
  return () => window.removeEventListener("keydown", pressed);
}

function pressed(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || isTaken(event)) return;
  const name = strokeName(event);
  const found = useRegistry
    .getState()
    .sets.flatMap(({ hotkeys }) => hotkeys)
    .find(({ keys }) => keys.includes(name));
  if (!found || (event.repeat && !found.repeats)) return;
  event.preventDefault();
  found.run(event);
}

const FIELDS = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable=true]";
/** What lies over the page and has the keyboard to itself. A list that stands in the page is no such thing. */
const OVER = "[role=dialog], [role=alertdialog], [role=menu], [data-radix-popper-content-wrapper] [role=listbox]";
const MOVED_BY_ARROWS =
  "[role=slider], [role=tab], [role=radio], [role=separator], [role=listbox], [role=grid], input[type=range]";
const PRESSED = "button, a[href], summary, [role=button], [role=switch], [role=checkbox], [role=option], input";

/** Say whether a key belongs to what has the focus. */
function isTaken({ target, key }: KeyboardEvent): boolean {
  if (document.querySelector(OVER) !== null) return true;
  if (!(target instanceof Element)) return false;
  if (target.closest(FIELDS)) return true;
  if (key.startsWith("Arrow") || key === "Home" || key === "End") return target.closest(MOVED_BY_ARROWS) !== null;
  return (key === " " || key === "Enter") && target.closest(PRESSED) !== null;
}
