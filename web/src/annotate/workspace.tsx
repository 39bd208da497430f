import { ChevronLeft } from "lucide-react";
import { memo, useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { Link, useSearchParams } from "react-router";
import type { Game } from "../api/games.ts";
import { UndoRedo } from "../look/undo_redo.tsx";
import { clockOf, type GameClock, onGame, partOf } from "../player/game.ts";
import type { Player } from "../player/player.ts";
import { Stage, usePlayer } from "../player/stage.tsx";
import { contains } from "../reel/timing.ts";
import { SavedLine } from "../saving/saved_line.tsx";
import { useHotkeys } from "../shell/hotkeys.ts";
import { dateSaid } from "../shell/times.ts";
import type { Deeds } from "../timeline/pointers.ts";
import { sceneOf } from "../timeline/scene.ts";
import { Timeline } from "../timeline/timeline.tsx";
import { type Desk, deskOf } from "./desk.ts";
import { type Clip, shownName } from "./document.ts";
import { EmptyStage } from "./empty_stage.tsx";
import { type Footage, PROVISIONAL } from "./footage.ts";
import { hotkeysOf } from "./keys.ts";
import { EVERYTHING, type Filter, isOpen, listed, ORDERS, type Order, type Row } from "./listing.ts";
import { Panel } from "./panel.tsx";
import { useMarkSettings } from "./settings.ts";
import { StuckClips } from "./stuck.tsx";
import { PhonePlaying, Transport } from "./transport.tsx";
import { type Opened, useEdited } from "./use_editing.ts";
import { useGone, useLooking, usePlayerOf } from "./use_player.ts";

interface WorkspaceProps {
  readonly game: Game;
  readonly footage: Footage;
  readonly opened: Opened;
}

/** What stands in for the clock while there is no footage: a quiet minute. */
const NO_FOOTAGE = clockOf([
  { source_id: "", part: 1, time_base: PROVISIONAL, span: { in_pts: 0, out_pts: 60 * PROVISIONAL[1] } },
]) as GameClock;

/** The picture, the timeline and the clips. */
export function Workspace({ game, footage, opened }: WorkspaceProps) {
  const clock = footage.clock ?? NO_FOOTAGE;
  const settings = useMarkSettings();
  const [stage, setStage] = useState<HTMLDivElement | null>(null);
  const [spoken, say] = useState("");
  const [filter, setFilter] = useState<Filter>(EVERYTHING);
  const [order, setOrder] = useState<Order>(ORDERS[0]);
  const frame = useRef<HTMLDivElement>(null);
  const player = usePlayerOf(footage, stage, 0);
  const gone = useGone(player, footage);
  const looking = useLooking(clock);
  const { editing, saver } = opened;
  const desk = useMemo(
    () => deskOf({ editing, saver, footage, player, looking, settings, say }),
    [editing, saver, footage, player, looking, settings],
  );

  const clips = useShownClips(opened);
  const selected = useEdited(opened, (state) => state.selected);
  const projects = useEdited(opened, (state) => state.projects);
  const chosen = clips.find(({ id }) => id === selected) ?? null;
  const rows = useMemo(() => clips.flatMap((clip) => rowOf(clip, footage.clock) ?? []), [clips, footage.clock]);
  const shown = useMemo(() => listed(rows, filter, order), [rows, filter, order]);

  const scene = useMemo(() => {
    const placed = rows.map(({ clip, in_tick, out_tick }) => ({
      id: clip.id,
      in_pts: in_tick,
      out_pts: out_tick,
      rating: clip.rating,
      label: shownName(clip),
    }));
    return sceneOf(clock, placed, selected, footage.pictures);
  }, [clock, rows, selected, footage.pictures]);

  const deeds: Deeds = useMemo(
    () => ({
      seek: (tick) => player?.seek(tick),
      scrub: (tick) => player?.scrub(tick),
      select: (id) => editing.select(id),
      drag: desk.dragClip,
      open: (id) => desk.open(id, true),
    }),
    [player, editing, desk],
  );
  const saidAt = useCallback(
    (tick: number) =>
      rows
        .filter((row) => contains({ in_pts: row.in_tick, out_pts: row.out_tick }, tick))
        .map(({ clip }) => `in ${shownName(clip)}`)
        .join(", "),
    [rows],
  );

  useAsked(clips, player, desk);
  useWindowFor(chosen, footage);
  const only = usePlayer(player, (state) => state.only !== null, false);
  const spans = useMemo(() => shown.map(({ in_tick, out_tick }) => ({ in_pts: in_tick, out_pts: out_tick })), [shown]);
  useEffect(() => {
    if (only) player?.only(spans); // what is only played follows the list
  }, [only, player, spans]);
  const toPlay = useRef(spans);
  toPlay.current = spans;
  const onOnlyClips = useCallback(() => {
    if (!player || toPlay.current.length === 0) return;
    player.only(only ? null : toPlay.current);
    say(only ? "Everything is played" : "Only the clips are played");
    if (!only) player.play();
  }, [player, only]);
  const onFullScreen = useCallback(() => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void frame.current?.requestFullscreen?.();
  }, []);
  const panelled = usePanelled(opened, chosen, clips, shown, selected);
  useHotkeys(hotkeysOf({ desk, player, looking, editing, onFullScreen, onOnlyClips }));

  return (
    <div className="grid h-[calc(100dvh-var(--head))] min-h-140 grid-rows-[auto_minmax(0,1fr)] desk:grid-cols-[minmax(0,1fr)_380px] desk:grid-rows-1">
      <div className="flex min-w-0 flex-col desk:min-h-0">
        <Bar game={game} opened={opened} onTurn={desk.turn} player={player} desk={desk} />
        <StuckClips {...opened} />
        <div
          ref={frame}
          className="relative aspect-video max-h-[34dvh] min-h-0 desk:aspect-auto desk:max-h-none desk:flex-1"
        >
          <Stage
            player={player}
            hang={setStage}
            onPress={() => player?.toggle()}
            isEmpty={!footage.clock || gone !== null}
          >
            {footage.clock && gone === null ? null : <EmptyStage game={game} gone={gone} />}
          </Stage>
        </div>
        <Transport
          player={player}
          looking={looking}
          desk={desk}
          clips={shown.length}
          onOnlyClips={onOnlyClips}
          onFullScreen={onFullScreen}
        />
        <div className="px-2 pb-2 tablet:px-4 tablet:pb-4">
          <Timeline scene={scene} looking={looking} player={player} deeds={deeds} saidAt={saidAt} />
        </div>
      </div>
      <Panel
        game_id={game.id}
        opened={opened}
        desk={desk}
        {...panelled}
        projects={projects}
        settings={settings}
        clock={clock}
        filter={filter}
        order={order}
        isFiltered={!isOpen(filter)}
        onFilter={setFilter}
        onOrder={setOrder}
      />
      <p aria-live="polite" className="sr-only">
        {spoken}
      </p>
    </div>
  );
}

