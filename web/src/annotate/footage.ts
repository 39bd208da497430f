/** A game's footage as the screen plays and draws it: its clock, its frames, its pictures, its sound. */

import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { mediaUrl } from "../api/client.ts";
import type { Game, Source } from "../api/games.ts";
import { names } from "../api/queries.ts";
import type { Playable } from "../player/films.ts";
import { constantRate, framesOf, guessed, ownTimes, windowSpan } from "../player/frames.ts";
import { type Footage as Bare, clockOf, type GameClock, type Part } from "../player/game.ts";
import { type AskWindow, Windows } from "../player/windows.ts";
import { exact, type Terms } from "../reel/fraction.ts";
import { projectRate, type Span } from "../reel/timing.ts";
import { energyFrom } from "../timeline/energy.ts";
import type { Pictures } from "../timeline/scene.ts";
import { sheetFrom } from "../timeline/sprites.ts";
import { type Local, useLocals } from "./locals.ts";
import type { Ground } from "./marking.ts";

/** The clock of footage that nobody has looked over (storage/snapping.py). */
export const PROVISIONAL: Terms = [1, 90_000];
const FOREVER = { staleTime: Number.POSITIVE_INFINITY, gcTime: 30 * 60_000 };

export interface Footage {
  /** null while nothing of the game can be shown. */
  readonly clock: GameClock | null;
  readonly playableOf: (part: Part) => Playable | null;
  readonly groundOf: (part: Part) => Ground;
  readonly pictures: ReadonlyMap<string, Pictures>;
  readonly windows: Windows;
  /** See to it that the window around a clip is there before long. */
  readonly wantWindow: (part: Part, asked: Span) => void;
}

/** What is known of one source. */
interface Known {
  readonly source: Source;
  readonly frames: readonly number[] | null;
  readonly local: Local | null;
}

export function useFootage(game: Game | undefined): Footage {
  const sources = game?.sources ?? NONE;
  const locals = useLocals(sources);
  const maps = useQueries({
    queries: sources.map(({ id, facts }) => ({
      queryKey: names.ptsmap(id),
      queryFn: async ({ signal }: { signal: AbortSignal }) => framesOf(await read(`/api/sources/${id}/ptsmap`, signal)),
      enabled: facts !== null,
      ...FOREVER,
    })),
    combine: (found) => found.map(({ data }) => data ?? null),
  });
  const pictures = usePictures(sources);
  const known = useMemo(
    () =>
      new Map<string, Known>(
        sources.map((source, index) => [
          source.id,
          { source, frames: maps[index] ?? evenFrames(source), local: locals.get(source.id) ?? null },
        ]),
      ),
    [sources, maps, locals],
  );
  const clock = useMemo(() => clockOf([...known.values()].flatMap((one) => bareOf(one) ?? [])), [known]);
  const windows = useMemo(() => new Windows(askWindow), []);
  return useMemo(
    () => ({
      clock,
      pictures,
      windows,
      playableOf: memoised((part) => playableOf(known.get(part.source_id), part)),
      groundOf: (part) => ({
        span: part.span,
        time_base: part.time_base,
        frames: known.get(part.source_id)?.frames ?? null,
      }),
      wantWindow: (part, asked) => {
        const frames = known.get(part.source_id)?.frames;
        if (!frames?.length || known.get(part.source_id)?.source.state !== "ready") return;
        const url = `${mediaUrl("window", part.source_id)}?in_pts=${asked.in_pts}&out_pts=${asked.out_pts}`;
        void windows.want(part.source_id, asked, windowSpan(asked, part.span, part.time_base, frames), url);
      },
    }),
    [clock, pictures, windows, known],
  );
}

const NONE: readonly Source[] = [];

function bareOf({ source, local }: Known): Bare | null {
  const { id: source_id, part, facts } = source;
  if (facts) {
    const [n = 1, d = 1] = facts.time_base;
    return { source_id, part, time_base: [n, d], span: { in_pts: facts.in_pts, out_pts: facts.out_pts } };
  }
  if (!local) return null;
  const out_pts = Math.max(Math.floor(local.duration_s * PROVISIONAL[1]), 1);
  return { source_id, part, time_base: PROVISIONAL, span: { in_pts: 0, out_pts } };
}

function playableOf(known: Known | undefined, part: Part): Playable | null {
  if (!known) return null;
  const { source, frames, local } = known;
  const { facts, plays } = source;
  if (!facts || !plays) return local ? { url: local.url, shows: guessed(PROVISIONAL, local.duration_s) } : null;
  if (!frames?.length) return null;
  if (plays === "proxy") {
    const rate = projectRate([termsOf(facts.rate)]).toTerms();
    return { url: mediaUrl("proxy", source.id), shows: constantRate(frames, part.time_base, rate, part.span) };
  }
  const shows = ownTimes(frames, part.time_base, frames[0] ?? part.span.in_pts, part.span);
  return { url: local?.url ?? mediaUrl("original", source.id), shows };
}

/** Frames stand evenly where the rate is constant: so one plays before the map has come. */
function evenFrames({ facts }: Source): readonly number[] | null {
  if (!facts) return null;
  const step = exact(1).over(exact(termsOf(facts.rate)).times(termsOf(facts.time_base)));
  const [n, d] = step.toTerms();
  return Array.from({ length: facts.frames }, (_, index) => facts.in_pts + Math.floor((index * n) / d));
}

function termsOf([n = 1, d = 1]: readonly number[]): Terms {
  return [n, d];
}

/** One answer a part: what plays is looked up picture by picture. */
function memoised(of: (part: Part) => Playable | null): (part: Part) => Playable | null {
  const known = new Map<Part, Playable | null>();
  return (part) => {
    if (!known.has(part)) known.set(part, of(part));
    return known.get(part) ?? null;
  };
}

function usePictures(sources: readonly Source[]): ReadonlyMap<string, Pictures> {
  const energies = useQueries({
    queries: sources.map(({ id, facts }) => ({
      queryKey: ["peaks", id],
      queryFn: async ({ signal }: { signal: AbortSignal }) => energyFrom(await read(mediaUrl("peaks", id), signal)),
      enabled: facts?.sound === true,
      ...FOREVER,
    })),
    combine: (found) => found.map(({ data }) => data ?? null),
  });
  const images = useQueries({
    queries: sources.map(({ id, facts }) => ({
      queryKey: ["sprite", id],
      queryFn: () => loadImage(mediaUrl("sprite", id)),
      enabled: facts !== null,
      ...FOREVER,
    })),
    combine: (found) => found.map(({ data }) => data ?? null),
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
