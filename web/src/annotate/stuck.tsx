import { useStore } from "zustand";
import type { Stuck } from "../editing/saves.ts";
import { Banner } from "../look/banner.tsx";
import { Button } from "../look/button.tsx";
import type { RatingValue } from "../reel/annotation.ts";
import { type Clip, idOf, shownName } from "./document.ts";
import type { Opened } from "./use_editing.ts";

/** What could not be saved and needs a person: both ways out, for each clip. */
export function StuckSaves({ editing, saver }: Opened) {
  const stuck = useStore(saver.state, (state) => state.saves.stuck);
  if (stuck.length === 0) return null;
  const theirs = (thing: string) => {
    saver.takeTheirs(thing);
    void editing.load().catch(() => undefined); // the banner tells that nobody answers
  };
  return (
    <div className="grid gap-2 px-2 pt-2 tablet:px-4">
      {stuck.slice(0, 3).map((one) => (
        <Banner
          key={`${one.thing}/${one.made_ms}`}
          tone="doubt"
          title={titleOf(one, editing.clip(idOf(one.thing)))}
          text={textOf(one)}
          actions={
            <>
              <Button measure="small" onClick={() => theirs(one.thing)}>
                {one.why === "conflict" ? "Load theirs" : "Let it go"}
              </Button>
              {one.why === "conflict" ? (
                <Button measure="small" onClick={() => saver.keepMine(one.thing)}>
                  Keep mine
                </Button>
              ) : null}
            </>
          }
        />
      ))}
    </div>
  );
}

function titleOf({ why }: Stuck, clip: Clip | null): string {
  const name = clip ? `"${shownName(clip)}"` : "A clip";
  if (why === "conflict") return `${name} was changed in another tab or on another device.`;
  return why === "gone" ? `${name} was deleted elsewhere.` : `${name} could not be saved.`;
}

function textOf({ why, message, current }: Stuck): string {
  if (why !== "conflict" || !current) return why === "refused" ? message : "What you changed in it since is not saved.";
  const theirs = current as unknown as Clip;
  return `There it is "${shownName({ ...theirs, rating: theirs.rating as RatingValue })}" now.`;
}
