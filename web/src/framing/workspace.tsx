import { type CSSProperties, useEffect, useMemo, useState } from "react";
import type { Source } from "../api/games.ts";
import { classes } from "../look/classes.ts";
import type { Player } from "../player/player.ts";
import type { EditClip } from "../project/document.ts";
import { ProjectHead } from "../project/head.tsx";
import { clipOf, type OpenedProject, useEdited } from "../project/use_project.ts";
import { DEFAULT_RATING, type RatingValue } from "../reel/annotation.ts";
import { ratio } from "../reel/geometry.ts";
import { rescale } from "../reel/timing.ts";
import { useHotkeys } from "../shell/hotkeys.ts";
import { type Footage, useFootageOf } from "../timeline/footage.ts";
import { Looking } from "../timeline/looking.ts";
import type { Deeds } from "../timeline/pointers.ts";
import { Timeline } from "../timeline/timeline.tsx";
import { KeyedTransport, NoClips, PhoneSwitch, Shapes } from "./around.tsx";
import { NewBoundaries } from "./boundaries.tsx";
import { nameOf } from "./clips.tsx";
import { CropBox } from "./crop_box.tsx";
import { frameOf, keyHere } from "./cropping.ts";
import { type Desk, deskOf } from "./desk.ts";
import { hotkeysOf } from "./keys.ts";
import { lanesOf } from "./lanes.ts";
import { onClock } from "./on_clock.ts";
import { Panel, type PanelTab } from "./panel.tsx";
import { Result } from "./result.tsx";
import { NoPicture, SourceView } from "./source.tsx";
import { speedAt } from "./speeding.ts";
import { Split } from "./split.tsx";
import { NO_CLOCK, useClipClock, useLoop, useScene, useSpeeds, useStart } from "./use_clip.ts";
import { useAtPlayhead, usePlayerOn } from "./use_player.ts";

