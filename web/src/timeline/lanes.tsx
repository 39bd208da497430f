import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useSyncExternalStore } from "react";
import { snapped, type Target } from "../editing/snapping.ts";
import { ptsAt, pxOf, type View } from "../editing/view.ts";
import { classes } from "../look/classes.ts";
import type { Player } from "../player/player.ts";
import type { Span } from "../reel/timing.ts";
import type { Lane, LaneMoved, LanePart, LanePoint, LaneSpan } from "./lane.ts";
import type { Looking } from "./looking.ts";
import type { Deeds } from "./pointers.ts";
import { LANE_PX } from "./sizes.ts";

interface LanesProps {
  readonly lanes: readonly Lane[];
  readonly looking: Looking;
  readonly player: Player | null;
  readonly deeds: Pick<Deeds, "seek" | "scrub">;
}

/** The lanes below the detail strip, in the same view: what is moved in time, at its time. */
export function Lanes({ lanes, looking, player, deeds }: LanesProps) {
  const view = useSyncExternalStore(looking.state.subscribe, () => looking.view);
  const head = useRef<HTMLDivElement>(null);
  useEffect(
    () =>
      player?.follow((tick) => {
        if (head.current) head.current.style.transform = `translateX(${pxOf(view, tick)}px)`;
      }),
    [player, view],
  );
  return (
    <div
      className="relative touch-none overflow-hidden rounded-plain border border-line bg-surface"
      data-testid="lanes"
    >
      {lanes.map((lane) => (
        <Row key={lane.id} lane={lane} view={view} player={player} deeds={deeds} />
      ))}
      <div ref={head} aria-hidden className="pointer-events-none absolute inset-y-0 -left-px w-0.5 bg-accent" />
    </div>
  );
}

interface RowProps {
  readonly lane: Lane;
  readonly view: View;
  readonly player: Player | null;
  readonly deeds: Pick<Deeds, "seek" | "scrub">;
}

/** A press that has not moved so far is no drag. */
const STILL_PX = 3;

interface Grip {
  readonly id: string;
  readonly part: LanePart;
  readonly span: Span;
  readonly x: number;
  /** Where the playhead was: it goes along with what is dragged. */
  readonly playhead: number | null;
  readonly moved: LaneMoved | null;
}

function Row({ lane, view, player, deeds }: RowProps) {
  const grip = useRef<Grip | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const tickAt = (event: PointerEvent) => ptsAt(view, event.clientX - (box.current?.getBoundingClientRect().left ?? 0));

  const hold = (event: PointerEvent, id: string, part: LanePart, span: Span) => {
    if (event.button !== 0) return;
    event.stopPropagation();
    event.currentTarget.setPointerCapture(event.pointerId);
    grip.current = { id, part, span, x: event.clientX, playhead: player?.tick ?? null, moved: null };
    lane.onChoose(id);
  };
  const move = (event: PointerEvent) => {
    const held = grip.current;
    if (!held) return;
    event.stopPropagation();
    if (!held.moved && Math.abs(event.clientX - held.x) < STILL_PX) return;
    const by = Math.round((event.clientX - held.x) / view.px_per_tick);
    const targets = event.altKey || held.playhead === null ? [] : targetsOf(held.playhead);
    const moved = { id: held.id, part: held.part, ...draggedBy(held, by, targets, view) };
    grip.current = { ...held, moved };
    lane.onMove(moved, "no");
  };
  const letGo = (ends: "done" | "undone") => {
    const moved = grip.current?.moved;
    grip.current = null;
    if (moved) lane.onMove(moved, ends);
  };
  const breakOff = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !grip.current?.moved) return;
    event.preventDefault();
    letGo("undone");
  };
  const nudge = (event: KeyboardEvent, id: string, part: LanePart, needs_alt: boolean) => {
    const direction = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    if (direction === 0 || event.altKey !== needs_alt) return;
    event.preventDefault();
    event.stopPropagation();
    lane.onNudge(id, part, direction * (event.shiftKey ? 10 : 1));
  };
  const held = { onPointerMove: move, onPointerUp: () => letGo("done"), onPointerCancel: () => letGo("undone") };

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for a form
    <div
      ref={box}
      role="group"
      aria-label={lane.label}
      className="relative border-line not-first:border-t pointer-coarse:h-9!"
      style={{ height: LANE_PX }}
      onKeyDown={breakOff}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        deeds.seek(tickAt(event));
      }}
      onPointerMove={(event) => {
        if (!grip.current && event.currentTarget.hasPointerCapture(event.pointerId)) deeds.scrub(tickAt(event));
      }}
    >
      {hasRoom(lane, view) ? (
        <span aria-hidden className="pointer-events-none absolute top-1 right-2 text-12 text-quiet">
          {lane.label}
        </span>
      ) : null}
      {lane.spans?.map((span) => (
        <Stretch
          key={span.id}
          span={span}
          view={view}
          isChosen={span.id === lane.chosen}
          onHold={(event, part) => hold(event, span.id, part, span)}
          onPress={() => lane.onChoose(span.id)}
          onNudge={(event, part) => nudge(event, span.id, part, part === "body")}
          held={held}
        />
      ))}
      {lane.points?.map((point) => (
        <Point
          key={point.id}
          point={point}
          view={view}
          isChosen={point.id === lane.chosen}
          onHold={(event) => hold(event, point.id, "body", { in_pts: point.tick, out_pts: point.tick })}
          onPress={() => lane.onChoose(point.id)}
          onNudge={(event) => nudge(event, point.id, "body", true)}
          held={held}
        />
      ))}
    </div>
  );
}

