import {
  ArrowDown,
  ArrowUp,
  ArrowUpToLine,
  Check,
  Ellipsis,
  GripVertical,
  ListOrdered,
  Scissors,
  Trash2,
  TriangleAlert,
} from "lucide-react";
import { type KeyboardEvent, memo, type PointerEvent } from "react";
import { useNavigate } from "react-router";
import { saidDuration, saidMoment } from "../editing/said.ts";
import { Button, IconButton } from "../look/button.tsx";
import { classes } from "../look/classes.ts";
import { Menu } from "../look/menu.tsx";
import { RatingBadge } from "../look/rating.tsx";
import { type Aspect, type EditClip, isFramed } from "../project/document.ts";
import type { ClipOut, Origin } from "../project/use_project.ts";
import type { RatingValue } from "../reel/annotation.ts";
import { seconds } from "../reel/timing.ts";
import { clipLastsSaid } from "./saying.ts";
import { Still } from "./still.tsx";

export interface RowDeeds {
  readonly take: (event: PointerEvent, id: string) => void;
  readonly moveBy: (id: string, by: -1 | 1) => void;
  readonly moveTo: (id: string, place: number) => void;
  readonly rest: () => void;
  readonly askPlace: (id: string) => void;
  readonly remove: (id: string) => void;
  readonly takeNew: (id: string) => void;
  readonly keep: (id: string) => void;
}

interface ClipRowProps {
  readonly clip: EditClip;
  /** null where it was deleted in its game. */
  readonly marked: ClipOut | null;
  /** null where its game was deleted. */
  readonly origin: Origin | null;
  readonly aspect: Aspect;
  /** Counted from 0. */
  readonly place: number;
  readonly of: number;
  readonly is_held: boolean;
  readonly is_changed: boolean;
  /** Where Annotate shows it. */
  readonly annotate: string | null;
  readonly deeds: RowDeeds;
}

/** A clip of the reel: its picture with what the shape shows of it, how good it is, what it is, how long. */
export const ClipRow = memo(function ClipRow(props: ClipRowProps) {
  const { clip, marked, origin, aspect, place, of, is_held, is_changed, deeds } = props;
  const name = marked?.shown_name ?? "Clip";
  const middle = Math.floor((clip.in_pts + clip.out_pts) / 2);
  const framed = isFramed(clip, aspect);
  const begins = `${name}, place ${place + 1} of ${of}`;
  return (
    <div
      className={classes(
        "overflow-hidden rounded-plain border bg-surface transition-colors duration-(--quick) ease-out",
        is_held ? "border-accent shadow-float" : "border-line hover:border-outline",
      )}
    >
      <div className="flex items-center gap-2 p-2 tablet:gap-3">
        <Grip name={begins} id={clip.id} deeds={deeds} />
        <output className="w-5 shrink-0 text-center font-strong text-quiet max-phone:hidden">{place + 1}</output>
        <Still
          source={origin?.source ?? null}
          moment={{ pts: middle, time_base: clip.time_base }}
          aspect={aspect}
          crop={clip.crops[aspect] ?? null}
          rotation_deg={clip.rotation_deg}
          className="w-24 shrink-0 rounded-plain tablet:w-36"
        />
        <div className="grid min-w-0 flex-1 grid-cols-1 gap-0.5">
          <h3 className="flex items-center gap-2 text-14">
            {marked ? <RatingBadge rating={marked.rating as RatingValue} /> : null}
            <span className="min-w-0 truncate max-tablet:line-clamp-2 max-tablet:whitespace-normal">
              <bdi>{name}</bdi>
            </span>
          </h3>
          <p className="truncate text-12 text-quiet">
            {marked ? marked.tags.join(", ") || "No tags" : "Deleted in its game; here it stays."}
          </p>
          <p className="tabular flex items-center gap-2 text-12 text-quiet">
            <span className="truncate max-phone:hidden">{whereSaid(clip, origin)}</span>
            <span className="tablet:hidden">{clipLastsSaid(clip)}</span>
            {framed ? (
              <span className="flex items-center gap-1 text-go">
                <Check aria-hidden size={14} />
                Framed
              </span>
            ) : null}
          </p>
        </div>
        <output className="w-16 shrink-0 text-right text-quiet max-tablet:hidden">{clipLastsSaid(clip)}</output>
        <More {...props} name={name} />
      </div>
      {is_changed && marked ? <Changed clip={clip} marked={marked} deeds={deeds} /> : null}
    </div>
  );
});

interface GripProps {
  readonly name: string;
  readonly id: string;
  readonly deeds: RowDeeds;
}

