/** Keeping what is edited current: what other tabs and devices save is read again. */

import type { Saved } from "../shell/elsewhere.ts";
import type { Saver } from "./saver.ts";

/** What another device changed is asked for so often while nothing else tells. */
const AGAIN_MS = 30_000;
const CHANNEL = "reel.saved";

/** Read again as another tab saves one of these things, as the page is looked at, and now and then. Returns what stops it. */
export function staysCurrent(saver: Saver, isMine: (thing: string) => boolean, read: () => Promise<void>): () => void {
  const refresh = () => {
    if (!document.hidden) void read().catch(() => undefined); // the banner tells that nobody answers
  };
  const stops = [heardElsewhere(saver, isMine, refresh), onShown(refresh), everyNowAndThen(refresh)];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Return a text that is kept over reloads; null where there is none, or a browser that keeps nothing. */
export function keptText(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function keepText(key: string, text: string): void {
  try {
    localStorage.setItem(key, text);
  } catch {
    // It holds until the page is left.
  }
}

/** This tab hears itself as well, and knows what it saved. */
function heardElsewhere(saver: Saver, isMine: (thing: string) => boolean, refresh: () => void): () => void {
  if (typeof BroadcastChannel === "undefined") return () => undefined;
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data: { thing, revision } }: MessageEvent<Saved>) => {
    if (isMine(thing) && saver.saves.revisions[thing] !== revision) refresh();
  };
  return () => channel.close();
}

function onShown(refresh: () => void): () => void {
  document.addEventListener("visibilitychange", refresh);
  window.addEventListener("focus", refresh);
  return () => {
    document.removeEventListener("visibilitychange", refresh);
    window.removeEventListener("focus", refresh);
  };
}

function everyNowAndThen(refresh: () => void): () => void {
  const timer = setInterval(refresh, AGAIN_MS);
  return () => clearInterval(timer);
}
