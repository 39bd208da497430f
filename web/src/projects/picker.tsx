import { Scissors } from "lucide-react";
import { useId, useMemo, useState } from "react";
import { sentenceOf } from "../api/errors.ts";
import type { Game } from "../api/games.ts";
import { saidDuration, saidMoment } from "../editing/said.ts";
import { Banner } from "../look/banner.tsx";
import { Button } from "../look/button.tsx";
import { RatingBadge } from "../look/rating.tsx";
import { Loading, Skeleton } from "../look/skeleton.tsx";
import { RATING_VALUES, RATINGS, type RatingValue } from "../reel/annotation.ts";
import { seconds } from "../reel/timing.ts";
import { dateSaid } from "../shell/times.ts";
import { type ClipOut, useClipsOf } from "./reading.ts";
import { clipsSaid } from "./saying.ts";

interface PickerProps {
  readonly games: readonly Game[];
  /** Ids of clips, in the order in which they come into the reel. */
  readonly chosen: readonly ClipOut[];
  readonly onChange: (chosen: readonly ClipOut[]) => void;
  /** Clips that the project has already: they may come twice. */
  readonly there?: ReadonlySet<string>;
  /** As many as still fit. */
  readonly most: number;
}

/** Choosing clips: a game, from which rating, and each by itself. */
export function Picker({ games, chosen, onChange, there, most }: PickerProps) {
  const with_clips = games.filter(({ clip_count }) => clip_count > 0);
  const [game_id, setGame] = useState(with_clips[0]?.id ?? null);
  const clips = useClipsOf(game_id);
  const ids = useMemo(() => new Set(chosen.map(({ id }) => id)), [chosen]);
  const here = clips.data ?? [];
  const turn = (clip: ClipOut) =>
    onChange(ids.has(clip.id) ? chosen.filter(({ id }) => id !== clip.id) : [...chosen, clip].slice(0, most));
  const from = (least: RatingValue | null) => {
    const others = chosen.filter(({ game_id: of }) => of !== game_id);
    const wanted = least === null ? [] : here.filter(({ rating }) => rating >= least);
    onChange([...others, ...wanted].slice(0, most));
  };
  return (
    <div className="grid gap-3">
      {with_clips.length > 1 ? (
        <label className="grid gap-1">
          <span className="font-strong text-12">Game</span>
          <select
            value={game_id ?? ""}
            onChange={(event) => setGame(event.target.value)}
            className="h-10 rounded-plain border border-outline bg-surface px-3 pointer-coarse:h-11 pointer-coarse:text-16"
          >
            {with_clips.map((game) => (
              <option key={game.id} value={game.id}>
                {nameOf(game)}
              </option>
            ))}
          </select>
        </label>
      ) : null}
      {clips.data ? (
        <>
          <div className="flex flex-wrap items-center gap-1">
            <span className="flex-1 font-strong text-12 max-phone:w-full max-phone:flex-none">
              {clipsSaid(chosen.length)} chosen
            </span>
            {RATING_VALUES.filter((rating) => rating > 2 && here.some((clip) => clip.rating >= rating)).map(
              (rating) => (
                <Button key={rating} kind="quiet" measure="small" onClick={() => from(rating)}>
                  <span aria-hidden>{RATINGS[rating].symbol}</span>
                  <span className="sr-only">{RATINGS[rating].name}</span>
                  {rating === 5 ? "" : " and up"}
                </Button>
              ),
            )}
            <Button kind="quiet" measure="small" onClick={() => from(1)}>
              All
            </Button>
            <Button kind="quiet" measure="small" onClick={() => from(null)}>
              None
            </Button>
          </div>
          <ul aria-label="Clips to choose from" className="-mx-2 grid max-h-[42dvh] overflow-y-auto">
            {here.map((clip) => (
              <li key={clip.id}>
                <Line
                  clip={clip}
                  on={ids.has(clip.id)}
                  is_there={there?.has(clip.id) ?? false}
                  onTurn={() => turn(clip)}
                />
              </li>
            ))}
          </ul>
        </>
      ) : clips.isError ? (
        <Banner
          tone="doubt"
          title="The clips are not here yet."
          text={sentenceOf(clips.error)}
          actions={
            <Button measure="small" onClick={() => void clips.refetch()}>
              Try again
            </Button>
          }
        />
      ) : game_id === null ? (
        <p className="flex items-center gap-2 text-quiet">
          <Scissors aria-hidden size={18} />
          No game has a clip yet.
        </p>
      ) : (
        <Loading label="Loading the clips">
          <div className="grid gap-2">
            {["a", "b", "c", "d"].map((one) => (
              <Skeleton key={one} className="h-11" />
            ))}
          </div>
        </Loading>
      )}
    </div>
  );
}

interface LineProps {
  readonly clip: ClipOut;
  readonly on: boolean;
  readonly is_there: boolean;
  readonly onTurn: () => void;
}

function Line({ clip, on, is_there, onTurn }: LineProps) {
  const id = useId();
  const at_s = seconds(clip.in_pts, clip.time_base).toNumber();
  const lasts_s = seconds(clip.out_pts - clip.in_pts, clip.time_base).toNumber();
  return (
    <label
      htmlFor={id}
      className="flex min-h-12 cursor-pointer items-center gap-3 rounded-plain px-2 hover:bg-hover has-checked:bg-selected"
    >
      <input id={id} type="checkbox" checked={on} onChange={onTurn} className="size-5 shrink-0 accent-(--accent)" />
      <RatingBadge rating={clip.rating as RatingValue} />
      <span className="grid min-w-0 flex-1 grid-cols-1 py-1">
        <span dir="auto" className="truncate text-left font-strong">
          {clip.shown_name}
        </span>
        <span className="tabular truncate text-12 text-quiet">
          {saidMoment(at_s)}
          {clip.tags.length ? ` · ${clip.tags.join(", ")}` : ""}
          {is_there ? " · in this reel already" : ""}
        </span>
      </span>
      <span className="tabular text-12 text-quiet">{saidDuration(lasts_s)}</span>
    </label>
  );
}

function nameOf({ opponent, match_date }: Game): string {
  return [opponent || "Game", match_date ? dateSaid(match_date) : ""].filter(Boolean).join(", ");
}
