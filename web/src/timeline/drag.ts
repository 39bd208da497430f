/** Dragging a clip: where its edges would be, before anyone holds them to the rules. */

import { snapped, snappedSpan, type Target } from "../editing/snapping.ts";
import type { Hit } from "../editing/strip.ts";
import type { View } from "../editing/view.ts";
import type { Span } from "../reel/timing.ts";

/** A clip taken hold of: which part of it, where the pointer was, and what it snaps to. */
export interface Grip extends Hit {
  readonly span: Span;
  readonly began_px: number;
  readonly targets: readonly Target[];
}

/** Where the clip would be. `target` is what it came to rest at. */
export interface Dragged {
  readonly id: string;
  readonly part: Hit["part"];
  readonly span: Span;
  readonly target: Target | null;
}

/** Return where a drag has come to. `free`: Alt is held, and nothing attracts. */
export function dragged({ id, part, span, began_px, targets }: Grip, px: number, view: View, free: boolean): Dragged {
  const by = Math.round((px - began_px) / view.px_per_tick);
  const near = free ? [] : targets;
  if (part === "body") {
    const { target, ...moved } = snappedSpan({ in_pts: span.in_pts + by, out_pts: span.out_pts + by }, near, view);
    return { id, part, span: moved, target };
  }
  const edge = part === "in" ? span.in_pts : span.out_pts;
  const { pts, target } = snapped(edge + by, near, view);
  return { id, part, span: part === "in" ? { ...span, in_pts: pts } : { ...span, out_pts: pts }, target };
}

/** Return what a dragged clip snaps to: the playhead, the parts' edges and the other clips that are near. */
export function targetsFor(
  id: string,
  clips: readonly (Span & { readonly id: string })[],
  playhead: number,
  edges: readonly number[],
): readonly Target[] {
  const others = clips.filter((clip) => clip.id !== id);
  return [
    { pts: playhead, kind: "playhead" },
    ...edges.map((pts) => ({ pts, kind: "part" })),
    ...others.flatMap(({ in_pts, out_pts }) => [
      { pts: in_pts, kind: "clip" },
      { pts: out_pts, kind: "clip" },
    ]),
  ];
}

/** Two fingers: how far apart, and where between them. */
export interface Pinch {
  readonly apart_px: number;
  readonly middle_px: number;
}

export function pinchOf(xs: Iterable<number>): Pinch | null {
  const [a, b] = [...xs];
  if (a === undefined || b === undefined) return null;
  return { apart_px: Math.max(Math.abs(a - b), 20), middle_px: (a + b) / 2 };
}

/** How much one notch of a wheel zooms; a trackpad's pinch sends many small ones. */
export function wheelZoom(delta_y: number, delta_mode: number): number {
  const px = delta_mode === 1 ? delta_y * 16 : delta_y;
  return Math.exp(-Math.min(Math.max(px, -120), 120) / 240);
}