/** The pictures, the timeline, the clips. */
export function Workspace({ opened }: { readonly opened: OpenedProject }) {
  const { editing } = opened;
  const edit = useEdited(opened, (state) => state.draft ?? state.edit);
  const settled = useEdited(opened, (state) => state.edit);
  const chosen = useEdited(opened, (state) => state.selected);
  const footage = useFootageOf(useSources(opened, settled.clips));
  const [stage, setStage] = useState<HTMLDivElement | null>(null);
  const [spoken, say] = useState("");
  const [tab, setTab] = useState<PanelTab>("crop");
  const [shown, setShown] = useState<"source" | "result">("source");
  const [isLooped, loop] = useState(true);
  const [isMuted, mute] = useState(false);
  const [compared, compare] = useState<{ readonly pts: number } | null>(null);

  const found = edit.clips.findIndex(({ id }) => id === chosen);
  const place = Math.max(found, 0);
  const bare = edit.clips[place] ?? null;
  const rested = settled.clips.find(({ id }) => id === bare?.id) ?? null;
  const ground = bare && footage.groundOf(bare.source_id ?? "");
  const clip = useMemo(() => bare && ground && onClock(bare, ground.time_base), [bare, ground]);
  const still = useMemo(() => rested && ground && onClock(rested, ground.time_base), [rested, ground]);
  const { aspect } = edit;
  const frame = useMemo(() => clip && ground && frameOf(clip, aspect, ground.size), [clip, ground, aspect]);

  const clock = useClipClock(still, ground);
  const { player, screen } = usePlayerOn(clock, footage, stage);
  const looking = useMemo(() => new Looking(clock ?? NO_CLOCK), [clock]);
  const desk = useMemo(() => deskOf({ opened, footage, player, say }), [opened, footage, player]);
  useStart(player, still);
  useLoop(player, clock, still, isLooped);
  useSpeeds(player, clip);
  useEffect(() => player?.setSound({ muted: isMuted || clip?.audio === false }), [player, isMuted, clip?.audio]);
  useWindowFor(still, footage);
  const seen = JSON.stringify({ ...still, revision: 0 });
  // biome-ignore lint/correctness/useExhaustiveDependencies: of another edit, or another clip, it would be wrong
  useEffect(() => compare(null), [seen, aspect]);

  const onCompare = () => {
    const now = desk.here();
    if (compared || !now || !rested) return compare(null);
    player?.pause();
    setShown("result");
    compare({ pts: rescale(now.at, now.ground.time_base, rested.time_base) });
  };
  const onLoop = () => loop((before) => !before);
  const onMute = () => mute((before) => !before);
  useHotkeys(hotkeysOf({ desk, player, looking, onLoop, onMute, onCompare, onLetGo: () => compare(null) }));

  const rating = ((bare && clipOf(opened, bare)?.rating) ?? DEFAULT_RATING) as RatingValue;
  const label = bare ? nameOf(opened, bare, place) : "";
  const scene = useScene(clock, clip, { rating, label }, footage.pictures, ground);
  const key = useAtPlayhead(player, (pts) => (clip && frame ? (keyHere(clip, frame, pts)?.id ?? null) : null));
  const speed = useAtPlayhead(player, (pts) => (clip ? speedAt(clip, pts) : -1));
  const lanes = useMemo(
    () => (clip && clock && ground ? lanesOf({ clip, clock, aspect, ground, key, speed }, desk) : []),
    [clip, clock, aspect, ground, key, speed, desk],
  );
  const deeds = useMemo(() => deedsOf(player, desk), [player, desk]);

  if (edit.clips.length === 0) return <NoClips opened={opened} />;
  const hasGrid = tab === "picture" && clip !== null;
  const shape = { "--ratio": ratio(aspect).toNumber() } as CSSProperties;
  return (
    <div className="flex flex-col desk:h-[calc(100dvh-var(--head))] desk:min-h-140">
      <ProjectHead opened={opened} at="framing" />
      <NewBoundaries opened={opened} clips={settled.clips} />
      <div className="flex min-h-0 flex-1 flex-col desk:grid desk:grid-cols-[minmax(0,1fr)_348px] desk:grid-rows-[minmax(0,1fr)]">
        <div className="flex min-w-0 flex-col desk:min-h-0">
          <div className="grid px-2 pb-2 tablet:px-4 desk:hidden">
            <Shapes edit={edit} desk={desk} />
          </div>
          <div
            style={shape}
            className="@container-[size] relative max-desk:overflow-x-clip grid h-[34dvh] min-h-56 grid-cols-1 grid-rows-1 bg-picture desk:h-auto desk:min-h-0 desk:flex-1 desk:grid-cols-[minmax(0,1fr)_auto] desk:gap-0.5"
            data-testid="pictures"
          >
            <PhoneSwitch shown={shown} onShown={setShown} />
            <div className={classes("min-h-0 min-w-0", shown === "result" && "max-desk:hidden")}>
              <SourceView
                player={player}
                hang={setStage}
                source={ground?.size ?? null}
                missing={<NoPicture opened={opened} source_id={bare?.source_id ?? null} />}
              >
                {clip && frame ? (
                  <CropBox
                    clip={clip}
                    frame={frame}
                    desk={desk}
                    player={player}
                    hasGrid={hasGrid}
                    onRest={() => editing.settle()}
                  />
                ) : null}
              </SourceView>
            </div>
            <div
              className={classes(
                "grid min-h-0 min-w-0 place-items-center overflow-hidden desk:w-[min(45cqw,calc(100cqh*var(--ratio)))]",
                shown === "source" && "max-desk:hidden",
              )}
            >
              {clip && ground ? (
                <Result screen={screen} clip={clip} aspect={aspect} source={ground.size} hasGrid={hasGrid}>
                  {compared ? (
                    <Split
                      asked={{ project_id: opened.project.id, clip: clip.id, pts: compared.pts, aspect }}
                      saver={opened.saver}
                      onClose={() => compare(null)}
                    />
                  ) : null}
                </Result>
              ) : null}
            </div>
          </div>
          <KeyedTransport
            player={player}
            looking={looking}
            desk={desk}
            clip={clip}
            frame={frame}
            isLooped={isLooped}
            isMuted={isMuted}
            blocked={clip ? null : "The footage of this clip is not there."}
            ground={ground}
            isCompared={compared !== null}
            onCompare={onCompare}
            onLoop={onLoop}
            onMute={onMute}
          />
          <div className="px-2 pb-2 tablet:px-4">
            <Timeline
              scene={scene}
              looking={looking}
              player={player}
              deeds={deeds}
              saidAt={() => label}
              lanes={lanes}
              isLow
            />
          </div>
        </div>
        <Panel
          opened={opened}
          edit={edit}
          clip={clip}
          place={place}
          ground={ground}
          frame={frame}
          desk={desk}
          player={player}
          tab={tab}
          onTab={setTab}
        />
      </div>
      <p aria-live="polite" className="sr-only">
        {spoken}
      </p>
    </div>
  );
}

/** Once a clip is chosen and left alone, stepping in it is made quick. */
const CALM_MS = 700;

function useWindowFor(clip: EditClip | null, footage: Footage) {
  const { source_id, in_pts, out_pts } = clip ?? { source_id: null, in_pts: 0, out_pts: 0 };
  useEffect(() => {
    if (!source_id) return;
    const timer = setTimeout(() => footage.wantWindow(source_id, { in_pts, out_pts }), CALM_MS);
    return () => clearTimeout(timer);
  }, [footage, source_id, in_pts, out_pts]);
}

/** Return the sources that the clips show: the same list while it holds the same. */
function useSources({ sources }: OpenedProject, clips: readonly EditClip[]): readonly Source[] {
  const joined = [...new Set(clips.map(({ source_id }) => source_id ?? ""))].sort().join();
  return useMemo(() => joined.split(",").flatMap((id) => sources.get(id)?.source ?? []), [joined, sources]);
}

function deedsOf(player: Player | null, desk: Desk): Deeds {
  return {
    seek: (tick) => player?.seek(tick),
    scrub: (tick) => player?.scrub(tick),
    select: () => undefined,
    drag: ({ part, span }, ends) => {
      if (part !== "body") desk.dragEdge(part, part === "in" ? span.in_pts : span.out_pts, ends);
    },
    open: () => undefined,
    edges_only: true,
  };
}
