/** "Tell me when it is done": toasts for who is here, a notification and a count in the title for who is not. */

import { create } from "zustand";
import type { Game } from "../api/games.ts";
import { names, queries } from "../api/queries.ts";
import { useToasts } from "../look/toast.tsx";
import { download, downloadOf } from "./downloads.ts";
import type { Job, JobShown } from "./jobs.ts";
import { countUnseen } from "./title.ts";
import { endSaid } from "./words.ts";

/** Those that the page began for itself: nobody waits for their notice. */
const QUIET: ReadonlySet<Job["kind"]> = new Set(["window", "preview"]);
const KEY = "reel.tell";

interface Telling {
  /** The person wants the device's notifications, and the browser shows them. */
  readonly tells: boolean;
}

export const useTelling = create<Telling>(() => ({
  tells: canTell() && Notification.permission === "granted" && kept(),
}));

/** Say whether this browser can show notifications: over https, or on this machine. */
export function canTell(): boolean {
  return typeof Notification !== "undefined" && window.isSecureContext;
}

/** Turn notifications on or off; return whether they are on now. Follows a press, since the browser may ask. */
export async function tellWhenDone(on: boolean): Promise<boolean> {
  const tells = on && canTell() && (await Notification.requestPermission()) === "granted";
  keep(tells);
  useTelling.setState({ tells });
  return tells;
}

/** Say whether a job is worth a line in the tray and a word at its end. */
export function isShown({ job }: JobShown): boolean {
  return !QUIET.has(job.kind);
}

/** Say that a job has ended. */
export function tellEnd(ended: JobShown): void {
  if (!isShown(ended) || ended.heard.state === "cancelled") return;
  const failed = ended.heard.state === "failed";
  const title = endSaid(ended);
  const text = [gameOf(ended.job), failed ? ended.heard.message : ""].filter(Boolean).join(": ");
  const made = failed || ended.job.kind === "extract" ? null : downloadOf(ended.job); // a raw clip's begins by itself
  useToasts.getState().tell({
    title,
    ...(text ? { text } : {}),
    tone: failed ? "loss" : "done",
    ...(made ? { action: { label: "Download", onPress: () => download(made) } } : {}),
  });
  countUnseen();
  if (document.hidden && useTelling.getState().tells) {
    const notice = new Notification(title, { body: text, tag: ended.job.id, icon: "/icon.svg" });
    notice.onclick = () => {
      window.focus();
      notice.close();
    };
  }
}

/** Return the name of a job's game, as far as this page has read of it. */
export function gameOf({ game_id }: Pick<Job, "game_id">): string {
  const listed = queries.getQueryData<readonly Game[]>(names.games)?.find(({ id }) => id === game_id);
  const game = listed ?? (game_id ? queries.getQueryData<Game>(names.game(game_id)) : undefined);
  return game?.opponent ?? "";
}

function kept(): boolean {
  try {
    return localStorage.getItem(KEY) === "yes";
  } catch {
    return false;
  }
}

function keep(tells: boolean): void {
  try {
    localStorage.setItem(KEY, tells ? "yes" : "no");
  } catch {
    // It holds until the page is left.
  }
}
