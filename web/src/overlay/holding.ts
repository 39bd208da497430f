/** Playing the reel as it will be: where a card or a freeze-frame stands, the video waits for it. */

import { useCallback, useEffect, useRef, useState } from "react";
import type { Player } from "../player/player.ts";
import { tickOf } from "./clock.ts";
import type { Drawer } from "./drawer.ts";
import { type Hold, passed } from "./holds.ts";

/** Farther on at once is no playing. */
const MOST_FRAMES = 12;

interface Holding {
  readonly isHolding: boolean;
  /** Play, pause, or leave what is held. */
  readonly toggle: () => void;
}

export function useHolding(player: Player | null, drawer: Drawer, holds: readonly Hold[], frames: number): Holding {
  const [isHolding, setHolding] = useState(false);
  const now = useRef({ holds, frames });
  now.current = { holds, frames };
  const waiting = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const last = useRef(-1);

  const leave = useCallback(() => {
    clearTimeout(waiting.current);
    waiting.current = undefined;
    drawer.over(null);
    setHolding(false);
  }, [drawer]);

  /** Show what is due, one after another, then play on. */
  const hold = useCallback(
    (due: readonly Hold[], goesOn: boolean) => {
      const [first, ...others] = due;
      if (!player || !first) {
        leave();
        if (goesOn && player) player.play();
        return;
      }
      waiting.current = setTimeout(() => hold(others, goesOn), first.lasts_s * 1000); // before the pause: it is no end
      last.current = first.frame;
      player.pause();
      setHolding(true);
      if (first.frame < now.current.frames) player.seek(tickOf(player.clock, first.frame));
      drawer.over(first.over);
    },
    [player, drawer, leave],
  );

  useEffect(() => {
    if (!player) return;
    const stop = player.follow(() => {
      const frame = player.place.pts;
      const before = last.current;
      last.current = frame;
      const { playing, loop } = player.state.getState();
      if (!playing) {
        if (waiting.current !== undefined && frame !== before) leave(); // somebody went elsewhere
        return;
      }
      if (loop || frame <= before || frame - before > MOST_FRAMES) return;
      const due = passed(now.current.holds, before, frame);
      if (due.length > 0) hold(due, true);
    });
    const stopped = player.state.subscribe(({ playing }, was) => {
      const at_end = player.place.pts >= now.current.frames - 1;
      if (was.playing && !playing && at_end && waiting.current === undefined) {
        hold(passed(now.current.holds, now.current.frames - 1, now.current.frames), false);
      }
    });
    return () => {
      stop();
      stopped();
      leave();
    };
  }, [player, hold, leave]);

  const toggle = useCallback(() => {
    if (!player) return;
    if (waiting.current !== undefined) return leave();
    const at = player.place.pts;
    if (player.state.getState().playing) return player.pause();
    const due = passed(now.current.holds, at - 1, at);
    const isLooped = player.state.getState().loop !== null;
    if (due.length > 0 && !isLooped && at < now.current.frames - 1) return hold(due, true);
    player.toggle();
  }, [player, hold, leave]);

  return { isHolding, toggle };
}
