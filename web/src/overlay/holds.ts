/** What the reel holds in between: cards before a clip and at the end, freeze-frames (jobs/overlay.py, _insertions). */

import type { EditCard } from "../project/document.ts";
import type { Over } from "./drawer.ts";
import { frozenAt } from "./marks.ts";
import type { Shot } from "./shots.ts";

/** Something that is shown before a frame, for a while. */
export interface Hold {
  readonly frame: number;
  readonly lasts_s: number;
  readonly over: Over;
}

/** Return what is held, in order: the cards before a clip, then its freeze-frame; at the end the cards that stand there. */
export function holdsOf(shots: readonly Shot[], cards: readonly EditCard[], frames: number): readonly Hold[] {
  const cardsAt = (before: string | null, frame: number): readonly Hold[] =>
    cards
      .filter((card) => card.before === before)
      .map((card) => ({ frame, lasts_s: card.duration_s, over: { kind: "card" as const, card } }));
  const held = shots.flatMap((shot) => {
    const before = cardsAt(shot.clip.id, shot.first_frame + Math.floor(shot.lead / 2));
    const frame = frozenAt(shot);
    if (frame === null) return before;
    return [...before, { frame, lasts_s: shot.clip.freeze_s, over: { kind: "freeze" as const, shot } }];
  });
  return [...held, ...cardsAt(null, frames)];
}

/** Return what is held on the way from one frame to the next, that one included. */
export function passed(holds: readonly Hold[], from: number, to: number): readonly Hold[] {
  return holds.filter(({ frame }) => from < frame && frame <= to);
}
