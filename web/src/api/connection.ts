/** Whether the service answers: every call says so, and while it does not, it is asked until it does. */

import { create } from "zustand";

interface Connection {
  /** The device says that it is in a network. */
  readonly online: boolean;
  /** The last call got an answer, whatever that was. */
  readonly reached: boolean;
}

export const useConnection = create<Connection>(() => ({ online: navigator.onLine, reached: true }));

const ASK_EVERY_MS = 3000;

let asking: ReturnType<typeof setInterval> | null = null;

/** Take note of whether a call got an answer. */
export function noteReached(reached: boolean): void {
  if (useConnection.getState().reached !== reached) useConnection.setState({ reached });
  if (!reached) asking ??= setInterval(() => void askHealth(), ASK_EVERY_MS);
  else if (asking !== null) {
    clearInterval(asking);
    asking = null;
  }
}

/** Ask whether the service is there; return whether it is. */
export async function askHealth(): Promise<boolean> {
  try {
    const answer = await fetch("/api/health", { cache: "no-store", signal: AbortSignal.timeout(ASK_EVERY_MS) });
    noteReached(answer.ok);
    return answer.ok;
  } catch {
    noteReached(false);
    return false;
  }
}

/** Follow what the device says of its network. Returns what stops that. */
export function followNetwork(): () => void {
  const follow = () => {
    useConnection.setState({ online: navigator.onLine });
    if (navigator.onLine) void askHealth();
  };
  window.addEventListener("online", follow);
  window.addEventListener("offline", follow);
  return () => {
    window.removeEventListener("online", follow);
    window.removeEventListener("offline", follow);
  };
}
