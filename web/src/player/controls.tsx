import { Pause, Play, StepBack, StepForward, Volume2, VolumeX } from "lucide-react";
import { type MouseEvent, type ReactNode, useEffect, useRef } from "react";
import { saidMoment } from "../editing/said.ts";
import { Button, IconButton } from "../look/button.tsx";
import { classes } from "../look/classes.ts";
import { Menu, type MenuItem } from "../look/menu.tsx";
import { gameSeconds } from "./game.ts";
import type { Player } from "./player.ts";
import { SPEEDS, saidSpeed } from "./shuttle.ts";
import { usePlayer } from "./stage.tsx";

/** Why nothing can be played. */
export const NO_PICTURE = "There is no picture yet.";

interface ControlsProps {
  readonly className?: string;
  readonly children: ReactNode;
}

/** The row below a picture. */
export function Controls({ className, children }: ControlsProps) {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a press here leaves the focus where it is, so that keys go on
    <div className={classes("flex items-center px-2 tablet:px-4", className)} onMouseDown={keepFocus}>
      {children}
    </div>
  );
}

/** Pressed with a mouse, a button takes no focus: Space goes on playing, and does not press it again. */
export function keepFocus(event: MouseEvent) {
  if (event.target instanceof Element && event.target.closest("button")) event.preventDefault();
}

interface PlayAndStepProps {
  readonly player: Player | null;
  readonly blocked: string | null;
  /** Something plays, though the video does not. */
  readonly isHolding?: boolean;
  /** What play does, where it is more than playing. */
  readonly onToggle?: () => void;
}

export function PlayAndStep({ player, blocked, isHolding = false, onToggle }: PlayAndStepProps) {
  const playing = usePlayer(player, (state) => state.playing, false) || isHolding;
  return (
    <>
      <IconButton
        icon={playing ? Pause : Play}
        label={playing ? "Pause" : "Play"}
        keys="Space"
        blocked={blocked}
        onClick={onToggle ?? (() => player?.toggle())}
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
    </>
  );
}

interface ClockProps {
  readonly player: Player | null;
  /** How a moment is said; the same function for as long as it says the same. */
  readonly said?: (player: Player) => string;
  /** Of how much it is, where that is worth the room. */
  readonly whole?: string | undefined;
}

/** Where it is; written past React, as it changes with every picture. */
export function Clock({ player, said = momentOf, whole }: ClockProps) {
  const text = useRef<HTMLTimeElement>(null);
  useEffect(
    () =>
      player?.follow(() => {
        if (text.current) text.current.textContent = said(player);
      }),
    [player, said],
  );
  return (
    <p className="tabular ml-2 flex items-baseline gap-1.5 whitespace-nowrap">
      <time ref={text} className="min-w-16 text-right font-strong text-16">
        0:00.00
      </time>
      {whole ? <span className="text-12 text-quiet max-phone:hidden">/ {whole}</span> : null}
    </p>
  );
}

function momentOf({ clock, tick }: Player): string {
  return saidMoment(gameSeconds(clock, tick), 2);
}

/** Return how long all of it is, as it is said. */
export function wholeSaid(player: Player | null): string {
  return player ? saidMoment(gameSeconds(player.clock, player.clock.span.out_pts)) : "–:––";
}

/** Return the speeds as lines of a menu. */
export function useSpeeds(player: Player | null): readonly MenuItem[] {
  const speed = usePlayer(player, (state) => state.speed, 1);
  return SPEEDS.map((one) => ({
    id: String(one),
    label: saidSpeed(one),
    chosen: one === speed,
    onSelect: () => player?.setSpeed(one),
  }));
}

export function SpeedMenu({ player }: { readonly player: Player | null }) {
  const speed = usePlayer(player, (state) => state.speed, 1);
  const speeds = useSpeeds(player);
  return (
    <Menu
      align="start"
      groups={[speeds]}
      trigger={
        <Button kind="quiet" className="tabular min-w-14" aria-label={`Speed ${saidSpeed(speed)}`}>
          {saidSpeed(speed)}
        </Button>
      }
    />
  );
}

interface SoundButtonProps {
  readonly isMuted: boolean;
  readonly onTurn: () => void;
}

export function SoundButton({ isMuted, onTurn }: SoundButtonProps) {
  return (
    <IconButton
      icon={isMuted ? VolumeX : Volume2}
      label={isMuted ? "Sound on" : "Sound off"}
      keys="M"
      onClick={onTurn}
    />
  );
}

/** Between what belongs together. */
export function Hairline() {
  return <span className="mx-1 h-6 w-px shrink-0 bg-line" />;
}
