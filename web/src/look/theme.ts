/** Dark or light: what the device says, until someone chooses. */

import { create } from "zustand";

export const THEMES = ["system", "dark", "light"] as const;
export type Theme = (typeof THEMES)[number];

const KEY = "reel.theme";

interface Chosen {
  readonly theme: Theme;
  readonly choose: (theme: Theme) => void;
}

export const useTheme = create<Chosen>((set) => ({
  theme: remembered(),
  choose: (theme) => {
    show(theme);
    remember(theme);
    set({ theme });
  },
}));

/** Show the theme that was chosen, before the first picture of the page. */
export function showChosenTheme(): void {
  show(useTheme.getState().theme);
}

function show(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

// A browser that keeps nothing (a private window, a full disk) throws: then the device decides.

function remembered(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return THEMES.find((theme) => theme === kept) ?? "system";
  } catch {
    return "system";
  }
}

function remember(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // It holds until the page is left.
  }
}
