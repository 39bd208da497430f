import { useStore } from "zustand";
import type { Stuck } from "../editing/saves.ts";
import { Banner } from "../look/banner.tsx";
import { Button } from "../look/button.tsx";
import type { Saver } from "./saver.ts";

interface StuckSavesProps {
  readonly saver: Saver;
  /** Whether a screen shows what is stuck: that of another is asked about there. */
  readonly isMine: (thing: string) => boolean;
  /** What a thing is called here: "A clip". */
  readonly nameOf: (thing: string) => string;
  /** What another made of it, in a sentence; an empty one where there is nothing to say. */
  readonly theirsOf: (stuck: Stuck) => string;
  /** Read the server anew. */
  readonly onTheirs: () => void;
}

/** What could not be saved and needs a person: both ways out, for each thing. */
export function StuckSaves({ saver, isMine, nameOf, theirsOf, onTheirs }: StuckSavesProps) {
  const all = useStore(saver.state, (state) => state.saves.stuck);
  const stuck = all.filter(({ thing }) => isMine(thing));
  if (stuck.length === 0) return null;
  const theirs = (thing: string) => {
    saver.takeTheirs(thing);
    onTheirs();
  };
  return (
    <div className="grid gap-2 px-2 pt-2 tablet:px-4">
      {stuck.slice(0, 3).map((one) => (
        <Banner
          key={`${one.thing}/${one.made_ms}`}
          tone="doubt"
          title={titleOf(one, nameOf(one.thing))}
          text={textOf(one, theirsOf)}
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

function titleOf({ why }: Stuck, name: string): string {
  if (why === "conflict") return `${name} was changed in another tab or on another device.`;
  return why === "gone" ? `${name} was deleted elsewhere.` : `${name} could not be saved.`;
}

function textOf(stuck: Stuck, theirsOf: StuckSavesProps["theirsOf"]): string {
  if (stuck.why === "refused") return stuck.message;
  return (stuck.why === "conflict" && theirsOf(stuck)) || "What you changed in it since is not saved.";
}
