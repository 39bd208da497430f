/** Whether the service has changed under this page: a new release, or parts of this one that are no longer there. */

import { create } from "zustand";
import { answered, api } from "../api/client.ts";

interface Release {
  /** There is a newer one; or this one can no longer be loaded, and only loading it anew helps. */
  readonly state: "current" | "newer" | "gone";
}

export const useRelease = create<Release>(() => ({ state: "current" }));

const LOOK_EVERY_MS = 300_000;

let first: string | null = null;
let looked_ms = Number.NEGATIVE_INFINITY;

/** Look for a newer release whenever the page is looked at again. Returns what stops that. */
export function followRelease(): () => void {
  const look = () => {
    if (!document.hidden && performance.now() - looked_ms > LOOK_EVERY_MS) void compare();
  };
  const lost = () => useRelease.setState({ state: "gone" });
  look();
  document.addEventListener("visibilitychange", look);
  window.addEventListener("vite:preloadError", lost);
  return () => {
    document.removeEventListener("visibilitychange", look);
    window.removeEventListener("vite:preloadError", lost);
  };
}

async function compare(): Promise<void> {
  looked_ms = performance.now();
  try {
    const { version } = await answered(api.GET("/api/version"));
    first ??= version;
    if (version !== first && useRelease.getState().state === "current") useRelease.setState({ state: "newer" });
  } catch {
    // Away just now: the banner for that says so.
  }
}
