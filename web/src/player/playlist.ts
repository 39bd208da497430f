/** Playing parts of a game: one span over and over, or only the clips, one after another. */

import type { Span } from "../reel/timing.ts";

/** What to do at a moment: nothing, go on elsewhere, or stop. */
export type Next = { readonly kind: "stay" | "stop" } | { readonly kind: "jump"; readonly to: number };

const STAY: Next = { kind: "stay" };
const STOP: Next = { kind: "stop" };

/** Return spans in order, those that touch or overlap as one: nothing is shown twice. */
export function joined(spans: readonly Span[]): readonly Span[] {
  const ordered = [...spans].sort((a, b) => a.in_pts - b.in_pts);
  const made: Span[] = [];
  for (const span of ordered) {
    const last = made.at(-1);
    if (last && span.in_pts <= last.out_pts) {
      made[made.length - 1] = { in_pts: last.in_pts, out_pts: Math.max(last.out_pts, span.out_pts) };
    } else made.push(span);
  }
  return made;
}

/** Return what to do while only `spans` (in order, apart) are played, at a tick; `slack` is about half a frame. */
export function among(spans: readonly Span[], at: number, slack = 0): Next {
  for (const { in_pts, out_pts } of spans) {
    if (at + slack >= out_pts) continue;
    return at + slack >= in_pts ? STAY : { kind: "jump", to: in_pts };
  }
  return STOP;
}

/** Return what to do while a span is looped. Moments before it play on into it, so that one can lead into it. */
export function looping({ in_pts, out_pts }: Span, at: number, slack = 0): Next {
  return at + slack >= out_pts ? { kind: "jump", to: in_pts } : STAY;
}
