import { Film } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { Source } from "../api/games.ts";
import { classes } from "../look/classes.ts";
import type { Aspect } from "../project/document.ts";
import { type Crop, cropAt, defaultCrop } from "../reel/crop.ts";
import { drawStill, drawTile, type Moment, show, stillThere } from "./stills.ts";

interface StillProps {
  /** null where its game was deleted. */
  readonly source: Source | null;
  readonly moment: Moment;
  readonly aspect: Aspect;
  /** null is the default one. */
  readonly crop: Pick<Crop, "keys"> | null;
  readonly rotation_deg: number;
  readonly className?: string;
}

/** A frame of a clip, and on it what the reel's shape shows: the rest is in the shade. */
export function Still({ source, moment, aspect, crop, rotation_deg, className }: StillProps) {
  return (
    <div aria-hidden className={classes("relative aspect-video overflow-hidden bg-picture", className)}>
      {source ? (
        <Picture key={`${source.id} ${source.state}`} {...{ source, moment, aspect, crop, rotation_deg }} />
      ) : (
        <span className="absolute inset-0 grid place-items-center text-on-scrim opacity-50">
          <Film size={20} />
        </span>
      )}
    </div>
  );
}

function Picture({ source, moment, aspect, crop, rotation_deg }: StillProps & { readonly source: Source }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState(false);
  const { pts } = moment;
  const clock = moment.time_base.join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a moment is compared by what it says
  useEffect(() => {
    const [shown, element] = [canvas.current, box.current];
    if (!shown || !element) return;
    const there = stillThere(source, moment);
    if (there) {
      show(shown, there);
      return setDrawn(true);
    }
    const ends = new AbortController();
    let is_sharp = false;
    const look = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting) return;
      look.disconnect(); // what nobody has scrolled to is not drawn
      const tile = document.createElement("canvas");
      void drawTile(tile, source, moment, ends.signal).then(
        () => {
          if (is_sharp || ends.signal.aborted || !tile.width) return;
          show(shown, tile);
          setDrawn(true);
        },
        () => undefined,
      );
      void drawStill(source, moment, ends.signal).then(
        (still) => {
          if (ends.signal.aborted) return;
          is_sharp = true;
          show(shown, still);
          setDrawn(true);
        },
        () => undefined, // the tile stays, or the dark
      );
    });
    look.observe(element);
    return () => {
      look.disconnect();
      ends.abort();
    };
  }, [source.id, pts, clock]);
  const [width = 16, height = 9] = source.facts?.size_px ?? [];
  const size = { width, height };
  const window = cropAt(crop ?? defaultCrop(aspect, size, pts, rotation_deg), pts, aspect, size, rotation_deg);
  const part = (value: number) => `${(value * 100).toFixed(2)}%`;
  const is_wide = width / height >= 16 / 9;
  return (
    <div ref={box} className="absolute inset-0 grid place-items-center">
      <div
        className={classes("relative overflow-hidden", is_wide ? "w-full" : "h-full")}
        style={{ aspectRatio: `${width} / ${height}` }}
      >
        <canvas
          ref={canvas}
          className={classes(
            "absolute inset-0 size-full transition-opacity duration-(--calm) ease-out",
            !drawn && "opacity-0",
          )}
        />
        <div
          className="absolute rounded-[3px] outline outline-on-scrim/80 shadow-[0_0_0_9999px_var(--scrim)]"
          style={{
            left: part(window.cx - window.w / 2),
            top: part(window.cy - window.h / 2),
            width: part(window.w),
            height: part(window.h),
            transform: rotation_deg ? `rotate(${rotation_deg}deg)` : undefined,
          }}
        />
      </div>
    </div>
  );
}
