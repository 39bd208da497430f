/** What a player is made with. */

import type { Pictured, Playable } from "./films.ts";
import type { Shows } from "./frames.ts";
import type { GameClock, Part } from "./game.ts";
import type { Window, Windows } from "./windows.ts";

export interface Options {
  /** Where the pictures hang. */
  readonly stage: HTMLElement;
  readonly clock: GameClock;
  readonly playableOf: (part: Part) => Playable | null;
  /** How long a part turned out to be, in the element's seconds. */
  readonly toldDuration?: (part: Part, duration_s: number) => void;
  readonly windows?: Windows;
  readonly windowShows?: (window: Window) => Shows | null;
  /** Each picture as it comes on the screen: which element shows it, and the moment of its source that it is. */
  readonly pictured?: (pictured: Pictured) => void;
  /** Where it begins. */
  readonly at?: number;
}
