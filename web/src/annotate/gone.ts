/** A game that is deleted while it is open: it is noticed, and what can never be saved any more is let go of. */

import { useEffect } from "react";
import { names, queries } from "../api/queries.ts";
import { idOf } from "./document.ts";
import type { Opened } from "./use_editing.ts";

/** Ask whether the game is still there once one of its clips turns out not to be. */
export function useGoneNoticed(game_id: string, opened: Opened | null): void {
  useEffect(
    () =>
      opened?.saver.state.subscribe(({ saves: { stuck } }, before) => {
        const isNew = stuck.some((one) => one.why === "gone" && !before.saves.stuck.includes(one));
        if (isNew) void queries.invalidateQueries({ queryKey: names.game(game_id), exact: true });
      }),
    [game_id, opened],
  );
}

/** The game is gone: nobody is asked about each of its clips. */
export function useLetGo(game_id: string, opened: Opened | null): void {
  useEffect(() => {
    if (!opened) return;
    const { saver, editing } = opened;
    for (const { thing, why, path } of saver.saves.stuck) {
      const isOurs = path.includes(`/${game_id}/`) || editing.clip(idOf(thing)) !== null;
      if (why === "gone" && isOurs) saver.takeTheirs(thing);
    }
  }, [game_id, opened]);
}