/** What the panel shows. While a clip is dragged it comes after the picture and the timeline, whenever there is time. */
function usePanelled(
  opened: Opened,
  clip: Clip | null,
  clips: readonly Clip[],
  rows: readonly Row[],
  selected: string | null,
) {
  const now = useMemo(() => ({ clip, clips, rows, selected }), [clip, clips, rows, selected]);
  const late = useDeferredValue(now);
  return useEdited(opened, (state) => state.draft !== null) ? late : now;
}

interface BarProps {
  readonly game: Game;
  readonly opened: Opened;
  readonly onTurn: (direction: "undo" | "redo") => void;
  readonly player: Player | null;
  readonly desk: Desk;
}

/** Above the picture: which game, whether all is saved, and the way back. */
const Bar = memo(function Bar({ game, opened, onTurn, player, desk }: BarProps) {
  const history = useEdited(opened, (state) => state.history);
  return (
    <div className="flex h-11 shrink-0 items-center gap-1 px-2 tablet:px-4 desk:h-12">
      <Back />
      <h1 className="flex min-w-0 flex-1 items-baseline gap-2">
        <bdi className="truncate font-strong text-16">{game.opponent || "Game"}</bdi>
        {game.match_date ? (
          <span className="shrink-0 font-normal text-12 text-quiet max-phone:hidden">{dateSaid(game.match_date)}</span>
        ) : null}
      </h1>
      <SavedLine saver={opened.saver} />
      <PhonePlaying player={player} desk={desk} />
      <UndoRedo history={history} onTurn={onTurn} />
    </div>
  );
});

/** Where one came from: the games, or a project whose clip is changed here. */
function Back() {
  const [asked] = useSearchParams();
  const project = asked.get("project");
  const framing = asked.get("from") === "framing" ? `/framing?clip=${asked.get("clip") ?? ""}` : "";
  if (!project) {
    return (
      <Link
        to="/"
        aria-label="Back to the games"
        className="touchable grid size-8 place-items-center rounded-plain text-quiet hover:bg-hover hover:text-text"
      >
        <ChevronLeft aria-hidden size={20} />
      </Link>
    );
  }
  return (
    <Link
      to={`/projects/${encodeURIComponent(project)}${framing}`}
      className="touchable mr-1 flex h-8 shrink-0 items-center gap-1 rounded-plain pr-3 pl-1 font-strong text-go hover:bg-hover"
    >
      <ChevronLeft aria-hidden size={20} />
      {framing ? "Back to Framing" : "Back to the reel"}
    </Link>
  );
}

/** A project asked for one of the clips: it is selected, and the picture is at its beginning. */
function useAsked(clips: readonly Clip[], player: Player | null, desk: Desk) {
  const wanted = useRef(useSearchParams()[0].get("clip"));
  useEffect(() => {
    const id = wanted.current;
    if (!player || id === null || !clips.some((clip) => clip.id === id)) return;
    wanted.current = null;
    desk.open(id);
  }, [clips, player, desk]);
}

/** The clips as they are shown: one that is dragged stands where it is held. */
function useShownClips(opened: Opened): readonly Clip[] {
  const document = useEdited(opened, (state) => state.document);
  const draft = useEdited(opened, (state) => state.draft);
  return useMemo(
    () => (draft ? document.clips.map((clip) => (clip.id === draft.id ? draft : clip)) : document.clips),
    [document, draft],
  );
}

function rowOf(clip: Clip, clock: GameClock | null): Row | null {
  const part = partOf(clock, clip.source_id);
  const span = part && onGame(part, clip.stretch, clip.stretch.time_base);
  return { clip, in_tick: span?.in_pts ?? 0, out_tick: span?.out_pts ?? 0 };
}

/** Once a clip is chosen and left alone, stepping in it is made quick. */
const CALM_MS = 700;

function useWindowFor(clip: Clip | null, footage: Footage) {
  const calm = useDeferredValue(clip);
  useEffect(() => {
    const part = calm && partOf(footage.clock, calm.source_id);
    if (!calm || !part || calm.stretch.time_base[1] !== part.time_base[1]) return;
    const { in_pts, out_pts } = calm.stretch;
    const timer = setTimeout(() => footage.wantWindow(part, { in_pts, out_pts }), CALM_MS);
    return () => clearTimeout(timer);
  }, [calm, footage]);
}
