import { FileX2, LoaderCircle } from "lucide-react";
import { type ReactNode, useLayoutEffect, useRef, useState } from "react";
import type { Player } from "../player/player.ts";
import { Stage } from "../player/stage.tsx";
import type { OpenedProject } from "../project/use_project.ts";
import type { Size } from "../reel/geometry.ts";

interface SourceViewProps {
  readonly player: Player | null;
  readonly hang: (element: HTMLDivElement | null) => void;
  /** The picture's displayed size; null where there is none. */
  readonly source: Size | null;
  /** Why there is no picture. */
  readonly missing: ReactNode;
  /** What lies on the picture. */
  readonly children: ReactNode;
}

/** The source's picture as it was filmed, whole, and what lies on it at its very place. */
export function SourceView({ player, hang, source, missing, children }: SourceViewProps) {
  const box = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState<Size | null>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measured = () => setRoom({ width: element.clientWidth, height: element.clientHeight });
    measured();
    const watching = new ResizeObserver(measured);
    watching.observe(element);
    return () => watching.disconnect();
  }, []);
  const place = source && room && contained(source, room);
  return (
    <div ref={box} className="relative size-full" data-testid="source">
      <Stage player={player} hang={hang} onPress={() => player?.toggle()} isEmpty={!source}>
        {source ? null : missing}
      </Stage>
      {place ? (
        <div className="pointer-events-none absolute z-10 *:pointer-events-auto" style={place}>
          {children}
        </div>
      ) : null}
    </div>
  );
}

/** Where no picture can be had: why, and what can be done. */
export function NoPicture({
  opened,
  source_id,
}: {
  readonly opened: OpenedProject;
  readonly source_id: string | null;
}) {
  const origin = opened.sources.get(source_id ?? "");
  const coming = origin?.source.state === "ingesting" || origin?.source.state === "uploading";
  const Icon = coming ? LoaderCircle : FileX2;
  return (
    <div className="absolute inset-0 grid place-items-center bg-picture p-6 text-center text-on-scrim">
      <div className="grid max-w-100 justify-items-center gap-2">
        <Icon aria-hidden size={30} strokeWidth={1.75} className={coming ? "turns" : ""} />
        <p className="font-strong text-16">
          {coming ? "The footage is on its way" : "The footage of this clip is gone"}
        </p>
        <p className="text-pretty text-14">
          {coming
            ? "It is being looked over. The clip can be framed as soon as that is done; it opens by itself."
            : origin
              ? "Its file could not be used or was taken away. Add it to its game again, or take the clip out of the project."
              : "Its game was deleted. What was made of it stays; take the clip out of the project to go on with the others."}
        </p>
      </div>
    </div>
  );
}

/** Return where a picture stands in a room that shows it whole, as object-fit: contain does it. */
export function contained(picture: Size, room: Size): { left: number; top: number; width: number; height: number } {
  const scale = Math.min(room.width / picture.width, room.height / picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  return { left: (room.width - width) / 2, top: (room.height - height) / 2, width, height };
}
