/** Footage that was looked over, as screens play and draw it: where it plays from, its frames, pictures and sound. */

import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { mediaUrl } from "../api/client.ts";
import type { Source } from "../api/games.ts";
import { names } from "../api/queries.ts";
import type { Playable } from "../player/films.ts";
import { constantRate, framesOf, ownTimes, windowSpan } from "../player/frames.ts";
import type { Part } from "../player/game.ts";
import { type AskWindow, type Window, Windows } from "../player/windows.ts";
import { exact, type Terms } from "../reel/fraction.ts";
import type { Size } from "../reel/geometry.ts";
import { projectRate, type Span } from "../reel/timing.ts";
import { energyFrom } from "./energy.ts";
import type { Pictures } from "./scene.ts";
import { sheetFrom } from "./sprites.ts";

/** What is known of a source's pictures: their span, clock, displayed size, and when each is shown. */
export interface Ground {
  readonly span: Span;
  readonly time_base: Terms;
  readonly size: Size;
  readonly frames: readonly number[];
}

/** The sources of a screen. What is not looked over, or gone, has no ground. */
export interface Footage {
  readonly groundOf: (source_id: string) => Ground | null;
  readonly playableOf: (part: Pick<Part, "source_id">) => Playable | null;
  readonly pictures: ReadonlyMap<string, Pictures>;
  readonly windows: Windows;
  readonly windowShows: (window: Window) => Playable["shows"] | null;
  /** See to it that the window around a clip is there before long. */
  readonly wantWindow: (source_id: string, asked: Span) => void;
}

interface Known {
  readonly source: Source;
  readonly ground: Ground;
  readonly playable: Playable | null;
}

/** One function, so that what it returns is the same for as long as the answers are. */
function dataOf<T>(found: readonly { readonly data: T | undefined }[]): readonly (T | null)[] {
  return found.map(({ data }) => data ?? null);
}

const FOREVER = { staleTime: Number.POSITIVE_INFINITY, gcTime: 30 * 60_000 };

/** `sources` is the same list for as long as it holds the same. */
export function useFootageOf(sources: readonly Source[]): Footage {
  const maps = useQueries({
    queries: sources.map(({ id, facts }) => ({
      queryKey: names.ptsmap(id),
      queryFn: async ({ signal }: { signal: AbortSignal }) => framesOf(await read(`/api/sources/${id}/ptsmap`, signal)),
      enabled: facts !== null,
      ...FOREVER,
    })),
    combine: dataOf,
  });
  const pictures = usePicturesOf(sources);
  const windows = useMemo(() => new Windows(askWindow), []);
  const known = useMemo(
    () => new Map(sources.flatMap((source, index) => entryOf(source, maps[index] ?? null))),
    [sources, maps],
  );
  return useMemo(
    () => ({
      groundOf: (source_id) => known.get(source_id)?.ground ?? null,
      playableOf: ({ source_id }) => known.get(source_id)?.playable ?? null,
      pictures,
      windows,
      windowShows: (window) => {
        const ground = known.get(window.source_id)?.ground;
        return ground ? ownTimes(ground.frames, ground.time_base, window.in_pts, window) : null;
      },
      wantWindow: (source_id, asked) => {
        const one = known.get(source_id);
        if (one?.source.state !== "ready") return;
        const { span, time_base, frames } = one.ground;
        const url = `${mediaUrl("window", source_id)}?in_pts=${asked.in_pts}&out_pts=${asked.out_pts}`;
        void windows.want(source_id, asked, windowSpan(asked, span, time_base, frames), url);
      },
    }),
    [known, pictures, windows],
  );
}

function entryOf(source: Source, map: readonly number[] | null): readonly (readonly [string, Known])[] {
  const { facts, plays, id } = source;
  if (!facts) return [];
  const [n, d] = facts.time_base;
  const [width, height] = facts.size_px;
  const span = { in_pts: facts.in_pts, out_pts: facts.out_pts };
  const frames = map?.length ? map : evenFrames(facts);
  const ground: Ground = { span, time_base: [n, d], size: { width, height }, frames };
  return [[id, { source, ground, playable: plays ? playableFrom(source, ground) : null }]];
}

function playableFrom({ id, plays, facts }: Source, { frames, time_base, span }: Ground): Playable {
  if (plays === "proxy" && facts) {
    const rate = projectRate([facts.rate]).toTerms();
    return { url: mediaUrl("proxy", id), shows: constantRate(frames, time_base, rate, span) };
  }
  return { url: mediaUrl("original", id), shows: ownTimes(frames, time_base, frames[0] ?? span.in_pts, span) };
}

/** Frames stand evenly where the rate is constant: so one plays before the map has come. */
function evenFrames({ rate, time_base, in_pts, frames }: NonNullable<Source["facts"]>): readonly number[] {
  const [n, d] = exact(1).over(exact(rate).times(time_base)).toTerms();
  return Array.from({ length: frames }, (_, index) => in_pts + Math.floor((index * n) / d));
}

function usePicturesOf(sources: readonly Source[]): ReadonlyMap<string, Pictures> {
  const energies = useQueries({
    queries: sources.map(({ id, facts }) => ({
      queryKey: ["peaks", id],
      queryFn: async ({ signal }: { signal: AbortSignal }) => energyFrom(await read(mediaUrl("peaks", id), signal)),
      enabled: facts?.sound === true,
      ...FOREVER,
    })),
    combine: dataOf,
  });
  const images = useQueries({
    queries: sources.map(({ id, facts }) => ({
      queryKey: ["sprite", id],
      queryFn: () => loadImage(mediaUrl("sprite", id)),
      enabled: facts !== null,
      ...FOREVER,
    })),
    combine: dataOf,
  });
  return useMemo(
    () =>
      new Map(
        sources.map(({ id, facts }, index) => [
          id,
          { sheet: sheetFrom(facts?.sprite), image: images[index] ?? null, energy: energies[index] ?? null },
        ]),
      ),
    [sources, images, energies],
  );
}

function loadImage(url: string): Promise<HTMLImageElement> {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = () => reject(new Error("The timeline's pictures did not come."));
    image.src = url;
  });
}

/** Read a JSON object of the store's: the address leads there. */
async function read(url: string, signal: AbortSignal): Promise<unknown> {
  const answer = await fetch(url, { signal });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

/** A window that is there is where the address leads; it is not gone to, that would fetch it whole. */
const askWindow: AskWindow = async (source_id, { in_pts, out_pts }, signal) => {
  try {
    const url = `${mediaUrl("window", source_id)}?in_pts=${in_pts}&out_pts=${out_pts}`;
    const answer = await fetch(url, { redirect: "manual", signal });
    if (answer.type === "opaqueredirect") return "made";
    return answer.status === 202 || answer.status === 429 || answer.status >= 500 ? "making" : "never";
  } catch {
    return signal.aborted ? "never" : "making";
  }
};
