/** The player of the screen, on the clock of the clip that is framed; and each picture as it comes on the screen. */

import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { Pictured } from "../player/films.ts";
import type { GameClock } from "../player/game.ts";
import { Player } from "../player/player.ts";
import type { Footage } from "../timeline/footage.ts";

/** The picture that is on the screen now. */
export type Screen = StoreApi<{ readonly pictured: Pictured | null }>;

export function usePlayerOn(
  clock: GameClock | null,
  footage: Footage,
  stage: HTMLElement | null,
): { readonly player: Player | null; readonly screen: Screen } {
  const [player, setPlayer] = useState<Player | null>(null);
  const [screen] = useState<Screen>(() => createStore(() => ({ pictured: null })));
  const now = useRef(footage);
  now.current = footage;
  const isThere = clock !== null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another clip's clock is told to the player that is there
  useEffect(() => {
    if (!stage || !clock) return;
    const made = new Player({
      stage,
      clock,
      playableOf: (part) => now.current.playableOf(part),
      windows: footage.windows,
      windowShows: (window) => now.current.windowShows(window),
      pictured: (pictured) => screen.setState({ pictured }),
    });
    setPlayer(made);
    return () => {
      setPlayer(null);
      screen.setState({ pictured: null });
      made.close();
    };
  }, [stage, isThere]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: frames that are known better play something else
  useEffect(() => {
    if (player && clock) player.update(clock);
  }, [player, clock, footage]);
  return { player, screen };
}

/** Return the moment that the playhead is at, on the source's clock; it follows picture by picture. */
export function usePlayhead(player: Player | null): number {
  return useAtPlayhead(player, (pts) => pts);
}

/** Return what is so at the playhead: only when that is something else, what shows it is shown anew. */
export function useAtPlayhead<T extends string | number | boolean | null>(
  player: Player | null,
  of: (pts: number) => T,
): T {
  const follow = useCallback((told: () => void) => player?.follow(told) ?? (() => undefined), [player]);
  return useSyncExternalStore(follow, () => of(player?.place.pts ?? 0));
}
