/** Pointers on the detail strip: what a press, a drag, two fingers and a wheel do. */

import { FINGER_PX, type Hit, hitAt, POINTER_PX } from "../editing/strip.ts";
import { ptsAt, type View } from "../editing/view.ts";
import { type Dragged, dragged, type Grip, pinchOf, targetsFor, wheelZoom } from "./drag.ts";
import { flicked, isAtRest, remembered, speedOf, type Touched } from "./flick.ts";
import type { Looking } from "./looking.ts";
import type { Scene } from "./scene.ts";
import { laneAt } from "./sizes.ts";

/** What a person does to the timeline, on the game's clock. */
export interface Deeds {
  readonly seek: (tick: number) => void;
  /** While the playhead is dragged. */
  readonly scrub: (tick: number) => void;
  readonly select: (id: string | null) => void;
  /** While a clip is dragged; `ends` says how. */
  readonly drag: (dragged: Dragged, ends: "no" | "done" | "undone") => void;
  readonly open: (id: string) => void;
  /** A clip is taken hold of by its edges only: a press inside it goes there. */
  readonly edges_only?: boolean;
  /** Nothing is taken hold of: a press goes there. */
  readonly is_fixed?: boolean;
}

/** A press that has not moved so far is no drag: pointers and fingers shake. */
const STILL_PX = 4;
/** So near the strip's end a dragged edge pulls the view along. */
const PULL_PX = 28;
const PULL_SPEED_PX = 9;

type Doing =
  | { readonly kind: "press"; readonly hit: Hit | null; readonly x: number; readonly is_finger: boolean }
  | { readonly kind: "scrub" | "pan"; readonly x: number }
  | { readonly kind: "grip"; readonly grip: Grip; readonly last: Dragged }
  | { readonly kind: "pinch"; readonly apart_px: number; readonly middle_px: number };

/** What a press needs to know of the moment. */
interface Around {
  readonly scene: () => Scene;
  readonly looking: () => Looking;
  readonly playhead: () => number;
  readonly deeds: () => Deeds;
}

