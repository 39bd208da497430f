import { Clapperboard } from "lucide-react";
import { type KeyboardEvent, memo, useEffect, useLayoutEffect, useRef, useState } from "react";
import { saidDuration, saidMoment } from "../editing/said.ts";
import { classes } from "../look/classes.ts";
import { RatingBadge } from "../look/rating.tsx";
import { shownName } from "./document.ts";
import type { Row } from "./listing.ts";

interface ClipListProps {
  readonly rows: readonly Row[];
  readonly selected: string | null;
  readonly ticks_per_s: number;
  readonly projects: ReadonlyMap<string, readonly string[]>;
  readonly onOpen: (id: string) => void;
  readonly onPlay: (id: string) => void;
}

export const ROW_PX = 52;
const BEYOND = 4;

/** The clips, one line each; only those in sight are there. Up and down go from one to the next. */
export function ClipList({ rows, selected, ticks_per_s, projects, onOpen, onPlay }: ClipListProps) {
  const box = useRef<HTMLDivElement>(null);
  const [{ first, count }, setSight] = useState({ first: 0, count: 12 });
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const look = () => {
      const next = Math.max(Math.floor(element.scrollTop / ROW_PX) - BEYOND, 0);
      const many = Math.ceil(element.clientHeight / ROW_PX) + 2 * BEYOND;
      setSight((now) => (now.first === next && now.count === many ? now : { first: next, count: many }));
    };
    look();
    element.addEventListener("scroll", look, { passive: true });
    const watching = new ResizeObserver(look);
    watching.observe(element);
    return () => {
      element.removeEventListener("scroll", look);
      watching.disconnect();
    };
  }, []);

  const place = rows.findIndex(({ clip }) => clip.id === selected);
  useEffect(() => {
    const element = box.current;
    if (!element || place < 0) return;
    const top = place * ROW_PX;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + ROW_PX > element.scrollTop + element.clientHeight)
      element.scrollTop = top + ROW_PX - element.clientHeight;
  }, [place]);

  const walk = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8, Home: -rows.length, End: rows.length }[
      event.key
    ];
    if (step === undefined) return;
    event.preventDefault(); // here they go from clip to clip, elsewhere from edge to edge
    const from = place < 0 && step > 0 ? -1 : Math.max(place, 0); // with none chosen, down comes to the first
    const next = rows[Math.min(Math.max(from + step, 0), rows.length - 1)];
    if (next) onOpen(next.clip.id);
  };

  const isWithin = useRef(false);
  useEffect(() => {
    if (isWithin.current && selected) document.getElementById(`row-${selected}`)?.focus({ preventScroll: true });
  }, [selected]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys go over the lines, each of which is a button
    <div
      ref={box}
      onKeyDown={walk}
      onFocus={() => {
        isWithin.current = true;
      }}
      onBlur={() => {
        isWithin.current = false;
      }}
      className="relative min-h-0 flex-1 overflow-y-auto overscroll-contain"
    >
      <ul aria-label="Clips" style={{ height: rows.length * ROW_PX, paddingTop: first * ROW_PX }}>
        {rows.slice(first, first + count).map((row, index) => (
          <Line
            key={row.clip.id}
            row={row}
            number={first + index + 1}
            of={rows.length}
            isSelected={row.clip.id === selected}
            isEntry={row.clip.id === selected || (place < 0 && index === 0)}
            inProjects={projects.get(row.clip.id)?.length ?? 0}
            ticks_per_s={ticks_per_s}
            onOpen={onOpen}
            onPlay={onPlay}
          />
        ))}
      </ul>
    </div>
  );
}

interface LineProps {
  readonly row: Row;
  readonly number: number;
  readonly of: number;
  readonly isSelected: boolean;
  /** The Tab key comes to this line; the arrow keys go on from it. */
  readonly isEntry: boolean;
  readonly inProjects: number;
  readonly ticks_per_s: number;
  readonly onOpen: (id: string) => void;
  readonly onPlay: (id: string) => void;
}

const Line = memo(function Line(props: LineProps) {
  const { row, number, of, isSelected, isEntry, inProjects, ticks_per_s, onOpen, onPlay } = props;
  const { clip, in_tick, out_tick } = row;
  return (
    <li aria-posinset={number} aria-setsize={of} style={{ height: ROW_PX }}>
      <button
        id={`row-${clip.id}`}
        type="button"
        tabIndex={isEntry ? 0 : -1}
        aria-current={isSelected || undefined}
        onClick={() => onOpen(clip.id)}
        onDoubleClick={() => onPlay(clip.id)}
        className={classes(
          "grid h-full w-full grid-cols-[48px_auto_minmax(0,1fr)_auto] items-center gap-3 border-l-2 pr-4 pl-1 text-left -outline-offset-2!",
          isSelected ? "border-accent bg-selected" : "border-transparent hover:bg-hover",
        )}
      >
        <time className="text-right text-quiet">{saidMoment(in_tick / ticks_per_s)}</time>
        <RatingBadge rating={clip.rating} />
        <span className="grid min-w-0">
          <bdi className="truncate font-strong">{shownName(clip)}</bdi>
          <span className="truncate text-12 text-quiet">{clip.tags.length ? clip.tags.join(", ") : "No tags"}</span>
        </span>
        <span className="tabular flex items-center gap-1.5 text-12 text-quiet">
          {inProjects ? <Clapperboard aria-label="In a project" size={14} /> : null}
          {saidDuration((out_tick - in_tick) / ticks_per_s)}
        </span>
      </button>
    </li>
  );
});
