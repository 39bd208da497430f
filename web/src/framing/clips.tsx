import { Check, EllipsisVertical, Pencil, Square } from "lucide-react";
import { useEffect, useRef } from "react";
import { useNavigate } from "react-router";
import { saidDuration } from "../editing/said.ts";
import { Button, IconButton } from "../look/button.tsx";
import { classes } from "../look/classes.ts";
import { Menu } from "../look/menu.tsx";
import { RatingBadge } from "../look/rating.tsx";
import { type Edit, type EditClip, isFramed } from "../project/document.ts";
import { annotatePath } from "../project/stepper.tsx";
import { clipOf, type OpenedProject } from "../project/use_project.ts";
import type { RatingValue } from "../reel/annotation.ts";
import { type Desk, NOT_THERE } from "./desk.ts";
import { lastsS } from "./speeding.ts";

interface ClipsProps {
  readonly opened: OpenedProject;
  readonly edit: Edit;
  readonly selected: string | null;
  readonly desk: Desk;
}

/** The clips of the reel in their order: which are framed, and the way back to where each was marked. */
export function Clips({ opened, edit, selected, desk }: ClipsProps) {
  const bare = edit.clips.filter((clip) => !isFramed(clip, edit.aspect));
  const missing = bare.length;
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    if (selected) list.current?.querySelector("[aria-current=true]")?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  return (
    <section aria-label="Clips of the reel" className="flex min-h-0 flex-col">
      <header className="flex h-11 shrink-0 items-center gap-2 pr-2 pl-4">
        <h2 className="flex-1 text-14">
          Clips{" "}
          <span className="tabular font-normal text-12 text-quiet">
            {edit.clips.length - missing} of {edit.clips.length} framed
          </span>
        </h2>
        {missing > 0 ? (
          <Button
            measure="small"
            kind="quiet"
            blocked={bare.some(desk.isThere) ? null : `${NOT_THERE}.`}
            onClick={() => desk.takeDefault("missing")}
          >
            Default for {missing === edit.clips.length ? "all" : `the other ${missing}`}
          </Button>
        ) : null}
      </header>
      <ol ref={list} className="min-h-0 overflow-y-auto">
        {edit.clips.map((clip, index) => (
          <Line
            key={clip.id}
            opened={opened}
            edit={edit}
            clip={clip}
            number={index + 1}
            isSelected={clip.id === selected}
            desk={desk}
          />
        ))}
      </ol>
    </section>
  );
}

interface LineProps {
  readonly opened: OpenedProject;
  readonly edit: Edit;
  readonly clip: EditClip;
  readonly number: number;
  readonly isSelected: boolean;
  readonly desk: Desk;
}

function Line({ opened, edit, clip, number, isSelected, desk }: LineProps) {
  const navigate = useNavigate();
  const marked = clipOf(opened, clip);
  const framed = isFramed(clip, edit.aspect);
  const annotate = annotatePath(opened, clip.id);
  return (
    <li
      className={classes(
        "flex min-h-13 items-center border-l-2 pr-2",
        isSelected ? "border-accent bg-selected" : "border-transparent hover:bg-hover",
      )}
    >
      <button
        type="button"
        aria-current={isSelected || undefined}
        onClick={() => desk.select(clip.id)}
        className="flex min-w-0 flex-1 items-center gap-2.5 self-stretch pl-2 text-left -outline-offset-2!"
      >
        <span
          className={classes(
            "grid size-5 shrink-0 place-items-center rounded-full",
            framed ? "bg-accent text-on-accent" : "border border-outline text-12 text-quiet",
          )}
        >
          {framed ? <Check aria-hidden size={14} strokeWidth={3} /> : <span aria-hidden>{number}</span>}
        </span>
        {marked ? <RatingBadge rating={marked.rating as RatingValue} /> : null}
        <span className="grid min-w-0 flex-1">
          <bdi className="truncate font-strong">{nameOf(opened, clip, number - 1)}</bdi>
          <span className="truncate text-12 text-quiet">
            {[saidDuration(lastsS(clip)), marked?.tags.join(", ")].filter(Boolean).join(" · ")}
          </span>
        </span>
        <span className="sr-only">{framed ? "framed" : "not framed yet"}</span>
      </button>
      <Menu
        trigger={<IconButton icon={EllipsisVertical} label={`More for clip ${number}`} measure="small" />}
        groups={[
          [
            {
              id: "annotate",
              label: "Edit in Annotate",
              icon: Pencil,
              blocked: annotate ? null : "Its game was deleted.",
              onSelect: () => annotate && void navigate(`${annotate}&from=framing`),
            },
            { id: "default", label: "Use the default crop", icon: Square, onSelect: () => desk.takeDefault(clip.id) },
          ],
        ]}
      />
    </li>
  );
}

/** Return what a clip of the reel is called. */
export function nameOf(opened: Pick<OpenedProject, "clips">, clip: EditClip, index: number): string {
  return clipOf(opened, clip)?.shown_name || clip.label || `Clip ${index + 1}`;
}
