/** The framed video on the screen: which one, played by which player, drawn on by which drawer. */

import { useEffect, useMemo, useRef, useState } from "react";
import type { Playable } from "../player/films.ts";
import type { GameClock } from "../player/game.ts";
import { Player } from "../player/player.ts";
import type { ProjectOut } from "../project/use_project.ts";
import type { Terms } from "../reel/fraction.ts";
import { framedClock, framedShows } from "./clock.ts";
import { Drawer } from "./drawer.ts";
import { inlaysOf, type Segment } from "./segments.ts";
import type { Place } from "./shots.ts";

/** A framed video as this screen takes it. */
export interface Framed {
  readonly job_id: string;
  readonly is_draft: boolean;
  /** The edit's framing is another by now. */
  readonly is_old: boolean;
  readonly frames: number;
  readonly rate: Terms;
  readonly places: readonly Place[];
  readonly url: string;
  /** Of a draft: the job that makes its AI picture just now. */
  readonly becomes: string | null;
}

/** Return the video to draw on: of now before one of an older edit, the AI picture before its draft. */
export function framedOf({ framing, draft }: Pick<ProjectOut, "framing" | "draft">): Framed | null {
  const made = [framing, draft].filter((one) => one !== null);
  const found = made.find(({ out_of_date }) => !out_of_date) ?? newestOf(made);
  if (!found) return null;
  const [n = 25, d = 1] = found.rate;
  return {
    job_id: found.job_id,
    is_draft: found === draft,
    is_old: found.out_of_date,
    frames: found.frames,
    rate: [n, d],
    places: found.shown as unknown as readonly Place[],
    url: found.media,
    becomes: found.becomes,
  };
}

/** The same object for as long as it is the same video in the same state. */
export function useFramed(project: Pick<ProjectOut, "framing" | "draft">): Framed | null {
  const found = framedOf(project);
  const [job_id, is_old, becomes] = [found?.job_id, found?.is_old, found?.becomes];
  // biome-ignore lint/correctness/useExhaustiveDependencies: a job's video never changes
  return useMemo(() => found, [job_id, is_old, becomes]);
}

function newestOf<F extends { readonly created_at: string }>(made: readonly F[]): F | null {
  return [...made].sort((a, b) => b.created_at.localeCompare(a.created_at))[0] ?? null;
}

/** Return the clock of a framed video, the same object while it lasts the same. */
export function useFramedClock({ frames, rate: [n, d] }: Framed): GameClock {
  return useMemo(() => framedClock(frames, [n, d]), [frames, n, d]);
}

/**
 * Return the player and the drawer of a stage. The segments of the AI picture that are there lie over the draft; when all
 * of it takes the draft's place, everything stays where it is.
 */
export function usePicture(
  framed: Framed,
  clock: GameClock,
  stage: HTMLElement | null,
  segments: readonly Segment[],
): { readonly player: Player | null; readonly drawer: Drawer } {
  const [drawer] = useState(() => new Drawer());
  const [player, setPlayer] = useState<Player | null>(null);
  const { url, frames } = framed;
  const playable: Playable = useMemo(
    () => ({ url, shows: framedShows(frames, rateOf(clock)), is_read: true }),
    [url, frames, clock],
  );
  const now = useRef({ playable, clock });
  now.current = { playable, clock };
  useEffect(() => {
    if (!stage) return;
    const made = new Player({
      stage,
      clock: now.current.clock,
      playableOf: () => now.current.playable,
      pictured: ({ video, pts }) => drawer.pictured(video, pts),
    });
    setPlayer(made);
    return () => {
      setPlayer(null);
      made.close();
    };
  }, [stage, drawer]);
  const shown = useRef(playable.url);
  useEffect(() => {
    if (!player || !stage || shown.current === playable.url) return;
    shown.current = playable.url;
    const was_playing = player.state.getState().playing;
    const still = stillOf(drawer.video, stage);
    player.inlay([]);
    player.update(clock);
    if (was_playing) player.play();
    const gone = () => still?.remove();
    const film = stage.querySelector("video");
    if (film) film.addEventListener("loadeddata", () => setTimeout(gone, STILL_MS), { once: true });
    else gone();
    return gone;
  }, [player, stage, playable, clock, drawer]);
  useEffect(() => player?.inlay(inlaysOf(segments, rateOf(clock))), [player, segments, clock]);
  return { player, drawer };
}

/** So long after its first data a new video has its picture on the screen. */
const STILL_MS = 150;

/** Hang the last picture of a video where it stood, so that nothing goes dark while another takes its place. */
function stillOf(video: HTMLVideoElement | null, stage: HTMLElement): HTMLCanvasElement | null {
  if (!video || video.videoWidth === 0) return null;
  const still = document.createElement("canvas");
  [still.width, still.height] = [video.videoWidth, video.videoHeight];
  still.getContext("2d")?.drawImage(video, 0, 0);
  still.setAttribute("aria-hidden", "true");
  still.className = "absolute inset-0 z-2 size-full object-contain";
  stage.append(still);
  return still;
}

function rateOf({ parts }: GameClock): Terms {
  const [n, d] = parts[0]?.time_base ?? [1, 25];
  return [d, n];
}
