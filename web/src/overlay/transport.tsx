import { CircleDotDashed, Maximize, Repeat, SkipForward } from "lucide-react";
import { Button, IconButton } from "../look/button.tsx";
import {
  Clock,
  Controls,
  Hairline,
  NO_PICTURE,
  PlayAndStep,
  SoundButton,
  SpeedMenu,
  wholeSaid,
} from "../player/controls.tsx";
import type { Player } from "../player/player.ts";
import { usePlayer } from "../player/stage.tsx";
import type { Looking } from "../timeline/looking.ts";
import { Zoom } from "../timeline/zoom.tsx";
import type { Desk } from "./desk.ts";

interface TransportProps {
  readonly player: Player | null;
  readonly looking: Looking;
  readonly desk: Desk;
  /** A card or a freeze-frame stands: it plays, though the video does not. */
  readonly isHolding: boolean;
  readonly onToggle: () => void;
  readonly onFullScreen: () => void;
  /** Why no spotlight can be added here. */
  readonly noRoom: string | null;
}

/** Below the picture: play, step, where it is, the next play; and adding a spotlight. */
export function Transport({ player, looking, desk, isHolding, onToggle, onFullScreen, noRoom }: TransportProps) {
  const muted = usePlayer(player, (state) => state.muted, false);
  const looped = usePlayer(player, (state) => state.loop !== null, false);
  const none = player ? null : NO_PICTURE;
  return (
    <Controls className="gap-1 py-1">
      <PlayAndStep player={player} blocked={none} isHolding={isHolding} onToggle={onToggle} />
      <Clock player={player} whole={wholeSaid(player)} />
      <span className="flex-1" />
      <span className="contents max-tablet:hidden">
        <SpeedMenu player={player} />
      </span>
      <IconButton icon={Repeat} label="Loop the spotlight" keys="\" aria-pressed={looped} onClick={desk.loop} />
      <span className="contents max-tablet:hidden">
        <SoundButton isMuted={muted} onTurn={() => player?.setSound({ muted: !muted })} />
        <IconButton icon={Maximize} label="Full screen" keys="F" onClick={onFullScreen} />
        <Hairline />
        <Zoom looking={looking} player={player} />
        <Hairline />
      </span>
      <IconButton icon={SkipForward} label="Next play" keys="." blocked={none} onClick={() => desk.goPlay(1)} />
      <Button
        icon={CircleDotDashed}
        keys="N"
        className="ml-1 max-phone:px-2.5"
        blocked={none ?? noRoom}
        onClick={() => desk.add()}
      >
        <span className="max-phone:sr-only">Add spotlight</span>
      </Button>
    </Controls>
  );
}
