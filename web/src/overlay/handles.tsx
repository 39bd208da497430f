import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from "react";
import { newId } from "../api/client.ts";
import { classes } from "../look/classes.ts";
import { OUTPUT_SIZES, radians } from "../reel/geometry.ts";
import { type Ellipse, toSource } from "../reel/spotlight.ts";
import type { Desk, Here } from "./desk.ts";
import { placedAt } from "./marks.ts";
import type { Fit } from "./picture.tsx";

interface HandlesProps {
  readonly here: Here;
  readonly fit: Fit;
  readonly desk: Desk;
}

type Part = "body" | "rx" | "ry";
type Side = "left" | "right" | "top" | "bottom" | null;

interface Grip {
  readonly part: Part;
  /** Which of the points on the outline; null for the inside. */
  readonly side: Side;
  readonly began: Ellipse;
  readonly here: Here;
  readonly key_id: string;
  readonly x: number;
  readonly y: number;
  readonly moved: boolean;
}

/** A press that has not moved so far is no drag. */
const STILL_PX = 3;
/** Of the output: what an arrow key moves, and with Shift. */
const [STEP_PX, LEAP_PX] = [2, 20];
const SMALLEST_PX = 4;

/** The spotlight's outline with what it is taken hold of by: its inside moves it, the points on it make it larger. */
export function Handles({ here, fit, desk }: HandlesProps) {
  const grip = useRef<Grip | null>(null);
  const { shot, region, frame } = here;
  const ellipse = region && placedAt(shot, region, frame);
  const output = OUTPUT_SIZES[shot.aspect];

  useEffect(() => {
    const letGo = (event: globalThis.KeyboardEvent) => {
      if (event.key !== "Escape" || !grip.current) return;
      event.preventDefault();
      event.stopPropagation();
      grip.current = null;
      desk.drop("Move spotlight", "undone");
    };
    window.addEventListener("keydown", letGo, { capture: true });
    return () => window.removeEventListener("keydown", letGo, { capture: true });
  }, [desk]);

  if (!ellipse || !region) return null;

  const hold = (event: PointerEvent, part: Part, side: Side = null) => {
    if (event.button !== 0) return;
    event.stopPropagation();
    event.currentTarget.setPointerCapture(event.pointerId);
    const moved = false;
    grip.current = { part, side, began: ellipse, here, key_id: newId(), x: event.clientX, y: event.clientY, moved };
  };
  const move = (event: PointerEvent) => {
    const held = grip.current;
    if (!held) return;
    const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
    if (!held.moved && Math.hypot(dx, dy) < STILL_PX) return;
    grip.current = { ...held, moved: true };
    const wish = moved(held, dx / fit.scale, dy / fit.scale);
    const window = held.here.shot.windowAt(held.here.shot.pts(held.here.frame));
    const { x, y, rx, ry } = toSource(wish, window, held.here.shot.ground.size, output);
    desk.drag(held, { x, y, rx, ry });
  };
  const letGo = (ends: "done" | "undone") => {
    const held = grip.current;
    grip.current = null;
    if (held?.moved) desk.drop(held.part === "body" ? "Move spotlight" : "Resize spotlight", ends);
  };
  const held = {
    onPointerMove: move,
    onPointerUp: () => letGo("done"),
    onPointerCancel: () => letGo("undone"),
  };

  const keyed = (event: KeyboardEvent, part: Part) => {
    const by = ARROWS[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const step = event.shiftKey ? LEAP_PX : STEP_PX;
    const [x, y] = [by[0] * step, by[1] * step];
    const sizes = event.altKey || part !== "body";
    if (!sizes) return desk.nudge({ x, y });
    if (part === "rx") return desk.nudge({ rx: x - y });
    if (part === "ry") return desk.nudge({ ry: x - y });
    desk.nudge({ rx: x, ry: -y });
  };

  const { x, y, rx, ry, rotation_deg } = ellipse;
  const said = `${Math.round((x / output.width) * 100)} % across, ${Math.round((y / output.height) * 100)} % down`;
  const wide = { left: x * fit.scale, top: y * fit.scale, width: rx * 2 * fit.scale, height: ry * 2 * fit.scale };
  return (
    <fieldset
      className="pointer-events-none absolute [--clear:18px] pointer-coarse:[--clear:44px]"
      style={{ ...wide, transform: `translate(-50%, -50%) rotate(${rotation_deg}deg)` }}
      onBlur={() => desk.settle()}
    >
      <legend className="sr-only">The spotlight in the picture</legend>
      <button
        type="button"
        aria-label={`Spotlight: ${said}. The arrow keys move it, with Alt they make it larger or smaller`}
        data-testid="spotlight"
        onPointerDown={(event) => hold(event, "body")}
        onKeyDown={(event) => keyed(event, "body")}
        {...held}
        className="touchable pointer-events-auto absolute! inset-0 cursor-move! touch-none rounded-[50%] border border-on-scrim/60 border-dashed shadow-[0_0_0_1px_var(--scrim)]"
      />
      {POINTS.map(({ part, side, place, cursor }) => {
        const shown = side === "right" || side === "bottom";
        const radius = part === "rx" ? rx : ry;
        return (
          // biome-ignore lint/a11y/noStaticElementInteractions: two of the four are sliders, which the keyboard moves
          <div
            key={side}
            {...(shown
              ? {
                  role: "slider",
                  tabIndex: 0,
                  "aria-label": part === "rx" ? "Width of the spotlight" : "Height of the spotlight",
                  "aria-valuemin": SMALLEST_PX,
                  "aria-valuemax": part === "rx" ? output.width : output.height,
                  "aria-valuenow": Math.round(radius * 2),
                  "aria-valuetext": `${Math.round(radius * 2)} pixels`,
                }
              : { "aria-hidden": true })}
            data-side={side}
            onPointerDown={(event) => hold(event, part, side)}
            onKeyDown={(event) => keyed(event, part)}
            {...held}
            className={classes(
              "touchable pointer-events-auto absolute! size-3 -translate-1/2 touch-none rounded-full border-2 border-picture bg-accent",
              place,
              cursor,
            )}
          />
        );
      })}
    </fieldset>
  );
}

/** On the outline; of a small one beside it, so far from the middle (--clear) that the inside can be taken hold of. */
const POINTS = [
  { part: "rx", side: "right", place: "left-[calc(50%+max(50%,var(--clear)))] top-1/2", cursor: "cursor-ew-resize" },
  { part: "rx", side: "left", place: "left-[calc(50%-max(50%,var(--clear)))] top-1/2", cursor: "cursor-ew-resize" },
  { part: "ry", side: "bottom", place: "left-1/2 top-[calc(50%+max(50%,var(--clear)))]", cursor: "cursor-ns-resize" },
  { part: "ry", side: "top", place: "left-1/2 top-[calc(50%-max(50%,var(--clear)))]", cursor: "cursor-ns-resize" },
] as const;

const ARROWS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Return the ellipse after a drag by so many pixels of the output. */
export function moved({ part, side, began }: Pick<Grip, "part" | "side" | "began">, dx: number, dy: number): Ellipse {
  if (part === "body") return { ...began, x: began.x + dx, y: began.y + dy };
  const turn = radians(began.rotation_deg);
  const [across, down] = [dx * Math.cos(turn) + dy * Math.sin(turn), dy * Math.cos(turn) - dx * Math.sin(turn)];
  const by = side === "left" ? -across : side === "right" ? across : side === "top" ? -down : down;
  return { ...began, [part]: Math.max(began[part] + by, SMALLEST_PX) };
}
