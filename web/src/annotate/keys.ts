/** The keys of Annotate. */

import type { Player } from "../player/player.ts";
import { RATING_VALUES, RATINGS } from "../reel/annotation.ts";
import type { Hotkey } from "../shell/hotkeys.ts";
import type { Looking } from "../timeline/looking.ts";
import { along } from "../timeline/timeline.tsx";
import { type Desk, KEYED_TAGS } from "./desk.ts";
import type { Editing } from "./editing.ts";

interface Keyed {
  readonly desk: Desk;
  readonly player: Player | null;
  readonly looking: Looking;
  readonly editing: Editing;
  readonly onFullScreen: () => void;
  readonly onOnlyClips: () => void;
}

const PLAY = "Playing";
const MARK = "Marking";
const LIST = "Timeline";

export function hotkeysOf({ desk, player, looking, editing, onFullScreen, onOnlyClips }: Keyed): readonly Hotkey[] {
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
    { keys: ["Mod+ArrowLeft"], label: "5 seconds back", group: PLAY, run: move(-1), repeats: true },
    { keys: ["Mod+ArrowRight"], label: "5 seconds on", group: PLAY, run: move(1), repeats: true },
    { keys: ["\\"], label: "Loop the clip", group: PLAY, run: () => desk.loop() },
    { keys: ["C"], label: "Play only the clips", group: PLAY, run: onOnlyClips },
    {
      keys: ["M"],
      label: "Sound on or off",
      group: PLAY,
      run: has((it) => it.setSound({ muted: !it.state.getState().muted })),
    },
    { keys: ["F"], label: "Full screen", group: PLAY, run: onFullScreen },

    { keys: ["N"], label: "Add clip: it just happened", group: MARK, run: () => desk.mark() },
    { keys: ["I"], label: "The clip starts here", group: MARK, run: () => desk.setEdge("in") },
    { keys: ["O"], label: "The clip ends here", group: MARK, run: () => desk.setEdge("out") },
    ...RATING_VALUES.map((rating) => ({
      keys: [String(rating)],
      label: `Rate ${RATINGS[rating].name} ${RATINGS[rating].symbol}`,
      group: MARK,
      run: () => desk.rate(rating),
    })),
    ...KEYED_TAGS.map((tag, index) => ({
      keys: [`Shift+${index + 1}`],
      label: `Tag ${tag}`,
      group: MARK,
      run: () => desk.tag(tag),
    })),
    { keys: ["Delete", "Backspace"], label: "Delete the clip", group: MARK, run: () => desk.remove() },
    { keys: ["Mod+Z"], label: "Undo", group: MARK, run: () => desk.turn("undo"), repeats: true },
    { keys: ["Mod+Shift+Z", "Mod+Y"], label: "Redo", group: MARK, run: () => desk.turn("redo"), repeats: true },

    { keys: ["ArrowUp"], label: "To the edge before", group: LIST, run: () => desk.goEdge(-1), repeats: true },
    { keys: ["ArrowDown"], label: "To the next edge", group: LIST, run: () => desk.goEdge(1), repeats: true },
    { keys: ["+", "="], label: "Closer", group: LIST, run: () => looking.zoomAt(1, player?.tick ?? 0), repeats: true },
    { keys: ["-"], label: "Farther", group: LIST, run: () => looking.zoomAt(-1, player?.tick ?? 0), repeats: true },
    { keys: ["0"], label: "The whole game", group: LIST, run: () => looking.fit() },
    { keys: ["Escape"], label: "Let go of the clip", group: LIST, run: () => editing.select(null) },
  ];
}
