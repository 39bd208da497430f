/** The player and the timeline's view of one screen: made once its stage and its clock are there, let go with it. */

import { useEffect, useRef, useState } from "react";
import { ownTimes } from "../player/frames.ts";
import type { GameClock } from "../player/game.ts";
import { Player } from "../player/player.ts";
import { Looking } from "../timeline/looking.ts";
import type { Footage } from "./footage.ts";

export function usePlayerOf(footage: Footage, stage: HTMLElement | null, at: number): Player | null {
  const [player, setPlayer] = useState<Player | null>(null);
  const now = useRef(footage);
  now.current = footage;
  const { clock } = footage;
  const isThere = clock !== null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a clock that is known better is told to the player that is there
  useEffect(() => {
    if (!stage || !clock) return;
    const made = new Player({
      stage,
      clock,
      at,
      playableOf: (part) => now.current.playableOf(part),
      windows: footage.windows,
      windowShows: (window) => {
        const part = now.current.clock?.parts.find(({ source_id }) => source_id === window.source_id);
        const frames = part && now.current.groundOf(part).frames;
        return part && frames ? ownTimes(frames, part.time_base, window.in_pts, window) : null;
      },
    });
    setPlayer(made);
    return () => {
      setPlayer(null);
      made.close();
    };
  }, [stage, isThere]);
  useEffect(() => {
    if (player && clock) player.update(clock);
  }, [player, clock]);
  return player;
}

export function useLooking(clock: GameClock): Looking {
  const [looking] = useState(() => new Looking(clock));
  useEffect(() => looking.update(clock), [looking, clock]);
  return looking;
}
