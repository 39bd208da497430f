import { StuckSaves } from "../saving/stuck.tsx";
import { type Clip, idOf, shownName } from "./document.ts";
import type { Opened } from "./use_editing.ts";

/** Clips that could not be saved and need a person. */
export function StuckClips({ editing, saver }: Opened) {
  return (
    <StuckSaves
      saver={saver}
      isMine={(thing) => idOf(thing) !== null}
      nameOf={(thing) => {
        const clip = editing.clip(idOf(thing));
        return clip ? `"${shownName(clip)}"` : "A clip";
      }}
      theirsOf={({ current }) => (current ? `There it is "${shownName(current as unknown as Clip)}" now.` : "")}
      onTheirs={() => void editing.load().catch(() => undefined)} // the banner tells that nobody answers
    />
  );
}
