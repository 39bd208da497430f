/** A lane below the strips: points and spans of one kind, to be chosen, dragged and moved by keys. Ticks are the clock's. */

import type { Span } from "../reel/timing.ts";

/** A moment: a keyframe. */
export interface LanePoint {
  readonly id: string;
  readonly tick: number;
  /** As it is read out: "Keyframe at 0:12.40". */
  readonly label: string;
  /** Not made by hand: drawn hollow. */
  readonly is_hollow?: boolean;
}

/** A stretch: a speed, a spotlight. */
export interface LaneSpan extends Span {
  readonly id: string;
  readonly label: string;
  /** What stands in it: "0.5×". */
  readonly text: string;
  /** Something is wrong with it: amber, and its words say what. */
  readonly is_doubtful?: boolean;
}

/** Which part of a thing is moved: an edge, or all of it. */
export type LanePart = "in" | "out" | "body";

/** Where a thing would be, before anyone holds it to the rules; a point's edges are the same. */
export interface LaneMoved extends Span {
  readonly id: string;
  readonly part: LanePart;
}

export interface Lane {
  readonly id: string;
  /** What stands in it, all together: "Keyframes". */
  readonly label: string;
  readonly points?: readonly LanePoint[];
  readonly spans?: readonly LaneSpan[];
  readonly chosen: string | null;
  readonly onChoose: (id: string) => void;
  /** While it is dragged; `ends` says how. */
  readonly onMove: (moved: LaneMoved, ends: "no" | "done" | "undone") => void;
  /** By keys: so many frames. */
  readonly onNudge: (id: string, part: LanePart, by: number) => void;
}
