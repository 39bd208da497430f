import { ChevronsLeft, ChevronsRight, ClipboardPaste, Columns2, Copy, Diamond, Repeat, Trash2 } from "lucide-react";
import { type ReactNode, useCallback } from "react";
import { saidMoment } from "../editing/said.ts";
import { Button, IconButton } from "../look/button.tsx";
import { Clock, Controls, Hairline, NO_PICTURE, PlayAndStep, SoundButton } from "../player/controls.tsx";
import type { Player } from "../player/player.ts";
import type { EditClip } from "../project/document.ts";
import type { Ground } from "../timeline/footage.ts";
import type { Looking } from "../timeline/looking.ts";
import { Zoom } from "../timeline/zoom.tsx";
import { useCopied } from "./copied.ts";
import type { Desk } from "./desk.ts";
import { secondsOf } from "./shaping.ts";

export interface TransportProps {
  readonly player: Player | null;
  readonly looking: Looking;
  readonly desk: Desk;
  readonly clip: EditClip | null;
  readonly isLooped: boolean;
  readonly isMuted: boolean;
  /** A keyframe stands at the playhead. */
  readonly isOnKey: boolean;
  /** Why nothing can be done to the picture. */
  readonly blocked: string | null;
  readonly ground: Ground | null;
  /** How much of the picture the network makes. */
  readonly meter: ReactNode;
  readonly isCompared: boolean;
  readonly onCompare: () => void;
  readonly onLoop: () => void;
  readonly onMute: () => void;
}

/** Below the pictures: play, step, and the keyframes. */
export function Transport(props: TransportProps) {
  const { player, looking, desk, ground, isLooped, isMuted, isOnKey, isCompared, onLoop, onMute } = props;
  const copied = useCopied((state) => state.copied);
  const blocked = props.blocked ?? (player ? null : NO_PICTURE);
  const said = useCallback(
    ({ place }: Player) => (ground ? saidMoment(secondsOf(place.pts, ground), 2) : "–:––"),
    [ground],
  );
  return (
    <Controls className="gap-0.5 overflow-x-auto py-1">
      <PlayAndStep player={player} blocked={blocked} />
      <Clock player={player} said={said} />
      <Hairline />
      <IconButton
        icon={ChevronsLeft}
        label="The keyframe before"
        keys="["
        blocked={blocked}
        onClick={() => desk.goKey(-1)}
      />
      <Button icon={Diamond} kind="quiet" keys="P" blocked={blocked} aria-pressed={isOnKey} onClick={desk.addKey}>
        <span className="max-tablet:sr-only">Keyframe</span>
      </Button>
      <IconButton
        icon={ChevronsRight}
        label="The next keyframe"
        keys="]"
        blocked={blocked}
        onClick={() => desk.goKey(1)}
      />
      <IconButton icon={Copy} label="Copy the crop" keys="Mod+C" blocked={blocked} onClick={desk.copy} />
      <IconButton
        icon={ClipboardPaste}
        label="Paste the crop"
        keys="Mod+V"
        blocked={blocked ?? (copied ? null : "Copy a crop first.")}
        onClick={desk.paste}
      />
      <IconButton
        icon={Trash2}
        label="Delete the keyframe"
        keys="Delete"
        blocked={blocked ?? (isOnKey ? null : "There is no keyframe at the playhead.")}
        onClick={desk.removeKey}
      />
      <span className="min-w-2 flex-1" />
      <span className="px-2 max-desk:hidden">{props.meter}</span>
      <IconButton
        icon={Columns2}
        label="Before and after"
        keys="B"
        aria-pressed={isCompared}
        blocked={blocked}
        onClick={props.onCompare}
      />
      <IconButton icon={Repeat} label="Loop the clip" keys="\" aria-pressed={isLooped} onClick={onLoop} />
      <SoundButton isMuted={isMuted} onTurn={onMute} />
      <span className="contents max-tablet:hidden">
        <Zoom looking={looking} player={player} />
      </span>
    </Controls>
  );
}
