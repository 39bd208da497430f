/** Dragging a line of a list to another place: the others make room, and nothing is changed until it is let go. */

import { type PointerEvent as ReactPointerEvent, useEffect, useRef, useState } from "react";

/** A line while it is dragged. */
export interface Held {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  /** How far it is from where it was. */
  readonly by_px: number;
  /** What the others give way by: its height, and the gap below it. */
  readonly room_px: number;
}

/** So near the edge of the window it scrolls. */
const EDGE_PX = 72;
const SCROLL_PX = 12;

interface Grip {
  readonly id: string;
  readonly pointer: number;
  readonly began_px: number;
  readonly from: number;
  readonly middles: readonly number[];
  readonly room_px: number;
}

/** Return what is dragged, and what takes hold of a line. `list` has one child for each line, in order. */
export function useReordering(
  list: { readonly current: HTMLElement | null },
  onDrop: (id: string, to: number) => void,
) {
  const [held, setHeld] = useState<Held | null>(null);
  const drop = useRef(onDrop);
  drop.current = onDrop;
  const ends = useRef<() => void>(() => undefined);
  useEffect(() => () => ends.current(), []);

  const take = (event: ReactPointerEvent, id: string) => {
    const grip = list.current && event.button === 0 ? gripOf(list.current, event, id) : null;
    if (!grip) return;
    event.preventDefault(); // no text is selected, no page is scrolled
    ends.current();
    let [y, scrolling] = [event.clientY, 0];
    let last = heldAt(grip, y);
    const show = () => {
      last = heldAt(grip, y);
      setHeld(last);
    };
    const scroll = () => {
      const by = y < EDGE_PX + HEAD_PX ? -SCROLL_PX : y > window.innerHeight - EDGE_PX ? SCROLL_PX : 0;
      if (by) {
        window.scrollBy(0, by);
        show();
      }
      scrolling = requestAnimationFrame(scroll);
    };
    const finish = (is_done: boolean) => {
      ends.current();
      setHeld(null);
      if (is_done && last.to !== last.from) drop.current(id, last.to);
    };
    const stop = new AbortController();
    const follow = (name: string, heard: (event: Event) => void) =>
      window.addEventListener(name, heard, { signal: stop.signal, capture: true });
    const isIts = (happened: Event) => happened instanceof PointerEvent && happened.pointerId === grip.pointer;
    follow("pointermove", (moved) => {
      if (!isIts(moved)) return;
      y = (moved as PointerEvent).clientY;
      show();
    });
    follow("pointerup", (up) => isIts(up) && finish(true));
    follow("pointercancel", (gone) => isIts(gone) && finish(false));
    follow("keydown", (pressed) => {
      if ((pressed as KeyboardEvent).key !== "Escape") return;
      pressed.stopPropagation();
      finish(false);
    });
    ends.current = () => {
      stop.abort();
      cancelAnimationFrame(scrolling);
      ends.current = () => undefined;
    };
    scrolling = requestAnimationFrame(scroll);
    show();
  };
  return { held, take };
}

/** What the page's heads take at its top. */
const HEAD_PX = 104;

/** Return how far a line is moved while another is dragged, in pixels; `place` is where it stands. */
export function shiftOf(held: Held | null, id: string, place: number): number {
  if (!held) return 0;
  if (held.id === id) return held.by_px;
  if (place > held.from && place <= held.to) return -held.room_px;
  return place < held.from && place >= held.to ? held.room_px : 0;
}

/** Return the place that a line has while another is dragged, counted from 0. */
export function placeWhile(held: Held | null, id: string, place: number): number {
  if (!held) return place;
  return held.id === id ? held.to : place + Math.sign(shiftOf(held, id, place));
}

function gripOf(list: HTMLElement, event: ReactPointerEvent, id: string): Grip | null {
  const lines = [...list.children].filter((line) => line instanceof HTMLElement);
  const from = lines.findIndex((line) => line.dataset.id === id);
  const boxes = lines.map((line) => line.getBoundingClientRect());
  const box = boxes[from];
  if (!box) return null;
  const next = boxes[from + 1] ?? boxes[from - 1];
  const gap = next ? Math.abs(next.top - box.top) - (next.top > box.top ? box.height : next.height) : 0;
  return {
    id,
    pointer: event.pointerId,
    began_px: event.clientY + window.scrollY,
    from,
    middles: boxes.map((one) => (one.top + one.bottom) / 2 + window.scrollY),
    room_px: box.height + gap,
  };
}

/** A line takes another's place when its own middle has come over that one's. */
function heldAt({ id, began_px, from, middles, room_px }: Grip, y: number): Held {
  const by_px = y + window.scrollY - began_px;
  const middle = (middles[from] ?? 0) + by_px;
  const to = middles.filter((one, place) => place !== from && (place < from ? one < middle : one <= middle)).length;
  return { id, from, to, by_px, room_px };
}
