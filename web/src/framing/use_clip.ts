/** The clip that is framed on the clock of its screen: the stretch around it, and how it plays. */

import { useEffect, useMemo, useRef } from "react";
import { clockOf, type GameClock, tickAt } from "../player/game.ts";
import type { Player } from "../player/player.ts";
import type { EditClip } from "../project/document.ts";
import type { RatingValue } from "../reel/annotation.ts";
import type { Span } from "../reel/timing.ts";
import type { Ground } from "../timeline/footage.ts";
import { type Pictures, type Scene, sceneOf } from "../timeline/scene.ts";
import { reachOf } from "./shaping.ts";
import { speedAt, timesOf } from "./speeding.ts";

/** What stands in for the clock while there is no footage: a quiet ten seconds. */
export const NO_CLOCK = clockOf([
  { source_id: "", part: 1, time_base: [1, 1000], span: { in_pts: 0, out_pts: 10_000 } },
]) as GameClock;

/** Return the clock of the stretch around a clip; the same one while the clip is trimmed inside it. */
export function useClipClock(clip: EditClip | null, ground: Ground | null): GameClock | null {
  const last = useRef<{ readonly id: string; readonly reach: Span } | null>(null);
  const reach = useMemo(() => {
    if (!clip || !ground) return null;
    const found = reachOf(clip, ground, last.current?.id === clip.id ? last.current.reach : null);
    last.current = { id: clip.id, reach: found };
    return found;
  }, [clip, ground]);
  const source_id = clip?.source_id ?? "";
  return useMemo(
    () => (reach && ground ? clockOf([{ source_id, part: 1, time_base: ground.time_base, span: reach }]) : null),
    [reach, ground, source_id],
  );
}

/** Return what the timeline shows: the clip in the stretch around it. */
export function useScene(
  clock: GameClock | null,
  clip: EditClip | null,
  { rating, label }: { readonly rating: RatingValue; readonly label: string },
  pictures: ReadonlyMap<string, Pictures>,
  ground: Ground | null,
): Scene {
  return useMemo(() => {
    const span = clip && clock && onClockOf(clock, clip);
    const placed = clip && span ? [{ id: clip.id, ...span, rating, label }] : [];
    return sceneOf(clock ?? NO_CLOCK, placed, clip?.id ?? null, pictures, zeroOf(clock, ground));
  }, [clock, clip, rating, label, pictures, ground]);
}

/** Return how many ticks after its source's first moment a clock begins: times are said as those of the source. */
export function zeroOf(clock: GameClock | null, ground: Ground | null): number {
  const part = clock?.parts[0];
  return part && ground ? Math.round((part.span.in_pts - ground.span.in_pts) * part.ticks) : 0;
}

/** Another clip begins at its beginning. */
export function useStart(player: Player | null, clip: EditClip | null): void {
  const begun = useRef<string | null>(null);
  const id = clip?.id ?? null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a clip that is trimmed does not begin anew
  useEffect(() => {
    if (!player || !clip) return;
    const first = `${clip.id}/${clip.source_id}`;
    if (begun.current === first) return;
    begun.current = first;
    player.loop(null);
    const span = onClockOf(player.clock, clip);
    if (span) player.seek(span.in_pts);
  }, [player, id]);
}

/** The clip is played over and over, or on into what is shown around it. */
export function useLoop(
  player: Player | null,
  clock: GameClock | null,
  clip: EditClip | null,
  isLooped: boolean,
): void {
  const { in_pts, out_pts } = clip ?? { in_pts: 0, out_pts: 0 };
  // biome-ignore lint/correctness/useExhaustiveDependencies: only where it begins and ends counts
  useEffect(() => {
    if (!player || !clip || !clock) return;
    const span = onClockOf(clock, clip);
    if (!span) return;
    if (isLooped) player.loop(span);
    else player.only([clock.span]);
  }, [player, clock, clip?.id, in_pts, out_pts, isLooped]);
}

/** It plays as fast as the reel will there. */
export function useSpeeds(player: Player | null, clip: EditClip | null): void {
  const now = useRef(clip);
  now.current = clip;
  useEffect(() => {
    if (!player) return;
    let last: number | null = null;
    return player.follow(() => {
      if (!now.current || !player.state.getState().playing) {
        last = null;
        return;
      }
      const speed = now.current.speeds[speedAt(now.current, player.place.pts)];
      const times = speed ? timesOf(speed) : 1;
      if (times !== last) player.setSpeed(times); // in between J, K and L have their own
      last = times;
    });
  }, [player]);
}

function onClockOf({ parts }: GameClock, clip: EditClip): Span | null {
  const part = parts.find(({ source_id }) => source_id === clip.source_id);
  return part ? { in_pts: tickAt(part, clip.in_pts), out_pts: tickAt(part, clip.out_pts) } : null;
}
