import { ArrowDownWideNarrow, Clapperboard, Plus } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { Button } from "../look/button.tsx";
import { EmptyState } from "../look/empty.tsx";
import { MOST_CLIPS, MOST_TITLE } from "../project/document.ts";
import { ProjectHead, titleOf } from "../project/head.tsx";
import { annotatePath } from "../project/stepper.tsx";
import { clipOf, type OpenedProject, useEdited } from "../project/use_project.ts";
import { useHotkeys } from "../shell/hotkeys.ts";
import { useScreenTitle } from "../shell/title.ts";
import { AddClips } from "./add_clips.tsx";
import { ClipRow, type RowDeeds } from "./clip_row.tsx";
import { deskOf, isChanged } from "./desk.ts";
import { PlaceDialog } from "./place_dialog.tsx";
import { type Held, placeWhile, shiftOf, useReordering } from "./reordering.ts";
import { Shape } from "./shape.tsx";
import { Summary } from "./summary.tsx";

/** The clips of a project. */
export function Clips({ opened }: { readonly opened: OpenedProject }) {
  const { editing } = opened;
  const edit = useEdited(opened, (state) => state.edit);
  const selected = useEdited(opened, (state) => state.selected);
  const [spoken, say] = useState("");
  const [asked, ask] = useState<"add" | { readonly place: string } | null>(null);
  const list = useRef<HTMLOListElement>(null);
  const navigate = useNavigate();
  useScreenTitle(titleOf(edit.title));
  const desk = useMemo(() => deskOf(opened, say), [opened]);
  const { held, take } = useReordering(list, desk.moveTo);
  const grabbed = useRef(take);
  grabbed.current = take;
  const focusAt = useFocusAfterwards(list);
  const remove = useCallback(
    (id: string) => {
      focusAt(desk.places().indexOf(id));
      desk.remove(id);
    },
    [desk, focusAt],
  );
  const deeds: RowDeeds = useMemo(
    () => ({
      take: (event, id) => grabbed.current(event, id),
      moveBy: desk.moveBy,
      moveTo: desk.moveTo,
      rest: () => editing.settle(),
      askPlace: (id) => ask({ place: id }),
      remove,
      takeNew: (id) => desk.takeBoundaries([id]),
      keep: (id) => void desk.leaveBoundaries([id]),
    }),
    [desk, editing, remove],
  );
  const annotate = selected && annotatePath(opened, selected);
  useHotkeys([
    {
      keys: ["Alt+ArrowUp"],
      label: "Move the clip up",
      group: "Project",
      repeats: true,
      run: () => selected && desk.moveBy(selected, -1),
    },
    {
      keys: ["Alt+ArrowDown"],
      label: "Move the clip down",
      group: "Project",
      repeats: true,
      run: () => selected && desk.moveBy(selected, 1),
    },
    {
      keys: ["Delete", "Backspace"],
      label: "Remove the clip from the reel",
      group: "Project",
      run: () => selected && remove(selected),
    },
    {
      keys: ["E"],
      label: "Edit the clip in Annotate",
      group: "Project",
      run: () => annotate && void navigate(annotate),
    },
    { keys: ["B"], label: "Best first", group: "Project", run: desk.sortBest },
    { keys: ["N"], label: "Add clips", group: "Project", run: () => ask("add") },
  ]);
  const placing = asked !== null && asked !== "add" ? asked.place : null;
  const of = edit.clips.length;
  return (
    <div className="flex flex-1 flex-col">
      <div className="sticky top-(--head) z-10 border-line border-b bg-surface pb-0.5">
        <ProjectHead
          opened={opened}
          at="clips"
          title={<Title title={edit.title} onChange={desk.rename} onRest={deeds.rest} />}
        />
      </div>
      <div className="mx-auto grid w-full max-w-300 flex-1 grid-cols-1 content-start gap-4 p-4 pb-28 desk:grid-cols-[minmax(0,1fr)_320px] desk:gap-x-8 desk:p-8">
        <section aria-label="Clips of the reel" className="grid min-w-0 grid-cols-1 content-start gap-3">
          <div className="flex flex-wrap items-center justify-between gap-3">
            <div className="max-tablet:grid max-tablet:w-full">
              <Shape value={edit.aspect} onChange={desk.shape} />
            </div>
            <div className="flex gap-2 max-tablet:w-full max-tablet:[&>button]:flex-1">
              <Button
                icon={ArrowDownWideNarrow}
                keys="B"
                blocked={of > 1 ? null : "There is nothing to order."}
                onClick={desk.sortBest}
              >
                Best first
              </Button>
              <Button
                icon={Plus}
                keys="N"
                blocked={of < MOST_CLIPS ? null : `A project takes ${MOST_CLIPS} clips.`}
                onClick={() => ask("add")}
              >
                Add clips
              </Button>
            </div>
          </div>
          <p id="how-to-move" className="sr-only">
            The up and down keys move it. Home makes it the first, End the last.
          </p>
          {of ? (
            <ol ref={list} aria-label="Clips in their order" className="grid grid-cols-1 gap-2">
              {edit.clips.map((clip, place) => (
                <li
                  key={clip.id}
                  data-id={clip.id}
                  onFocus={() => editing.select(clip.id)}
                  className={lookOf(held, clip.id)}
                  style={held ? { transform: `translateY(${shiftOf(held, clip.id, place)}px)` } : undefined}
                >
                  <ClipRow
                    clip={clip}
                    marked={clipOf(opened, clip)}
                    origin={opened.sources.get(clip.source_id ?? "") ?? null}
                    aspect={edit.aspect}
                    place={placeWhile(held, clip.id, place)}
                    of={of}
                    is_held={held?.id === clip.id}
                    is_changed={isChanged(opened, clip)}
                    annotate={annotatePath(opened, clip.id)}
                    deeds={deeds}
                  />
                </li>
              ))}
            </ol>
          ) : (
            <EmptyState
              icon={Clapperboard}
              title="No clips in this reel"
              text="Add the clips that you want to show. They can be put in any order."
              actions={
                <Button kind="go" icon={Plus} onClick={() => ask("add")}>
                  Add clips
                </Button>
              }
            />
          )}
        </section>
        <Summary opened={opened} edit={edit} onTakeAll={desk.takeBoundaries} />
      </div>
      {asked === "add" ? (
        <AddClips
          opened={opened}
          onClose={() => ask(null)}
          onAdded={(count) => say(count === 1 ? "Clip added at the end" : `${count} clips added at the end`)}
        />
      ) : null}
      {placing ? (
        <PlaceDialog
          place={desk.places().indexOf(placing)}
          of={of}
          name={clipNamed(opened, placing)}
          onMove={(place) => desk.moveTo(placing, place)}
          onClose={() => ask(null)}
        />
      ) : null}
      <p aria-live="polite" className="sr-only">
        {spoken}
      </p>
    </div>
  );
}

