/** Changes of the same thing in another tab of this browser: told by the tab that saved, heard by the others. */

import { useEffect, useState } from "react";

/** What another tab saved: "game/0197…" at a revision. */
export interface Saved {
  readonly thing: string;
  readonly revision: number;
  readonly at_ms: number;
}

const CHANNEL = "reel.saved";

/** Tell the other tabs that a thing was saved here. */
export function tellSaved(thing: string, revision: number): void {
  if (typeof BroadcastChannel === "undefined") return;
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage({ thing, revision, at_ms: Date.now() } satisfies Saved);
  channel.close();
}

/** The newest save of a thing by another tab that is newer than `revision`; null while there is none. */
export function useSavedElsewhere(thing: string, revision: number): Saved | null {
  const [saved, setSaved] = useState<Saved | null>(null);
  useEffect(() => {
    if (typeof BroadcastChannel === "undefined") return;
    const channel = new BroadcastChannel(CHANNEL);
    channel.onmessage = ({ data }: MessageEvent<Saved>) => {
      if (data.thing === thing) setSaved(data);
    };
    return () => channel.close();
  }, [thing]);
  return saved && saved.thing === thing && saved.revision > revision ? saved : null;
}
