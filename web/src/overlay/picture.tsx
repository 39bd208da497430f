import { type MouseEvent, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import type { Player } from "../player/player.ts";
import { Stage, usePlayer } from "../player/stage.tsx";
import type { Size } from "../reel/geometry.ts";
import type { Drawer } from "./drawer.ts";

/** Where the picture lies on the stage, in CSS pixels, and how many of them an output pixel is. */
export interface Fit extends Size {
  readonly left: number;
  readonly top: number;
  readonly scale: number;
}

interface PictureProps {
  readonly player: Player | null;
  readonly drawer: Drawer;
  readonly output: Size;
  readonly hang: (stage: HTMLDivElement | null) => void;
  /** A press on the picture while it stands still, in the output's pixels. */
  readonly onPlace: (x: number, y: number) => void;
  readonly onToggle: () => void;
  readonly children: (fit: Fit) => ReactNode;
}

/** The framed video with what lies on it. A press while it plays stops it; one on what stands still places something. */
export function Picture({ player, drawer, output, hang, onPlace, onToggle, children }: PictureProps) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const fit = useFit(box, output);
  const playing = usePlayer(player, (state) => state.playing, false);
  const over = useStore(drawer.drawn, (state) => state.over);
  useLayoutEffect(() => {
    drawer.on(canvas.current, fit ?? undefined);
  }, [drawer, fit]);
  useEffect(() => () => drawer.on(null), [drawer]);
  const pressed = (event: MouseEvent<HTMLDivElement>) => {
    if (playing || over) return onToggle();
    if (!fit) return;
    const at = event.currentTarget.getBoundingClientRect();
    onPlace((event.clientX - at.left) / fit.scale, (event.clientY - at.top) / fit.scale);
  };
  const place = fit ? { left: fit.left, top: fit.top, width: fit.width, height: fit.height } : { inset: 0 };
  return (
    <div ref={box} className="relative size-full min-h-0 overflow-hidden">
      <div className="absolute" style={place}>
        <Stage player={player} hang={hang} onPress={onToggle} />
        <div className="absolute inset-0 z-10">
          <canvas
            ref={canvas}
            data-testid="overlay"
            aria-hidden
            className="pointer-events-none absolute inset-0 size-full"
          />
          {/* biome-ignore lint/a11y/noStaticElementInteractions: the spotlight is added and moved by keys and numbers too */}
          {/* biome-ignore lint/a11y/useKeyWithClickEvents: as above */}
          <div
            data-testid="press"
            className={playing ? "absolute inset-0" : "absolute inset-0 cursor-crosshair"}
            onClick={pressed}
          />
          {fit && !playing && !over ? children(fit) : null}
        </div>
      </div>
    </div>
  );
}

/** Return where a picture of that shape lies, whole, in the middle of a box. */
function useFit(box: React.RefObject<HTMLDivElement | null>, { width, height }: Size): Fit | null {
  const [fit, setFit] = useState<Fit | null>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measured = () => {
      const most = Math.min(element.clientWidth / width, element.clientHeight / height);
      // On whole pixels, or a hairline of the picture is left out at an edge
      const size = { width: Math.round(width * most), height: Math.round(height * most) };
      const left = Math.floor((element.clientWidth - size.width) / 2);
      const top = Math.floor((element.clientHeight - size.height) / 2);
      setFit(most > 0 ? { ...size, left, top, scale: size.width / width } : null);
    };
    measured();
    const watching = new ResizeObserver(measured);
    watching.observe(element);
    return () => watching.disconnect();
  }, [box, width, height]);
  return fit;
}
