import {
  ChevronsLeft,
  ChevronsRight,
  ClipboardPaste,
  Columns2,
  Copy,
  Diamond,
  Pause,
  Play,
  Repeat,
  StepBack,
  StepForward,
  Trash2,
  Volume2,
  VolumeX,
  ZoomIn,
  ZoomOut,
} from "lucide-react";
import { type MouseEvent, type ReactNode, useEffect, useRef } from "react";
import { saidMoment } from "../editing/said.ts";
import { Button, IconButton } from "../look/button.tsx";
import type { Player } from "../player/player.ts";
import { usePlayer } from "../player/stage.tsx";
import type { EditClip } from "../project/document.ts";
import type { Ground } from "../timeline/footage.ts";
import type { Looking } from "../timeline/looking.ts";
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
  const { player, looking, desk, isLooped, isMuted, isOnKey, isCompared, onLoop, onMute } = props;
  const playing = usePlayer(player, (state) => state.playing, false);
  const copied = useCopied((state) => state.copied);
  const blocked = props.blocked ?? (player ? null : "There is no picture yet.");
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a press here leaves the focus where it is, so that keys go on
    <div className="flex items-center gap-0.5 overflow-x-auto px-2 py-1 tablet:px-4" onMouseDown={keepFocus}>
      <IconButton
        icon={playing ? Pause : Play}
        label={playing ? "Pause" : "Play"}
        keys="Space"
        blocked={blocked}
        onClick={() => player?.toggle()}
      />
      <IconButton
        icon={StepBack}
        label="A frame back"
        keys="ArrowLeft"
        blocked={blocked}
        onClick={() => player?.step(-1)}
      />
      <IconButton
        icon={StepForward}
        label="A frame on"
        keys="ArrowRight"
        blocked={blocked}
        onClick={() => player?.step(1)}
      />
      <Clock player={player} ground={props.ground} />
      <span className="mx-1 h-6 w-px shrink-0 bg-line" />
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
      <IconButton
        icon={isMuted ? VolumeX : Volume2}
        label={isMuted ? "Sound on" : "Sound off"}
        keys="M"
        onClick={onMute}
      />
      <span className="contents max-tablet:hidden">
        <IconButton icon={ZoomOut} label="Farther" keys="-" onClick={() => looking.zoomAt(-1, player?.tick ?? 0)} />
        <IconButton icon={ZoomIn} label="Closer" keys="+" onClick={() => looking.zoomAt(1, player?.tick ?? 0)} />
      </span>
    </div>
  );
}

interface ClockProps {
  readonly player: Player | null;
  readonly ground: Ground | null;
}

/** Where in the source it is; written past React, as it changes with every picture. */
function Clock({ player, ground }: ClockProps) {
  const text = useRef<HTMLTimeElement>(null);
  const said = (pts: number) => (ground ? saidMoment(secondsOf(pts, ground), 2) : "–:––");
  const now = useRef(said);
  now.current = said;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another source's times are said anew at once
  useEffect(
    () =>
      player?.follow(() => {
        if (text.current) text.current.textContent = now.current(player.place.pts);
      }),
    [player, ground],
  );
  return (
    <p className="tabular mx-2 flex items-baseline gap-1.5 whitespace-nowrap">
      <time ref={text} className="min-w-16 text-right font-strong text-16">
        0:00.00
      </time>
    </p>
  );
}

/** Pressed with a mouse, a button takes no focus: Space goes on playing, and does not press it again. */
export function keepFocus(event: MouseEvent) {
  if (event.target instanceof Element && event.target.closest("button")) event.preventDefault();
}
