import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useStore } from "zustand";
import { Tabs } from "../look/tabs.tsx";
import type { GameClock } from "../player/game.ts";
import type { Player } from "../player/player.ts";
import { usePlayer } from "../player/stage.tsx";
import type { Edit } from "../project/document.ts";
import { ProjectHead } from "../project/head.tsx";
import { clipOf, type OpenedProject, useEdited } from "../project/use_project.ts";
import { DEFAULT_RATING, type RatingValue } from "../reel/annotation.ts";
import { OUTPUT_SIZES } from "../reel/geometry.ts";
import { useHotkeys } from "../shell/hotkeys.ts";
import { watchJobs } from "../shell/jobs.ts";
import { useFootageOf } from "../timeline/footage.ts";
import { Looking } from "../timeline/looking.ts";
import type { Deeds } from "../timeline/pointers.ts";
import { sceneOf } from "../timeline/scene.ts";
import { Timeline } from "../timeline/timeline.tsx";
import { CardsPanel } from "./cards_panel.tsx";
import { ClipPanel } from "./clip_panel.tsx";
import { FRAMED, tickOf } from "./clock.ts";
import { deskOf, type Here, heldStore, hereAt } from "./desk.ts";
import { picturesOf } from "./film_strip.ts";
import { Handles } from "./handles.tsx";
import { useHolding } from "./holding.ts";
import { holdsOf } from "./holds.ts";
import { hotkeysOf } from "./keys.ts";
import { lanesOf } from "./lanes.ts";
import { MakeReel } from "./make_reel.tsx";
import { Picture } from "./picture.tsx";
import { roomAt } from "./regions.ts";
import { type Shot, shotsOf } from "./shots.ts";
import { SpotlightPanel } from "./spotlight_panel.tsx";
import { Old, Stands } from "./standing.tsx";
import { Transport } from "./transport.tsx";
import { type Framed, useFramedClock, usePicture } from "./use_picture.ts";
import { useSegments } from "./use_segments.ts";

interface WorkspaceProps {
  readonly opened: OpenedProject;
  readonly framed: Framed;
}

/** The picture with the spotlights on it, the timeline, and beside them what they look like. */
export function Workspace({ opened, framed }: WorkspaceProps) {
  const { editing } = opened;
  const edit = useEdited(opened, (state) => state.draft ?? state.edit);
  const clock = useFramedClock(framed);
  const [stage, setStage] = useState<HTMLDivElement | null>(null);
  const [spoken, say] = useState("");
  const [tab, setTab] = useState("spotlight");
  const frame_box = useRef<HTMLDivElement>(null);
  const [held] = useState(heldStore);
  const coming = useSegments(framed.becomes);
  const { player, drawer } = usePicture(framed, clock, stage, coming.there);
  const looking = useLookingAtAll(clock);
  const { shots, pictures } = useShots(opened, framed, edit);
  const output = OUTPUT_SIZES[edit.aspect];
  useLayoutEffect(() => drawer.update(shots, output), [drawer, shots, output]);
  useEffect(watchJobs, []);

  const desk = useMemo(
    () => deskOf({ editing, player, drawer, looking, clock, say, held }),
    [editing, player, drawer, looking, clock, held],
  );
  const holds = useMemo(() => holdsOf(shots, edit.cards, framed.frames), [shots, edit.cards, framed.frames]);
  const { isHolding, toggle } = useHolding(player, drawer, holds, framed.frames);
  const here = useHere(player, shots);
  const noRoom = noRoomAt(here, framed);

  const region = useStore(held, (state) => state.region);
  const lanes = useMemo(
    () => lanesOf({ shots, clock, desk, here, chosen: here?.region?.id ?? region }),
    [shots, clock, desk, here, region],
  );
  const scene = useMemo(() => {
    const placed = shots.map((shot) => {
      const clip = clipOf(opened, shot.clip);
      return {
        id: shot.clip.id,
        in_pts: tickOf(clock, shot.first_frame),
        out_pts: tickOf(clock, shot.end_frame - shot.trail),
        rating: (clip?.rating ?? DEFAULT_RATING) as RatingValue,
        label: clip?.shown_name ?? "Clip",
      };
    });
    return sceneOf(clock, placed, null, pictures);
  }, [shots, clock, opened, pictures]);
  const deeds: Deeds = useMemo(
    () => ({
      seek: (tick) => player?.seek(tick),
      scrub: (tick) => player?.scrub(tick),
      select: () => undefined,
      drag: () => undefined,
      open: () => undefined,
      is_fixed: true,
    }),
    [player],
  );
  const saidAt = useCallback(
    (tick: number) => {
      const at = hereAt(shots, Math.floor(tick / tickOf(clock, 1)));
      const number = at ? shots.indexOf(at.shot) + 1 : 0;
      return at ? `in clip ${number}${at.region ? ", in its spotlight" : ""}` : "";
    },
    [shots, clock],
  );
  const onFullScreen = () => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void frame_box.current?.requestFullscreen?.();
  };
  useHotkeys(hotkeysOf({ desk, player, looking, onToggle: toggle, onFullScreen }));

  const tabs = [
    {
      id: "spotlight",
      label: "Spotlight",
      content: <SpotlightPanel here={here} desk={desk} drawer={drawer} clock={clock} held={held} noRoom={noRoom} />,
    },
    {
      id: "clip",
      label: "Clip",
      content: here ? (
        <ClipPanel key={here.shot.clip.id} here={here} edit={edit} opened={opened} desk={desk} />
      ) : (
        <p className="text-quiet">There is no clip here.</p>
      ),
    },
    {
      id: "texts",
      label: "Texts",
      ...(edit.cards.length ? { count: edit.cards.length } : {}),
      content: <CardsPanel edit={edit} editing={editing} drawer={drawer} clip_id={here?.shot.clip.id ?? null} />,
    },
  ];

  return (
    <div className="flex min-h-[calc(100dvh-var(--head))] flex-col desk:h-[calc(100dvh-var(--head))]">
      <ProjectHead opened={opened} at="overlay" />
      <Old framed={framed} opened={opened} />
      <div className="grid min-h-0 flex-1 desk:grid-cols-[minmax(0,1fr)_380px]">
        <div className="flex min-w-0 flex-col desk:min-h-0">
          <div ref={frame_box} className="relative h-[46dvh] min-h-0 bg-picture desk:h-auto desk:flex-1">
            <Picture
              player={player}
              drawer={drawer}
              output={output}
              hang={setStage}
              onPlace={desk.placeOn}
              onToggle={toggle}
            >
              {(fit) => (here ? <Handles here={here} fit={fit} desk={desk} /> : null)}
            </Picture>
            <Stands framed={framed} coming={coming} project_id={opened.project.id} />
          </div>
          <Transport
            player={player}
            looking={looking}
            desk={desk}
            isHolding={isHolding}
            onToggle={toggle}
            onFullScreen={onFullScreen}
            noRoom={noRoom}
          />
          <div className="px-2 pb-2 tablet:px-4">
            <Timeline
              scene={scene}
              looking={looking}
              player={player}
              deeds={deeds}
              saidAt={saidAt}
              lanes={lanes}
              isLow
            />
          </div>
        </div>
        <aside
          aria-label="What lies on the picture"
          className="flex min-h-0 flex-col border-line desk:border-l max-desk:border-t"
        >
          <div className="min-h-0 flex-1 overflow-y-auto p-4 pt-2">
            <Tabs label="What lies on the picture" tabs={tabs} value={tab} onChange={setTab} />
          </div>
          <div className="max-desk:sticky max-desk:bottom-0 max-desk:z-10">
            <MakeReel opened={opened} framed={framed} />
          </div>
        </aside>
      </div>
      <p aria-live="polite" className="sr-only">
        {spoken}
      </p>
    </div>
  );
}