/** A lane's name stands at its right end, and the longest is so wide. */
const NAME_PX = 84;

/** Say whether nothing lies where a lane's name stands. */
function hasRoom({ points = [], spans = [] }: Lane, view: View): boolean {
  const isFree = (from: number, to: number) =>
    pxOf(view, to) < view.width_px - NAME_PX || pxOf(view, from) > view.width_px;
  return (
    points.every(({ tick }) => isFree(tick, tick)) && spans.every(({ in_pts, out_pts }) => isFree(in_pts, out_pts))
  );
}

interface Held {
  readonly onPointerMove: (event: PointerEvent) => void;
  readonly onPointerUp: () => void;
  readonly onPointerCancel: () => void;
}

interface PointProps {
  readonly point: LanePoint;
  readonly view: View;
  readonly isChosen: boolean;
  readonly onHold: (event: PointerEvent) => void;
  readonly onPress: () => void;
  readonly onNudge: (event: KeyboardEvent) => void;
  readonly held: Held;
}

/** A keyframe: a diamond, hollow where nobody made it by hand. Alt and the arrow keys move it. */
function Point({ point, view, isChosen, onHold, onPress, onNudge, held }: PointProps) {
  return (
    <button
      type="button"
      aria-label={point.label}
      aria-pressed={isChosen}
      aria-keyshortcuts="Alt+ArrowLeft Alt+ArrowRight"
      onPointerDown={onHold}
      onClick={(event) => event.detail === 0 && onPress()} // pressed by a key: the pointer chose it already
      onKeyDown={onNudge}
      {...held}
      style={{ left: pxOf(view, point.tick) }}
      className="touchable absolute top-1/2 grid size-6 -translate-1/2 cursor-grab! touch-none place-items-center rounded-plain outline-offset-0!"
    >
      <span
        className={classes(
          "size-3 rotate-45 rounded-[2px] border-2",
          isChosen ? "border-text ring-2 ring-accent" : "border-accent",
          point.is_hollow ? "bg-surface" : "bg-accent",
        )}
      />
    </button>
  );
}

interface StretchProps {
  readonly span: LaneSpan;
  readonly view: View;
  readonly isChosen: boolean;
  readonly onHold: (event: PointerEvent, part: LanePart) => void;
  readonly onPress: () => void;
  readonly onNudge: (event: KeyboardEvent, part: LanePart) => void;
  readonly held: Held;
}

/** A stretch with an edge at each end, each of which the keyboard can take hold of. */
function Stretch({ span, view, isChosen, onHold, onPress, onNudge, held }: StretchProps) {
  const [left, right] = [pxOf(view, span.in_pts), pxOf(view, span.out_pts)];
  const edges = ["in", "out"] as const;
  return (
    <div
      className={classes(
        "absolute inset-y-0.5 flex min-w-4 rounded-plain border",
        span.is_doubtful ? "border-doubt bg-doubtful" : "bg-selected",
        isChosen ? "border-accent" : span.is_doubtful ? "" : "border-outline",
      )}
      style={{ left, width: right - left }}
    >
      <button
        type="button"
        aria-label={span.label}
        aria-pressed={isChosen}
        aria-keyshortcuts="Alt+ArrowLeft Alt+ArrowRight"
        onPointerDown={(event) => onHold(event, "body")}
        onClick={(event) => event.detail === 0 && onPress()}
        onKeyDown={(event) => onNudge(event, "body")}
        {...held}
        className={classes(
          "tabular min-w-0 flex-1 cursor-grab! touch-none truncate px-1 text-center font-strong text-12 -outline-offset-2!",
          span.is_doubtful ? "text-doubt" : "text-go",
        )}
      >
        {span.text}
      </button>
      {edges.map((edge) => (
        <div
          key={edge}
          role="slider"
          tabIndex={0}
          aria-label={`${span.label}: ${edge === "in" ? "start" : "end"}`}
          aria-valuenow={edge === "in" ? span.in_pts : span.out_pts}
          aria-valuetext={span.label}
          onPointerDown={(event) => onHold(event, edge)}
          onKeyDown={(event) => onNudge(event, edge)}
          {...held}
          className={classes(
            "touchable absolute! inset-y-0 w-2 cursor-ew-resize touch-none rounded-plain",
            edge === "in" ? "-left-1" : "-right-1",
            isChosen ? "bg-accent" : "bg-outline",
          )}
        />
      ))}
    </div>
  );
}

function targetsOf(tick: number): readonly Target[] {
  return [{ pts: tick, kind: "playhead" }];
}

function draggedBy({ part, span }: Grip, by: number, targets: readonly Target[], view: View): Span {
  if (part === "in") return { ...span, in_pts: snapped(span.in_pts + by, targets, view).pts };
  if (part === "out") return { ...span, out_pts: snapped(span.out_pts + by, targets, view).pts };
  const in_pts = snapped(span.in_pts + by, targets, view).pts;
  return { in_pts, out_pts: in_pts + span.out_pts - span.in_pts };
}
