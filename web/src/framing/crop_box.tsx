import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef } from "react";
import { newId } from "../api/client.ts";
import { classes } from "../look/classes.ts";
import type { Player } from "../player/player.ts";
import type { EditClip } from "../project/document.ts";
import { toPixels } from "../reel/geometry.ts";
import {
  type Box,
  CORNERS,
  type Corner,
  cornerMovedBy,
  type Frame,
  LEAST_SIDE_PX,
  leastHeight,
  movedBy,
  scaledTo,
  sizeOf,
} from "./box.ts";
import { cropOf, pathOf, windowOf } from "./cropping.ts";
import type { Desk } from "./desk.ts";
import { Grid } from "./result.tsx";
import { usePlayhead } from "./use_player.ts";

interface CropBoxProps {
  readonly clip: EditClip;
  readonly frame: Frame;
  readonly desk: Desk;
  readonly player: Player | null;
  readonly hasGrid: boolean;
  readonly onRest: () => void;
}

/** The keyboard moves by so many pixels of the source, with Shift by ten times as many. */
const STEP_PX = 4;
const KEY_SCALE = 1.03;
const REST_MS = 500;

interface Drag {
  readonly kind: "body" | Corner | "pinch";
  readonly from: Box;
  readonly at: number;
  readonly key_id: string;
  readonly x: number;
  readonly y: number;
  readonly apart_px: number;
  readonly moved: boolean;
}

/** The crop on the source's picture: moved and resized by hand, with the way that it takes through the clip. */
export function CropBox({ clip, frame, desk, player, hasGrid, onRest }: CropBoxProps) {
  const { source, aspect, rotation_deg } = frame;
  const layer = useRef<HTMLDivElement>(null);
  const pts = usePlayhead(player);
  const window = windowOf(clip, pts, aspect, source);
  const box: Box = { cx: window.cx, cy: window.cy, h: window.h };
  const drag = useRef<Drag | null>(null);
  const fingers = useRef(new Map<number, { x: number; y: number }>());
  const resting = useRef<ReturnType<typeof setTimeout>>(undefined);
  const rests = () => {
    clearTimeout(resting.current);
    resting.current = setTimeout(onRest, REST_MS);
  };

  const perPx = () => source.width / (layer.current?.clientWidth || source.width); // source pixels in a pixel here
  const begin = (event: PointerEvent, kind: "body" | Corner) => {
    if (event.button !== 0) return;
    event.stopPropagation();
    event.currentTarget.setPointerCapture(event.pointerId);
    fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
    player?.pause();
    const now = desk.here();
    if (!now) return;
    const from = windowOf(now.clip, now.at, aspect, source);
    const two = fingers.current.size > 1;
    drag.current = {
      kind: two ? "pinch" : kind,
      from: { cx: from.cx, cy: from.cy, h: from.h },
      at: now.at,
      key_id: newId(),
      x: event.clientX,
      y: event.clientY,
      apart_px: apartOf(fingers.current),
      moved: two && (drag.current?.moved ?? false),
    };
  };
  const move = (event: PointerEvent) => {
    const held = drag.current;
    if (!held || !fingers.current.has(event.pointerId)) return;
    fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const [dx, dy] = [(event.clientX - held.x) * perPx(), (event.clientY - held.y) * perPx()];
    if (!held.moved && held.kind !== "pinch" && Math.hypot(event.clientX - held.x, event.clientY - held.y) < 3) return;
    drag.current = { ...held, moved: true };
    const made =
      held.kind === "pinch"
        ? scaledTo(held.from, (held.from.h * held.apart_px) / Math.max(apartOf(fingers.current), 20), frame)
        : held.kind === "body"
          ? movedBy(held.from, dx, dy, frame)
          : cornerMovedBy(held.from, held.kind, dx, dy, frame);
    desk.dragBox(held.from, held.at, held.key_id, made);
  };
  const end = (event: PointerEvent, ends: "done" | "undone") => {
    fingers.current.delete(event.pointerId);
    const held = drag.current;
    if (!held || fingers.current.size > 0) return;
    drag.current = null;
    if (held.moved) desk.end(held.kind === "body" ? "Move crop" : "Resize crop", ends);
  };
  const hold = {
    onPointerMove: move,
    onPointerUp: (event: PointerEvent) => end(event, "done"),
    onPointerCancel: (event: PointerEvent) => end(event, "undone"),
  };

  const keyed = (event: KeyboardEvent) => {
    if (event.key === "Escape" && drag.current) {
      event.preventDefault();
      fingers.current.clear();
      drag.current = null;
      desk.end("", "undone");
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const by = STEP_PX * (event.shiftKey ? 10 : 1);
    const moves: Readonly<Record<string, (from: Box, inside: Frame) => Box>> = {
      ArrowLeft: (from, inside) => movedBy(from, -by, 0, inside),
      ArrowRight: (from, inside) => movedBy(from, by, 0, inside),
      ArrowUp: (from, inside) => movedBy(from, 0, -by, inside),
      ArrowDown: (from, inside) => movedBy(from, 0, by, inside),
      "+": (from, inside) => scaledTo(from, from.h / KEY_SCALE, inside),
      "=": (from, inside) => scaledTo(from, from.h / KEY_SCALE, inside),
      "-": (from, inside) => scaledTo(from, from.h * KEY_SCALE, inside),
    };
    const how = moves[event.key];
    if (!how) return;
    event.preventDefault();
    desk.setBox(event.key.startsWith("Arrow") ? "Move crop" : "Resize crop", how, `box/${clip.id}/${pts}`);
    rests();
  };

  const wheeled = useRef<(event: WheelEvent) => void>(() => undefined);
  wheeled.current = (event) => {
    event.preventDefault();
    const factor = Math.exp(Math.min(Math.max(event.deltaY, -120), 120) / 900);
    desk.setBox("Resize crop", (from, inside) => scaledTo(from, from.h * factor, inside), `wheel/${clip.id}/${pts}`);
    rests();
  };
  useEffect(() => {
    const element = layer.current;
    const turned = (event: WheelEvent) => wheeled.current(event);
    element?.addEventListener("wheel", turned, { passive: false }); // React's own cannot keep the page still
    return () => element?.removeEventListener("wheel", turned);
  }, []);

  const { width, height } = sizeOf(box, frame);
  const place = {
    left: `${(box.cx - window.w / 2) * 100}%`,
    top: `${(box.cy - box.h / 2) * 100}%`,
    width: `${window.w * 100}%`,
    height: `${box.h * 100}%`,
    rotate: `${rotation_deg}deg`,
  };
  const said = `${Math.round(width)} × ${Math.round(height)} px, centre ${percent(box.cx)} across, ${percent(box.cy)} down`;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the play button and Space do the same
    // biome-ignore lint/a11y/useKeyWithClickEvents: the play button and Space do the same
    <div
      ref={layer}
      className="absolute inset-0"
      onClick={(event) => event.target === event.currentTarget && player?.toggle()}
    >
      <div aria-hidden className="pointer-events-none absolute inset-0 overflow-hidden">
        <div className="absolute shadow-[0_0_0_200vmax_var(--scrim)]" style={place} />
      </div>
      <div
        role="slider"
        tabIndex={0}
        aria-label="Crop"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(box.h * 100)}
        aria-valuetext={said}
        aria-description="The arrow keys move it, with Shift faster; plus and minus resize it"
        onKeyDown={keyed}
        onMouseDown={(event) => event.preventDefault()} // a drag leaves the focus where it is: the arrow keys go on by frames
        onPointerDown={(event) => begin(event, "body")}
        {...hold}
        className="absolute cursor-move touch-none border-2 border-accent -outline-offset-1!"
        style={place}
      >
        {hasGrid ? <Grid /> : null}
        {CORNERS.map((corner) => (
          <span
            key={corner}
            data-testid={`corner-${corner}`}
            onPointerDown={(event) => begin(event, corner)}
            {...hold}
            className={classes(
              "touchable absolute! size-4 rounded-full border-2 border-accent bg-ground",
              corner.startsWith("n") ? "-top-2" : "-bottom-2",
              corner.endsWith("w") ? "-left-2" : "-right-2",
              corner === "nw" || corner === "se" ? "cursor-nwse-resize" : "cursor-nesw-resize",
            )}
          />
        ))}
      </div>
      <Ghost clip={clip} frame={frame} />
      {box.h <= leastHeight(frame) * 1.001 ? (
        <p className="pointer-events-none absolute inset-x-0 bottom-2 mx-auto w-fit rounded-plain bg-scrim px-3 py-1 text-on-scrim">
          {LEAST_SIDE_PX} px: smaller there is nothing to enlarge
        </p>
      ) : null}
    </div>
  );
}

