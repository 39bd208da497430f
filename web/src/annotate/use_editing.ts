/** The editing of one game, for as long as its screen stands. */

import { useEffect, useState } from "react";
import { useStore } from "zustand";
import { allOf, answered, api } from "../api/client.ts";
import { keepText, keptText, staysCurrent } from "../saving/current.ts";
import type { Saver } from "../saving/saver.ts";
import { theSaver } from "../saving/sending.ts";
import { tellSaved } from "../shell/elsewhere.ts";
import { idOf } from "./document.ts";
import { Editing, type EditingState } from "./editing.ts";

const PAGE = 200;

export interface Opened {
  readonly editing: Editing;
  readonly saver: Saver;
}

/** Return a game's editing once it is there, and why it is not. */
export function useEditing(game_id: string): {
  readonly opened: Opened | null;
  readonly fault: unknown;
  readonly again: () => void;
} {
  const [opened, setOpened] = useState<Opened | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const [tries, setTries] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: tries begins it anew
  useEffect(() => {
    let left = false;
    let editing: Editing | null = null;
    const stops: (() => void)[] = [];
    void theSaver().then(async (saver) => {
      if (left) return;
      editing = new Editing({
        game_id,
        saver,
        read: () => readClips(game_id),
        keptHistory: () => keptText(historyKey(game_id)),
        keepHistory: (text) => keepText(historyKey(game_id), text),
        tell: tellSaved,
      });
      const opening = editing;
      try {
        await opening.load();
      } catch (error) {
        if (!left) setFault(error);
        return;
      }
      if (left) return;
      setFault(null);
      setOpened({ editing: opening, saver });
      stops.push(
        staysCurrent(
          saver,
          (thing) => idOf(thing) !== null,
          () => opening.load(),
        ),
      );
    });
    return () => {
      left = true;
      for (const stop of stops) stop();
      editing?.close();
      setOpened(null);
    };
  }, [game_id, tries]);
  return { opened, fault, again: () => setTries((before) => before + 1) };
}

/** Return a part of what is edited. */
export function useEdited<T>({ editing }: Opened, select: (state: EditingState) => T): T {
  return useStore(editing.state, select);
}

function readClips(game_id: string) {
  return allOf((after) => {
    const query = { limit: PAGE, ...(after ? { after } : {}) };
    return answered(api.GET("/api/games/{game_id}/clips", { params: { path: { game_id }, query } }));
  });
}

function historyKey(game_id: string): string {
  return `reel.history.${game_id}`;
}