/** A reel is short: all of it is in sight at first. */
function useLookingAtAll(clock: GameClock): Looking {
  const [looking] = useState(() => new Looking(clock));
  useEffect(() => looking.update(clock), [looking, clock]);
  return looking;
}

function useShots(opened: OpenedProject, framed: Framed, edit: Edit) {
  const { sources } = opened;
  const ids = [...new Set(edit.clips.map(({ source_id }) => source_id ?? ""))].sort().join();
  const used = useMemo(() => ids.split(",").flatMap((id) => sources.get(id)?.source ?? []), [ids, sources]);
  const footage = useFootageOf(used);
  const { aspect, clips } = edit;
  const shots = useMemo(() => {
    if (framed.is_old) return []; // what it shows is not what the edit says: nothing would lie where it belongs
    const { rate, places } = framed;
    return shotsOf(clips, places, { rate, aspect }, (clip) => footage.groundOf(clip.source_id ?? ""));
  }, [framed, clips, aspect, footage]);
  const now = useRef(shots);
  now.current = shots;
  const isThere = shots.length > 0;
  const pictures = useMemo(() => {
    const found = isThere ? picturesOf(now.current, framed.frames, footage.pictures) : null;
    return new Map(found ? [[FRAMED, found]] : []);
  }, [framed, footage, isThere]);
  return { shots, pictures };
}

/** How often what is shown beside the picture follows while it plays. */
const FOLLOW_MS = 250;

/** Return where the playhead is: at once while the picture stands, now and then while it plays. */
function useHere(player: Player | null, shots: readonly Shot[]): Here | null {
  const [frame, setFrame] = useState(0);
  const playing = usePlayer(player, (state) => state.playing, false);
  const last_ms = useRef(0);
  useEffect(
    () =>
      player?.follow(() => {
        const now = performance.now();
        if (player.state.getState().playing && now - last_ms.current < FOLLOW_MS) return;
        last_ms.current = now;
        setFrame(player.place.pts);
      }),
    [player],
  );
  useEffect(() => {
    if (!playing && player) setFrame(player.place.pts); // where it came to rest
  }, [playing, player]);
  return useMemo(() => hereAt(shots, frame), [shots, frame]);
}

function noRoomAt(here: Here | null, { is_old }: Framed): string | null {
  if (is_old) return "The framing was changed: make the picture anew first.";
  if (!here) return "There is no clip here.";
  if (here.region) return "There is a spotlight here already.";
  return roomAt(here.shot.clip, here.pts) ? null : "There is no room: a spotlight lasts half a second at least.";
}
