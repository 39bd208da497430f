/** The keys of Overlay. */

import type { Player } from "../player/player.ts";
import type { Hotkey } from "../shell/hotkeys.ts";
import type { Looking } from "../timeline/looking.ts";
import { along } from "../timeline/timeline.tsx";
import type { Desk } from "./desk.ts";

interface Keyed {
  readonly desk: Desk;
  readonly player: Player | null;
  readonly looking: Looking;
  readonly onToggle: () => void;
  readonly onFullScreen: () => void;
}

const PLAY = "Playing";
const SPOT = "Spotlight";
const LINE = "Timeline";

export function hotkeysOf({ desk, player, looking, onToggle, onFullScreen }: Keyed): readonly Hotkey[] {
  const has = (run: (player: Player) => void) => () => player && run(player);
  const move = (direction: -1 | 1) => (event: KeyboardEvent) => player && along(player, direction, event);
  return [
    { keys: ["Space", "K"], label: "Play or pause", group: PLAY, run: onToggle },
    { keys: ["J"], label: "Play back, again for faster", group: PLAY, run: has((it) => it.shuttle(-1)) },
    { keys: ["L"], label: "Play on, again for faster", group: PLAY, run: has((it) => it.shuttle(1)) },
    { keys: ["ArrowLeft"], label: "A frame back", group: PLAY, run: move(-1), repeats: true },
    { keys: ["ArrowRight"], label: "A frame on", group: PLAY, run: move(1), repeats: true },
    { keys: ["Shift+ArrowLeft"], label: "A second back", group: PLAY, run: move(-1), repeats: true },
    { keys: ["Shift+ArrowRight"], label: "A second on", group: PLAY, run: move(1), repeats: true },
    { keys: ["Mod+ArrowLeft"], label: "5 seconds back", group: PLAY, run: move(-1), repeats: true },
    { keys: ["Mod+ArrowRight"], label: "5 seconds on", group: PLAY, run: move(1), repeats: true },
    { keys: ["\\"], label: "Loop the spotlight", group: PLAY, run: () => desk.loop() },
    {
      keys: ["M"],
      label: "Sound on or off",
      group: PLAY,
      run: has((it) => it.setSound({ muted: !it.state.getState().muted })),
    },
    { keys: ["F"], label: "Full screen", group: PLAY, run: onFullScreen },

    { keys: ["N"], label: "Add spotlight", group: SPOT, run: () => desk.add() },
    { keys: ["P"], label: "Add keyframe", group: SPOT, run: () => desk.addKey() },
    {
      keys: ["Delete", "Backspace"],
      label: "Delete keyframe, or spotlight",
      group: SPOT,
      run: () => desk.removeHere(),
    },
    { keys: ["["], label: "To the keyframe before", group: SPOT, run: () => desk.goKey(-1), repeats: true },
    { keys: ["]"], label: "To the next keyframe", group: SPOT, run: () => desk.goKey(1), repeats: true },
    { keys: ["Mod+C"], label: "Copy the spotlight's place", group: SPOT, run: () => desk.copy() },
    { keys: ["Mod+V"], label: "Paste it here", group: SPOT, run: () => desk.paste() },
    { keys: ["I"], label: "The spotlight starts here", group: SPOT, run: () => desk.setEdge("in") },
    { keys: ["O"], label: "The spotlight ends here", group: SPOT, run: () => desk.setEdge("out") },

    { keys: [","], label: "The play before", group: LINE, run: () => desk.goPlay(-1) },
    { keys: ["."], label: "Next play", group: LINE, run: () => desk.goPlay(1) },
    { keys: ["ArrowUp"], label: "To the edge before", group: LINE, run: () => desk.goEdge(-1), repeats: true },
    { keys: ["ArrowDown"], label: "To the next edge", group: LINE, run: () => desk.goEdge(1), repeats: true },
    { keys: ["+", "="], label: "Closer", group: LINE, run: () => looking.zoomAt(1, player?.tick ?? 0), repeats: true },
    { keys: ["-"], label: "Farther", group: LINE, run: () => looking.zoomAt(-1, player?.tick ?? 0), repeats: true },
    { keys: ["0"], label: "The whole reel", group: LINE, run: () => looking.fit() },
  ];
}
