import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Pictured } from "../player/films.ts";
import type { EditClip } from "../project/document.ts";
import { type Aspect, OUTPUT_SIZES, radians, type Size, toPixels, type Window } from "../reel/geometry.ts";
import { brushOf } from "../timeline/paint.ts";
import { windowOf } from "./cropping.ts";
import type { Screen } from "./use_player.ts";

interface ResultProps {
  readonly screen: Screen;
  /** The clip as it is now, also while something is dragged; on its source's clock. */
  readonly clip: EditClip;
  readonly aspect: Aspect;
  readonly source: Size;
  /** Lines to level the picture by. */
  readonly hasGrid: boolean;
  /** What lies over it. */
  readonly children?: ReactNode;
}

/** How the reel will look: the crop of the very picture that is on the screen, at its own moment. */
export function Result({ screen, clip, aspect, source, hasGrid, children }: ResultProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState<Size | null>(null);
  const now = useRef({ clip, aspect, source, size });
  now.current = { clip, aspect, source, size };
  const output = OUTPUT_SIZES[aspect];

  useLayoutEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const measured = () => setSize({ width: element.clientWidth, height: element.clientHeight });
    measured();
    const watching = new ResizeObserver(measured);
    watching.observe(element);
    return () => watching.disconnect();
  }, []);

  useEffect(() => {
    const paint = () => {
      const { pictured } = screen.getState();
      if (canvas.current && pictured) paintNow(canvas.current, pictured, now.current);
    };
    paint();
    return screen.subscribe(paint);
  }, [screen]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the same picture is cut anew when the edit is another
  useLayoutEffect(() => {
    const { pictured } = screen.getState();
    if (canvas.current && pictured) paintNow(canvas.current, pictured, now.current);
  }, [clip, aspect, source, size]);

  return (
    <div
      className="relative w-[min(100cqw,calc(100cqh*var(--ratio)))] overflow-hidden bg-picture desk:w-full"
      style={{ aspectRatio: `${output.width} / ${output.height}` }}
    >
      <canvas
        ref={canvas}
        role="img"
        aria-label="How the reel will look here"
        data-testid="result"
        className="absolute inset-0 size-full"
      />
      {hasGrid ? <Grid /> : null}
      {children}
    </div>
  );
}

/** Lines across a picture, to see what is level by. */
export function Grid() {
  const lines =
    "repeating-linear-gradient(0deg, color-mix(in srgb, var(--on-scrim) 50%, transparent) 0 1px, transparent 1px 12.5%), repeating-linear-gradient(90deg, color-mix(in srgb, var(--on-scrim) 28%, transparent) 0 1px, transparent 1px 25%)";
  return <div aria-hidden className="pointer-events-none absolute inset-0" style={{ background: lines }} />;
}

interface Cut {
  readonly clip: EditClip;
  readonly aspect: Aspect;
  readonly source: Size;
  readonly size: Size | null;
}

function paintNow(canvas: HTMLCanvasElement, pictured: Pictured, { clip, aspect, source, size }: Cut): void {
  if (!size || size.width === 0 || pictured.source_id !== clip.source_id) return;
  const brush = brushOf(canvas, size.width, size.height);
  if (!brush) return;
  paintResult(brush, pictured.video, windowOf(clip, pictured.pts, aspect, source), source, size);
  canvas.dataset.pts = String(pictured.pts); // which picture it is, for whoever holds it against the render
}

/** Paint the window of a source's picture so that it fills `size`, turned back as the render does it. */
export function paintResult(
  brush: CanvasRenderingContext2D,
  picture: CanvasImageSource,
  window: Window,
  source: Size,
  size: Size,
): void {
  const { cx, cy, height, rotation_deg } = toPixels(window, source);
  const scale = size.height / height;
  brush.save();
  brush.imageSmoothingQuality = "high";
  brush.translate(size.width / 2, size.height / 2);
  brush.rotate(-radians(rotation_deg));
  brush.scale(scale, scale);
  brush.drawImage(picture, -cx, -cy, source.width, source.height); // a proxy is smaller: drawn at its source's size
  brush.restore();
}
