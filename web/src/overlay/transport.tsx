import {
  CircleDotDashed,
  Maximize,
  Pause,
  Play,
  Repeat,
  SkipForward,
  StepBack,
  StepForward,
  Volume2,
  VolumeX,
  ZoomIn,
  ZoomOut,
} from "lucide-react";
import { type MouseEvent, useEffect, useRef } from "react";
import { saidMoment } from "../editing/said.ts";
import { Button, IconButton } from "../look/button.tsx";
import { Menu } from "../look/menu.tsx";
import { gameSeconds } from "../player/game.ts";
import type { Player } from "../player/player.ts";
import { SPEEDS, saidSpeed } from "../player/shuttle.ts";
import { usePlayer } from "../player/stage.tsx";
import type { Looking } from "../timeline/looking.ts";
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
  const playing = usePlayer(player, (state) => state.playing, false) || isHolding;
  const muted = usePlayer(player, (state) => state.muted, false);
  const speed = usePlayer(player, (state) => state.speed, 1);
  const looped = usePlayer(player, (state) => state.loop !== null, false);
  const none = player ? null : "There is no picture yet.";
  const speeds = SPEEDS.map((one) => ({
    id: String(one),
    label: saidSpeed(one),
    chosen: one === speed,
    onSelect: () => player?.setSpeed(one),
  }));
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a press here leaves the focus where it is, so that keys go on
    <div className="flex items-center gap-1 px-2 py-1 tablet:px-4" onMouseDown={keepFocus}>
      <IconButton
        icon={playing ? Pause : Play}
        label={playing ? "Pause" : "Play"}
        keys="Space"
        blocked={none}
        onClick={onToggle}
      />
      <span className="contents">
        <IconButton
          icon={StepBack}
          label="A frame back"
          keys="ArrowLeft"
          blocked={none}
          onClick={() => player?.step(-1)}
        />
        <IconButton
          icon={StepForward}
          label="A frame on"
          keys="ArrowRight"
          blocked={none}
          onClick={() => player?.step(1)}
        />
      </span>
      <Clock player={player} />
      <span className="flex-1" />
      <span className="contents max-tablet:hidden">
        <Menu
          align="start"
          groups={[speeds]}
          trigger={
            <Button kind="quiet" className="tabular min-w-14" aria-label={`Speed ${saidSpeed(speed)}`}>
              {saidSpeed(speed)}
            </Button>
          }
        />
      </span>
      <IconButton icon={Repeat} label="Loop the spotlight" keys="\" aria-pressed={looped} onClick={desk.loop} />
      <span className="contents max-tablet:hidden">
        <IconButton
          icon={muted ? VolumeX : Volume2}
          label={muted ? "Sound on" : "Sound off"}
          keys="M"
          onClick={() => player?.setSound({ muted: !muted })}
        />
        <IconButton icon={Maximize} label="Full screen" keys="F" onClick={onFullScreen} />
        <span className="mx-1 h-6 w-px bg-line" />
        <IconButton icon={ZoomOut} label="Farther" keys="-" onClick={() => looking.zoomAt(-1, player?.tick ?? 0)} />
        <IconButton icon={ZoomIn} label="Closer" keys="+" onClick={() => looking.zoomAt(1, player?.tick ?? 0)} />
        <span className="mx-1 h-6 w-px bg-line" />
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
    </div>
  );
}

/** Where it is, of how much; written past React, as it changes with every picture. */
function Clock({ player }: { readonly player: Player | null }) {
  const text = useRef<HTMLTimeElement>(null);
  useEffect(
    () =>
      player?.follow((tick) => {
        if (text.current) text.current.textContent = saidMoment(gameSeconds(player.clock, tick), 2);
      }),
    [player],
  );
  const whole = player ? saidMoment(gameSeconds(player.clock, player.clock.span.out_pts)) : "–:––";
  return (
    <p className="tabular ml-2 flex items-baseline gap-1.5 whitespace-nowrap">
      <time ref={text} className="min-w-16 text-right font-strong text-16">
        0:00.00
      </time>
      <span className="text-12 text-quiet max-phone:hidden">/ {whole}</span>
    </p>
  );
}

/** Pressed with a mouse, a button takes no focus: Space goes on playing, and does not press it again. */
export function keepFocus(event: MouseEvent) {
  if (event.target instanceof Element && event.target.closest("button")) event.preventDefault();
}