/** Where the crop goes over time: the way of its centre, and its windows at the keyframes. */
function Ghost({ clip, frame }: { readonly clip: EditClip; readonly frame: Frame }) {
  const { source, aspect } = frame;
  const crop = cropOf(clip, aspect, source);
  const path = useMemo(() => pathOf(crop, clip, frame), [crop, clip, frame]);
  if (path.length === 0) return null;
  const points = path.map((window) => `${window.cx * source.width},${window.cy * source.height}`).join(" ");
  const unit = source.height / 400;
  return (
    <svg
      aria-hidden="true"
      viewBox={`0 0 ${source.width} ${source.height}`}
      className="pointer-events-none absolute inset-0 size-full"
      data-testid="ghost"
    >
      {crop.keys.map((key) => {
        const { cx, cy, width, height, rotation_deg } = toPixels(windowOf(clip, key.pts, aspect, source), source);
        return (
          <g key={key.id} transform={`rotate(${rotation_deg} ${cx} ${cy})`}>
            <rect
              x={cx - width / 2}
              y={cy - height / 2}
              width={width}
              height={height}
              fill="none"
              stroke="white"
              strokeOpacity="0.55"
              strokeWidth={unit}
              strokeDasharray={`${4 * unit} ${4 * unit}`}
            />
            <circle cx={cx} cy={cy} r={2.5 * unit} fill="white" stroke="black" strokeWidth={unit / 2} />
          </g>
        );
      })}
      <polyline points={points} fill="none" stroke="black" strokeOpacity="0.6" strokeWidth={2.6 * unit} />
      <polyline points={points} fill="none" stroke="white" strokeWidth={1.4 * unit} />
    </svg>
  );
}

function apartOf(fingers: ReadonlyMap<number, { readonly x: number; readonly y: number }>): number {
  const [a, b] = [...fingers.values()];
  return a && b ? Math.max(Math.hypot(a.x - b.x, a.y - b.y), 20) : 20;
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}
