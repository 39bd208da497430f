/** The keys of Framing; undo and redo are the project's head's. */

import type { Player } from "../player/player.ts";
import type { Hotkey } from "../shell/hotkeys.ts";
import type { Looking } from "../timeline/looking.ts";
import { along } from "../timeline/timeline.tsx";
import type { Desk } from "./desk.ts";

interface Keyed {
  readonly desk: Desk;
  readonly player: Player | null;
  readonly looking: Looking;
  readonly onLoop: () => void;
  readonly onMute: () => void;
  readonly onCompare: () => void;
  readonly onLetGo: () => void;
}

const PLAY = "Playing";
const FRAME = "Framing";
const LIST = "Timeline";

export function hotkeysOf({ desk, player, looking, onLoop, onMute, onCompare, onLetGo }: Keyed): readonly Hotkey[] {
  const has = (run: (player: Player) => void) => () => player && run(player);
  const move = (direction: -1 | 1) => (event: KeyboardEvent) => player && along(player, direction, event);
  return [
    { keys: ["Space", "K"], label: "Play or pause", group: PLAY, run: has((it) => it.toggle()) },
    { keys: ["J"], label: "Play back, again for faster", group: PLAY, run: has((it) => it.shuttle(-1)) },
    { keys: ["L"], label: "Play on, again for faster", group: PLAY, run: has((it) => it.shuttle(1)) },
    { keys: ["ArrowLeft"], label: "A frame back", group: PLAY, run: move(-1), repeats: true },
    { keys: ["ArrowRight"], label: "A frame on", group: PLAY, run: move(1), repeats: true },
    { keys: ["Shift+ArrowLeft"], label: "A second back", group: PLAY, run: move(-1), repeats: true },
    { keys: ["Shift+ArrowRight"], label: "A second on", group: PLAY, run: move(1), repeats: true },
    { keys: ["\\"], label: "Loop the clip", group: PLAY, run: onLoop },
    { keys: ["M"], label: "Sound on or off", group: PLAY, run: onMute },

    { keys: ["P"], label: "Add a keyframe", group: FRAME, run: desk.addKey },
    { keys: ["Delete", "Backspace"], label: "Delete the keyframe", group: FRAME, run: desk.removeKey },
    { keys: ["["], label: "The keyframe before", group: FRAME, run: () => desk.goKey(-1), repeats: true },
    { keys: ["]"], label: "The next keyframe", group: FRAME, run: () => desk.goKey(1), repeats: true },
    { keys: ["Mod+C"], label: "Copy the crop", group: FRAME, run: desk.copy },
    { keys: ["Mod+V"], label: "Paste the crop", group: FRAME, run: desk.paste },
    {
      keys: ["D"],
      label: "Use the default crop",
      group: FRAME,
      run: () => desk.takeDefault(desk.selected()?.id ?? ""),
    },
    { keys: ["S"], label: "Add a speed", group: FRAME, run: desk.addSpeed },
    { keys: ["I"], label: "The clip starts here", group: FRAME, run: () => desk.trim("in") },
    { keys: ["O"], label: "The clip ends here", group: FRAME, run: () => desk.trim("out") },
    { keys: ["B"], label: "Before and after", group: FRAME, run: onCompare },
    { keys: ["Escape"], label: "Close before and after", group: FRAME, run: onLetGo },

    { keys: ["ArrowUp"], label: "The clip before", group: LIST, run: () => desk.goClip(-1), repeats: true },
    { keys: ["ArrowDown"], label: "The next clip", group: LIST, run: () => desk.goClip(1), repeats: true },
    { keys: ["+", "="], label: "Closer", group: LIST, run: () => looking.zoomAt(1, player?.tick ?? 0), repeats: true },
    { keys: ["-"], label: "Farther", group: LIST, run: () => looking.zoomAt(-1, player?.tick ?? 0), repeats: true },
    { keys: ["0"], label: "All around the clip", group: LIST, run: () => looking.fit() },
  ];
}
