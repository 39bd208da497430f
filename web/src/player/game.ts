/** A game's clock: its parts one after another as one timeline, in ticks that every part's own pts fall on. */

import { Fraction, type Terms } from "../reel/fraction.ts";
import { rescale, type Span } from "../reel/timing.ts";

/** One part of a game, as far as a clock cares. `span` is on the part's own clock. */
export interface Footage {
  readonly source_id: string;
  readonly part: number;
  readonly time_base: Terms;
  readonly span: Span;
}

/** A part on its game's clock: it begins at the game's tick `begins`, and each of its ticks is `ticks` of the game's. */
export interface Part extends Footage {
  readonly begins: number;
  readonly ends: number;
  readonly ticks: number;
}

export interface GameClock {
  readonly ticks_per_s: number;
  readonly parts: readonly Part[];
  /** The whole game, from 0. */
  readonly span: Span;
}

/** A moment of a game: which part, and when on that part's clock. */
export interface Place {
  readonly index: number;
  readonly part: Part;
  readonly pts: number;
}

/** So that a day's ticks are whole numbers that a browser holds exactly. */
const MOST_TICKS_PER_S = Number.MAX_SAFE_INTEGER / 86_400;

/** Return the clock of a game's footage, in the order of its parts; null for none. */
export function clockOf(footage: readonly Footage[]): GameClock | null {
  const ordered = [...footage].sort((a, b) => a.part - b.part);
  const ticks_per_s = ordered.map(({ time_base }) => time_base[1]).reduce(together, 1);
  let begins = 0;
  const parts = ordered.map((one) => {
    const ticks = (one.time_base[0] * ticks_per_s) / one.time_base[1];
    const ends = begins + Math.max(Math.round((one.span.out_pts - one.span.in_pts) * ticks), 1);
    const part: Part = { ...one, begins, ends, ticks };
    begins = ends;
    return part;
  });
  return parts.length ? { ticks_per_s, parts, span: { in_pts: 0, out_pts: begins } } : null;
}

/** Return the game's tick at which a part shows `pts`. */
export function tickAt(part: Part, pts: number): number {
  return part.begins + Math.round((pts - part.span.in_pts) * part.ticks);
}

/** Return the part's tick that a tick of the game falls in. */
export function ptsAtTick(part: Part, tick: number): number {
  return part.span.in_pts + Math.floor((tick - part.begins) / part.ticks + NEAR);
}

/** Return where in its footage a moment of the game is; before the first and after the last it is their edge. */
export function placeAt({ parts }: GameClock, tick: number): Place {
  const found = parts.findLastIndex(({ begins }) => begins <= tick);
  const index = Math.max(found, 0);
  const part = parts[index];
  if (!part) throw new RangeError("A clock has at least one part.");
  const pts = Math.min(Math.max(ptsAtTick(part, tick), part.span.in_pts), part.span.out_pts - 1);
  return { index, part, pts };
}

/** Return the part with a source, and its number in the list; null where the game has none of it yet. */
export function partOf(clock: GameClock | null, source_id: string): Part | null {
  return clock?.parts.find((part) => part.source_id === source_id) ?? null;
}

/** Return a span of a part on the game's clock; `time_base` is that of the span, the part's own but for a moment. */
export function onGame(part: Part, span: Span, time_base: Terms): Span {
  const own = (pts: number) => (same(time_base, part.time_base) ? pts : rescale(pts, time_base, part.time_base));
  return { in_pts: tickAt(part, own(span.in_pts)), out_pts: tickAt(part, own(span.out_pts)) };
}

/** Return a moment of the game in seconds, for people. */
export function gameSeconds({ ticks_per_s }: Pick<GameClock, "ticks_per_s">, tick: number): number {
  return tick / ticks_per_s;
}

function same(a: Terms, b: Terms): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

const NEAR = 1e-6; // a quotient of two whole numbers is that far off at most

function together(a: number, b: number): number {
  const shared = new Fraction(a, b);
  const both = a * Number(shared.denominator);
  return both <= MOST_TICKS_PER_S ? both : Math.max(a, b);
}