/** Let an element be dragged on. Returns what ends that. */
export function followPointers(element: HTMLElement, around: Around): () => void {
  const fingers = new Map<number, number>();
  let doing: Doing | null = null;
  let pulling = 0;
  let way: readonly Touched[] = [];
  let flicking = 0;

  const xOf = (event: PointerEvent | WheelEvent | MouseEvent) => event.clientX - element.getBoundingClientRect().left;
  const yOf = (event: PointerEvent | MouseEvent) => event.clientY - element.getBoundingClientRect().top;
  const view = (): View => around.looking().view;
  const hitOf = (event: PointerEvent | MouseEvent, is_finger: boolean): Hit | null => {
    const { strip, selected } = around.scene();
    const lane = laneAt(yOf(event), strip.lane_count);
    if (lane === null || around.deeds().is_fixed) return null;
    const reach_px = is_finger ? FINGER_PX : POINTER_PX;
    const hit = hitAt(strip, view(), xOf(event), { lane, reach_px, selected });
    return hit?.part === "body" && around.deeds().edges_only ? null : hit;
  };
  const grip = (hit: Hit, x: number): Doing | null => {
    const { strip, clock } = around.scene();
    const clip = strip.clips.find(({ id }) => id === hit.id);
    if (!clip) return null;
    const edges = clock.parts.flatMap(({ begins, ends }) => [begins, ends]);
    const span = { in_pts: clip.in_pts, out_pts: clip.out_pts };
    const held = { ...hit, span, began_px: x, targets: targetsFor(hit.id, strip.clips, around.playhead(), edges) };
    return { kind: "grip", grip: held, last: { id: hit.id, part: hit.part, span, target: null } };
  };

  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    const x = xOf(event);
    cancelAnimationFrame(flicking); // a finger holds it
    way = [];
    fingers.set(event.pointerId, x);
    element.setPointerCapture(event.pointerId);
    if (fingers.size === 2) {
      undo();
      const pinch = pinchOf(fingers.values());
      doing = pinch && { kind: "pinch", ...pinch };
      return;
    }
    const is_finger = event.pointerType === "touch";
    const hit = hitOf(event, is_finger);
    doing = { kind: "press", hit, x, is_finger };
    if (is_finger) return;
    if (hit) around.deeds().select(hit.id);
    else around.deeds().seek(ptsAt(view(), x));
  };

  const move = (event: PointerEvent) => {
    const x = xOf(event);
    if (!fingers.has(event.pointerId)) return hover(event);
    fingers.set(event.pointerId, x);
    if (!doing) return;
    if (doing.kind === "press" && Math.abs(x - doing.x) >= STILL_PX) doing = begun(doing);
    if (doing?.kind === "scrub") around.deeds().scrub(ptsAt(view(), x));
    else if (doing?.kind === "pan") {
      around.looking().pan(doing.x - x);
      way = remembered(way, { px: x, at_ms: event.timeStamp });
      doing = { kind: "pan", x };
    } else if (doing?.kind === "grip") {
      drag(x, event.altKey);
      pull(x, event.altKey);
    } else if (doing?.kind === "pinch") {
      const pinch = pinchOf(fingers.values());
      if (!pinch) return;
      around.looking().zoom(pinch.apart_px / doing.apart_px, pinch.middle_px);
      around.looking().pan(doing.middle_px - pinch.middle_px);
      doing = { kind: "pinch", ...pinch };
    }
  };

  /** What a press turns into once it moves: fingers pan unless they hold the clip that is selected. */
  const begun = ({ hit, x, is_finger }: Extract<Doing, { kind: "press" }>): Doing | null => {
    if (!is_finger) return hit ? grip(hit, x) : { kind: "scrub", x };
    if (hit && hit.id === around.scene().selected) return grip(hit, x);
    return { kind: "pan", x };
  };

  const drag = (x: number, free: boolean) => {
    if (doing?.kind !== "grip") return;
    const last = dragged(doing.grip, x, view(), free);
    doing = { ...doing, last };
    around.deeds().drag(last, "no");
  };

  const pull = (x: number, free: boolean) => {
    cancelAnimationFrame(pulling);
    const { width_px, start_pts, px_per_tick } = view();
    const by = x < PULL_PX ? -PULL_SPEED_PX : x > width_px - PULL_PX ? PULL_SPEED_PX : 0;
    if (by === 0 || doing?.kind !== "grip") return;
    pulling = requestAnimationFrame(() => {
      if (doing?.kind !== "grip") return;
      around.looking().pan(by);
      const moved_px = (view().start_pts - start_pts) * px_per_tick;
      doing = { ...doing, grip: { ...doing.grip, began_px: doing.grip.began_px - moved_px } };
      drag(x, free);
      if (moved_px !== 0) pull(x, free);
    });
  };

  const up = (event: PointerEvent) => {
    fingers.delete(event.pointerId);
    cancelAnimationFrame(pulling);
    if (doing?.kind === "press" && doing.is_finger) {
      if (doing.hit) around.deeds().select(doing.hit.id);
      else around.deeds().seek(ptsAt(view(), doing.x));
    }
    if (doing?.kind === "grip") around.deeds().drag(doing.last, "done");
    if (doing?.kind === "pan") flick(speedOf(way, event.timeStamp));
    if (doing?.kind !== "pinch" || fingers.size === 0) doing = null;
  };

  /** What was panned goes on until it rests, is at the end, or is touched again. */
  const flick = (speed: number) => {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const began_ms = performance.now();
    let gone_px = 0;
    const on = () => {
      const after_ms = performance.now() - began_ms;
      const [before, by_px] = [view(), flicked(speed, after_ms) - gone_px];
      around.looking().pan(-by_px);
      gone_px += by_px;
      const is_at_end = by_px !== 0 && view() === before;
      if (!isAtRest(speed, after_ms) && !is_at_end) flicking = requestAnimationFrame(on);
    };
    flicking = requestAnimationFrame(on);
  };

  const undo = () => {
    cancelAnimationFrame(pulling);
    if (doing?.kind === "grip") around.deeds().drag(doing.last, "undone");
    doing = null;
  };

  const cancelled = (event: PointerEvent) => {
    fingers.delete(event.pointerId);
    undo();
  };

  const hover = (event: PointerEvent) => {
    const hit = hitOf(event, false);
    element.style.cursor = hit === null ? "default" : hit.part === "body" ? "grab" : "ew-resize";
  };

  const wheel = (event: WheelEvent) => {
    event.preventDefault();
    cancelAnimationFrame(flicking);
    if (event.ctrlKey || event.metaKey) around.looking().zoom(wheelZoom(event.deltaY, event.deltaMode), xOf(event));
    else around.looking().pan(Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.deltaY);
  };

  const twice = (event: MouseEvent) => {
    const hit = hitOf(event, false);
    if (hit) around.deeds().open(hit.id);
  };

  const letGo = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || doing?.kind !== "grip") return;
    event.preventDefault();
    undo();
  };

  const ends = new AbortController();
  const { signal } = ends;
  element.addEventListener("pointerdown", down, { signal });
  element.addEventListener("pointermove", move, { signal });
  element.addEventListener("pointerup", up, { signal });
  element.addEventListener("pointercancel", cancelled, { signal });
  element.addEventListener("wheel", wheel, { signal, passive: false });
  element.addEventListener("dblclick", twice, { signal });
  window.addEventListener("keydown", letGo, { signal, capture: true });
  return () => {
    cancelAnimationFrame(pulling);
    cancelAnimationFrame(flicking);
    ends.abort();
  };
}
