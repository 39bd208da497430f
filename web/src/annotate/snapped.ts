/** Clips that were put onto their footage's own clock and frames: what was done to them before can still be undone. */

import { type Change, equal } from "../editing/diff.ts";
import type { Deed, History } from "../editing/history.ts";
import type { Json } from "../reel/errors.ts";
import { isSnap, type Stretch } from "../saving/clips.ts";
import type { Clip, Document } from "./document.ts";

/** Return the history with the stretches that only the service has changed, as it has them now. */
export function historyOnFrames(history: History, was: Document, is: Document): History {
  const before = new Map(was.clips.map((clip) => [clip.id, clip.stretch]));
  const snaps = is.clips.flatMap(({ id, stretch }) => {
    const old = before.get(id);
    return old && isSnap(old, stretch) ? [{ id, from: old, to: stretch }] : [];
  });
  return snaps.reduce(({ past, future }, snap) => {
    const all = (deeds: readonly Deed[]) => deeds.map((deed) => ({ ...deed, changes: moved(deed.changes, snap) }));
    return { past: all(past), future: all(future) };
  }, history);
}

interface Snap {
  readonly id: string;
  readonly from: Stretch;
  readonly to: Stretch;
}

/** A whole clip that came or went, or its stretch that changed. */
function moved(changes: readonly Change[], { id, from, to }: Snap): readonly Change[] {
  return changes.map((change) => {
    if (!change.path.includes(`#${id}`)) return change;
    const mine = (value: Json | undefined): Json | undefined => {
      if (equal(value, from)) return to;
      const clip = value as Clip | undefined;
      return clip && typeof clip === "object" && equal(clip.stretch, from) ? { ...clip, stretch: to } : value;
    };
    const [was, is] = [mine(change.before), mine(change.after)];
    return {
      path: change.path,
      ...(was === undefined ? {} : { before: was }),
      ...(is === undefined ? {} : { after: is }),
    };
  });
}