interface TitleProps {
  readonly title: string;
  readonly onChange: (title: string) => void;
  readonly onRest: () => void;
}

/** What the reel is called, typed in its place; spaces at the ends only once one has gone on. */
function Title({ title, onChange, onRest }: TitleProps) {
  const [typed, setTyped] = useState(title);
  useEffect(() => setTyped((now) => (now.trim() === title ? now : title)), [title]);
  return (
    <h1 className="min-w-0 flex-1">
      <input
        aria-label="Title of the reel"
        value={typed}
        maxLength={MOST_TITLE}
        placeholder={titleOf("")}
        onChange={(event) => {
          setTyped(event.target.value);
          onChange(event.target.value.trim());
        }}
        onBlur={() => {
          setTyped(title);
          onRest();
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" || event.key === "Escape") event.currentTarget.blur();
        }}
        className="h-8 w-full truncate rounded-plain bg-transparent px-2 font-strong text-16 placeholder:text-quiet hover:bg-hover focus:bg-hover pointer-coarse:h-11"
      />
    </h1>
  );
}

/** Once a line is gone, the keyboard goes on from the one that took its place. */
function useFocusAfterwards(list: { readonly current: HTMLElement | null }) {
  const [wanted, want] = useState<number | null>(null);
  useEffect(() => {
    if (wanted === null) return;
    want(null);
    const grips = list.current?.querySelectorAll<HTMLElement>("[data-grip]") ?? [];
    grips[Math.min(wanted, grips.length - 1)]?.focus({ preventScroll: true });
  }, [wanted, list]);
  return want;
}

function lookOf(held: Held | null, id: string): string {
  if (!held) return "";
  return held.id === id ? "relative z-10" : "transition-transform duration-(--calm) ease-out";
}

function clipNamed(opened: OpenedProject, place: string): string {
  const clip = opened.editing.edit.clips.find(({ id }) => id === place);
  return (clip && clipOf(opened, clip)?.shown_name) || "Clip";
}
