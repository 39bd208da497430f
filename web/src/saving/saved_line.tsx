import { CircleCheck, CloudOff, LoaderCircle, TriangleAlert } from "lucide-react";
import { useStore } from "zustand";
import { useConnection } from "../api/connection.ts";
import { standing } from "../editing/saves.ts";
import { clockSaid } from "../shell/times.ts";
import type { Saver } from "./saver.ts";

/** How saving stands: "Saved 12:04". */
export function SavedLine({ saver }: { readonly saver: Saver }) {
  const saves = useStore(saver.state, (state) => state.saves);
  const reached = useConnection(({ online, reached: answers }) => online && answers);
  const now = standing(saves, reached);
  if (now.kind === "saved" && now.at_ms === null) return null;
  const [Icon, text, look] = {
    saved: [
      CircleCheck,
      now.kind === "saved" && now.at_ms !== null ? `Saved ${clockSaid(now.at_ms)}` : "",
      "text-quiet",
    ] as const,
    saving: [LoaderCircle, "Saving", "text-quiet"] as const,
    offline: [CloudOff, `Kept here: ${"count" in now ? counted(now.count) : ""} to save`, "text-doubt"] as const,
    stuck: [TriangleAlert, "Not saved: choose", "text-doubt"] as const,
  }[now.kind];
  return (
    <p aria-live="polite" className={`tabular flex items-center gap-1.5 whitespace-nowrap text-12 ${look}`}>
      <Icon aria-hidden size={16} />
      {text}
    </p>
  );
}

function counted(count: number): string {
  return count === 1 ? "1 change" : `${count} changes`;
}
