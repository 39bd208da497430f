import { ChevronLeft } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import { Banner } from "../look/banner.tsx";
import { useToasts } from "../look/toast.tsx";
import { UndoRedo } from "../look/undo_redo.tsx";
import { SavedLine } from "../saving/saved_line.tsx";
import { useHotkeys } from "../shell/hotkeys.ts";
import type { ProjectEditing } from "./editing.ts";
import { StaleEdit } from "./stale.tsx";
import { type At, annotatePath, Stepper } from "./stepper.tsx";
import { type OpenedProject, useEdited } from "./use_project.ts";

interface ProjectHeadProps {
  readonly opened: OpenedProject;
  readonly at: At;
  /** In place of the title: where it can be changed. */
  readonly title?: ReactNode;
  /** The screen's own buttons, beside undo and redo. */
  readonly actions?: ReactNode;
}

/** Above every screen of a project: what it is called, its steps, whether all is saved, the way back, what is wrong. */
export function ProjectHead({ opened, at, title, actions }: ProjectHeadProps) {
  const { editing, saver, project } = opened;
  const name = useEdited(opened, (state) => state.edit.title);
  const history = useEdited(opened, (state) => state.history);
  useEdited(opened, (state) => state.edit.clips); // Annotate's address follows the clips
  const [spoken, say] = useState("");
  const turn = (direction: "undo" | "redo") => say(turnedSaid(editing, direction));
  useHotkeys([
    { keys: ["Mod+Z"], label: "Undo", group: "Project", run: () => turn("undo") },
    { keys: ["Mod+Shift+Z", "Mod+Y"], label: "Redo", group: "Project", run: () => turn("redo") },
  ]);
  const isClips = at === "clips";
  return (
    <div className="shrink-0">
      <div className="flex flex-wrap items-center gap-x-3 px-2 tablet:px-4">
        <div className="flex h-11 min-w-0 flex-1 items-center gap-1 desk:h-12">
          <Link
            to={isClips ? "/projects" : `/projects/${project.id}`}
            aria-label={isClips ? "Back to the projects" : "Back to the project's clips"}
            className="touchable grid size-8 shrink-0 place-items-center rounded-plain text-quiet hover:bg-hover hover:text-text"
          >
            <ChevronLeft aria-hidden size={20} />
          </Link>
          {title ?? (
            <h1 className="flex min-w-0 flex-1 text-16">
              <bdi className="truncate">{titleOf(name)}</bdi>
            </h1>
          )}
        </div>
        <div className="max-tablet:order-3 max-tablet:-mx-1 max-tablet:w-full max-tablet:overflow-x-auto max-tablet:pb-1">
          <Stepper at={at} project={project} annotate={annotatePath(opened)} />
        </div>
        <div className="flex items-center gap-1 tablet:min-w-50 tablet:flex-1 tablet:justify-end">
          <SavedLine saver={saver} />
          <UndoRedo history={history} onTurn={turn} />
          {actions}
        </div>
      </div>
      <StaleEdit opened={opened} />
      <LostGame opened={opened} />
      <p aria-live="polite" className="sr-only">
        {spoken}
      </p>
    </div>
  );
}

export function titleOf(title: string): string {
  return title || "Untitled reel";
}

/** Take back or do again; return what to say of it. What cannot be any more is told with the reason. */
export function turnedSaid(editing: ProjectEditing, direction: "undo" | "redo"): string {
  const turned = editing.turn(direction);
  if (!turned) return direction === "undo" ? "There is nothing to undo" : "There is nothing to redo";
  if (turned.is_done) return `${direction === "undo" ? "Undone" : "Done again"}: ${turned.label}`;
  useToasts.getState().tell({
    title: `"${turned.label}" cannot be ${direction === "undo" ? "undone" : "done again"}`,
    text: "The same was changed elsewhere since.",
  });
  return "";
}

/** Clips whose game was deleted: what was made of them stays, new pictures of them there will be none. */
function LostGame({ opened }: { readonly opened: OpenedProject }) {
  const { sources } = opened;
  const clips = useEdited(opened, (state) => state.edit.clips);
  const lost = clips.filter(({ source_id }) => !sources.has(source_id ?? "")).length;
  if (lost === 0) return null;
  const what = lost === clips.length ? "The game of this project" : `The game of ${counted(lost)}`;
  return (
    <div className="px-2 pt-2 tablet:px-4">
      <Banner
        tone="doubt"
        title={`${what} was deleted.`}
        text="Reels that are made stay. New ones need the footage: remove the clips, or begin anew."
      />
    </div>
  );
}

function counted(count: number): string {
  return count === 1 ? "one clip" : `${count} clips`;
}
