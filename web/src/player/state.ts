/** What a player says of itself. */

import type { Span } from "../reel/timing.ts";
import type { Fault } from "./faults.ts";

export interface PlayerState {
  readonly playing: boolean;
  /** It would play, but the next pictures are not there yet. */
  readonly waiting: boolean;
  /** A first picture has been shown. */
  readonly ready: boolean;
  readonly speed: number;
  readonly muted: boolean;
  readonly volume: number;
  readonly fault: Fault | null;
  /** What is played over and over, on the game's clock. */
  readonly loop: Span | null;
  /** Only these are played, in order and apart; null for everything. */
  readonly only: readonly Span[] | null;
}

export const AT_FIRST: PlayerState = {
  playing: false,
  waiting: false,
  ready: false,
  speed: 1,
  muted: false,
  volume: 1,
  fault: null,
  loop: null,
  only: null,
};
