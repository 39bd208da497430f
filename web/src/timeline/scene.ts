/** What a timeline shows. */

import { type Placed, type Strip, stripOf } from "../editing/strip.ts";
import type { GameClock } from "../player/game.ts";
import type { RatingValue } from "../reel/annotation.ts";
import type { Energy } from "./energy.ts";
import type { Sheet } from "./sprites.ts";

/** A clip on a timeline, on the game's clock. */
export interface TimelineClip extends Placed {
  readonly rating: RatingValue;
  readonly label: string;
}

/** What there is to see and hear of a part. */
export interface Pictures {
  readonly sheet: Sheet | null;
  readonly image: HTMLImageElement | HTMLCanvasElement | null;
  readonly energy: Energy | null;
}

export interface Scene {
  readonly clock: GameClock;
  readonly strip: Strip<TimelineClip>;
  readonly selected: string | null;
  /** By source. */
  readonly pictures: ReadonlyMap<string, Pictures>;
  /** Where only a stretch of a source is shown: its first moment, in ticks after the source's; else 0. */
  readonly zero_tick?: number;
}

export function sceneOf(
  clock: GameClock,
  clips: readonly TimelineClip[],
  selected: string | null,
  pictures: ReadonlyMap<string, Pictures>,
  zero_tick = 0,
): Scene {
  return { clock, strip: stripOf(clips), selected, pictures, zero_tick };
}
