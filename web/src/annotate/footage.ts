/** A game's footage as the screen plays and draws it: the server's, and what is at hand before that or instead of it. */

import { useMemo } from "react";
import type { Game, Source } from "../api/games.ts";
import type { Playable } from "../player/films.ts";
import { guessed, ownTimes } from "../player/frames.ts";
import { type Footage as Bare, clockOf, type GameClock, type Part } from "../player/game.ts";
import type { Terms } from "../reel/fraction.ts";
import type { Span } from "../reel/timing.ts";
import { type Footage as Served, useFootageOf } from "../timeline/footage.ts";
import { type Local, useLocals } from "./locals.ts";
import type { Ground } from "./marking.ts";

/** The clock of footage that nobody has looked over (storage/snapping.py). */
export const PROVISIONAL: Terms = [1, 90_000];

export interface Footage extends Pick<Served, "pictures" | "windows" | "windowShows"> {
  /** null while nothing of the game can be shown. */
  readonly clock: GameClock | null;
  readonly playableOf: (part: Part) => Playable | null;
  readonly groundOf: (part: Part) => Ground;
  /** The file at hand can no longer be read, and the server has nothing of it that plays. */
  readonly isGone: (source_id: string) => boolean;
  /** See to it that the window around a clip is there before long. */
  readonly wantWindow: (part: Part, asked: Span) => void;
}

const NONE: readonly Source[] = [];

export function useFootage(game: Game | undefined): Footage {
  const sources = game?.sources ?? NONE;
  const served = useFootageOf(sources);
  const locals = useLocals(sources);
  return useMemo(() => {
    const known = new Map(sources.map((source) => [source.id, source]));
    const playableOf = memoised(({ source_id }) => playing(known.get(source_id), served, locals.get(source_id)));
    return {
      clock: clockOf(sources.flatMap((source) => bareOf(source, locals.get(source.id)))),
      pictures: served.pictures,
      windows: served.windows,
      windowShows: served.windowShows,
      playableOf: (part) => playableOf(part),
      groundOf: ({ source_id, span, time_base }) => ({
        span,
        time_base,
        frames: served.groundOf(source_id)?.frames ?? null,
      }),
      isGone: (source_id) => locals.get(source_id)?.is_gone === true && !served.playableOf({ source_id }),
      wantWindow: ({ source_id }, asked) => served.wantWindow(source_id, asked),
    };
  }, [sources, served, locals]);
}

function bareOf({ id: source_id, part, facts }: Source, local: Local | undefined): readonly Bare[] {
  if (facts) {
    const [n, d] = facts.time_base;
    return [{ source_id, part, time_base: [n, d], span: { in_pts: facts.in_pts, out_pts: facts.out_pts } }];
  }
  if (!local) return [];
  const out_pts = Math.max(Math.floor(local.duration_s * PROVISIONAL[1]), 1);
  return [{ source_id, part, time_base: PROVISIONAL, span: { in_pts: 0, out_pts } }];
}

/** The file itself, as long as it can be read and the server has no copy that plays better. */
function playing(source: Source | undefined, served: Served, local: Local | undefined): Playable | null {
  if (!source) return null;
  if (!local || local.is_gone || source.plays === "proxy") return served.playableOf({ source_id: source.id });
  const ground = served.groundOf(source.id);
  if (!ground) return { url: local.url, shows: guessed(PROVISIONAL, local.duration_s) };
  const { frames, time_base, span } = ground;
  return { url: local.url, shows: ownTimes(frames, time_base, frames[0] ?? span.in_pts, span) };
}

/** One answer a part: what plays is looked up picture by picture. */
function memoised<T>(of: (part: Part) => T): (part: Part) => T {
  const known = new Map<Part, T>();
  return (part) => {
    if (!known.has(part)) known.set(part, of(part));
    return known.get(part) as T;
  };
}