/** What a line is moved by: dragged, or with the arrow keys. */
function Grip({ name, id, deeds }: GripProps) {
  const walk = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const to = { Home: 0, End: Number.POSITIVE_INFINITY }[event.key];
    if (event.key === "ArrowUp") deeds.moveBy(id, -1);
    else if (event.key === "ArrowDown") deeds.moveBy(id, 1);
    else if (to !== undefined) deeds.moveTo(id, to);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <button
      type="button"
      aria-label={`Move ${name}`}
      aria-describedby="how-to-move"
      data-grip={id}
      onPointerDown={(event) => deeds.take(event, id)}
      onKeyDown={walk}
      onBlur={deeds.rest}
      className="touchable grid h-14 w-7 shrink-0 cursor-grab! touch-none place-items-center rounded-plain text-quiet hover:bg-hover hover:text-text active:cursor-grabbing!"
    >
      <GripVertical aria-hidden size={20} />
    </button>
  );
}

function More({ clip, place, of, annotate, deeds, name }: ClipRowProps & { readonly name: string }) {
  const navigate = useNavigate();
  const { id } = clip;
  return (
    <>
      <IconButton
        icon={Scissors}
        label="Edit in Annotate"
        measure="small"
        className="max-tablet:hidden"
        blocked={annotate ? null : "Its game was deleted."}
        onClick={() => annotate && void navigate(annotate)}
      />
      <Menu
        trigger={<IconButton icon={Ellipsis} label={`More for ${name}, place ${place + 1}`} measure="small" />}
        groups={[
          [
            {
              id: "annotate",
              label: "Edit in Annotate",
              icon: Scissors,
              blocked: annotate ? null : "Its game was deleted.",
              onSelect: () => annotate && void navigate(annotate),
            },
          ],
          [
            {
              id: "up",
              label: "Move up",
              icon: ArrowUp,
              keys: "Alt+ArrowUp",
              blocked: place > 0 ? null : "It is the first.",
              onSelect: () => deeds.moveTo(id, place - 1),
            },
            {
              id: "down",
              label: "Move down",
              icon: ArrowDown,
              keys: "Alt+ArrowDown",
              blocked: place < of - 1 ? null : "It is the last.",
              onSelect: () => deeds.moveTo(id, place + 1),
            },
            {
              id: "first",
              label: "Make it the first",
              icon: ArrowUpToLine,
              blocked: place > 0 ? null : "It is the first.",
              onSelect: () => deeds.moveTo(id, 0),
            },
            {
              id: "place",
              label: "Move to place …",
              icon: ListOrdered,
              blocked: of > 1 ? null : "It is the only one.",
              onSelect: () => deeds.askPlace(id),
            },
          ],
          [
            {
              id: "remove",
              label: "Remove from the reel",
              icon: Trash2,
              loses: true,
              keys: "Delete",
              onSelect: () => deeds.remove(id),
            },
          ],
        ]}
      />
    </>
  );
}

interface ChangedProps {
  readonly clip: EditClip;
  readonly marked: ClipOut;
  readonly deeds: RowDeeds;
}

/** Its start or end was changed in Annotate since the reel took it: the person says which it is. */
function Changed({ clip, marked, deeds }: ChangedProps) {
  const lasts = ({ in_pts, out_pts, time_base }: Pick<EditClip, "in_pts" | "out_pts" | "time_base">) =>
    saidDuration(seconds(out_pts - in_pts, time_base).toNumber());
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-line border-t bg-doubtful px-4 py-2">
      <p className="flex min-w-50 flex-1 items-center gap-2">
        <TriangleAlert aria-hidden size={18} className="shrink-0 text-doubt" />
        <span>
          Its start or end was changed in Annotate:{" "}
          <span className="tabular">
            {lasts(marked)} now, here {lasts(clip)}.
          </span>
        </span>
      </p>
      <div className="flex gap-2">
        <Button measure="small" onClick={() => deeds.takeNew(clip.id)}>
          Use the new
        </Button>
        <Button measure="small" kind="quiet" onClick={() => deeds.keep(clip.id)}>
          Keep
        </Button>
      </div>
    </div>
  );
}

/** Which game, which half, when in it. */
function whereSaid(clip: EditClip, origin: Origin | null): string {
  if (!origin) return "The game was deleted";
  const { game, source } = origin;
  const { facts } = source;
  const begins_s = facts ? seconds(facts.in_pts, facts.time_base).toNumber() : 0;
  const at_s = seconds(clip.in_pts, clip.time_base).toNumber() - begins_s;
  const half = game.sources.length > 1 ? `, part ${source.part}` : "";
  return `${game.opponent || "Game"}${half}, ${saidMoment(Math.max(at_s, 0))}`;
}
