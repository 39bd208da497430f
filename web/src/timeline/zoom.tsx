import { ZoomIn, ZoomOut } from "lucide-react";
import { IconButton } from "../look/button.tsx";
import type { Player } from "../player/player.ts";
import type { Looking } from "./looking.ts";

interface ZoomProps {
  readonly looking: Looking;
  readonly player: Player | null;
}

/** Closer to the playhead and farther from it. */
export function Zoom({ looking, player }: ZoomProps) {
  return (
    <>
      <IconButton icon={ZoomOut} label="Farther" keys="-" onClick={() => looking.zoomAt(-1, player?.tick ?? 0)} />
      <IconButton icon={ZoomIn} label="Closer" keys="+" onClick={() => looking.zoomAt(1, player?.tick ?? 0)} />
    </>
  );
}
