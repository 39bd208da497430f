/** The player and the timeline's view of one screen: made once its stage and its clock are there, let go with it. */

import { useEffect, useRef, useState } from "react";
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
      windowShows: (window) => now.current.windowShows(window),
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

/** Return the source that it is at, if its file can no longer be read and nothing plays in its stead. */
export function useGone(player: Player | null, footage: Footage): string | null {
  const [here, setHere] = useState("");
  useEffect(() => player?.follow(() => setHere(player.place.part.source_id)), [player]);
  return footage.isGone(here) ? here : null;
}

export function useLooking(clock: GameClock): Looking {
  const [looking] = useState(() => new Looking(clock));
  useEffect(() => looking.update(clock), [looking, clock]);
  return looking;
}
