/** The editing of one game, for as long as its screen stands. */

import { useEffect, useState } from "react";
import { useStore } from "zustand";
import { allOf, answered, api } from "../api/client.ts";
import { type Saved, tellSaved } from "../shell/elsewhere.ts";
import { idOf } from "./document.ts";
import { Editing, type EditingState } from "./editing.ts";
import type { Saver } from "./saver.ts";
import { theSaver } from "./sending.ts";

/** Kept here: what another tab or device changed is asked for so often while nothing else tells. */
const AGAIN_MS = 30_000;
const CHANNEL = "reel.saved";
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
        keptHistory: () => kept(game_id),
        keepHistory: (text) => keep(game_id, text),
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
      const refresh = () => {
        if (!document.hidden) void opening.load().catch(() => undefined); // the banner tells that nobody answers
      };
      stops.push(heardElsewhere(saver, refresh), onShown(refresh), everyNowAndThen(refresh));
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

/** Hear of clips that other tabs saved; this tab hears itself as well, and knows what it saved. */
function heardElsewhere(saver: Saver, refresh: () => void): () => void {
  if (typeof BroadcastChannel === "undefined") return () => undefined;
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data: { thing, revision } }: MessageEvent<Saved>) => {
    if (idOf(thing) !== null && saver.saves.revisions[thing] !== revision) refresh();
  };
  return () => channel.close();
}

function onShown(refresh: () => void): () => void {
  document.addEventListener("visibilitychange", refresh);
  window.addEventListener("focus", refresh);
  return () => {
    document.removeEventListener("visibilitychange", refresh);
    window.removeEventListener("focus", refresh);
  };
}

function everyNowAndThen(refresh: () => void): () => void {
  const timer = setInterval(refresh, AGAIN_MS);
  return () => clearInterval(timer);
}

function kept(game_id: string): string | null {
  try {
    return localStorage.getItem(`reel.history.${game_id}`);
  } catch {
    return null;
  }
}

function keep(game_id: string, text: string): void {
  try {
    localStorage.setItem(`reel.history.${game_id}`, text);
  } catch {
    // It holds until the page is left.
  }
}
