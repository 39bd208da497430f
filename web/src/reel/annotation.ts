/** Annotation: what a person marks in a game: a clip, its rating, its tags, its notes and its name. */

import { ReelError } from "./errors.ts";
import { type Exact, exact, Fraction } from "./fraction.ts";
import { cut, stripped } from "./text.ts";
import { durationPts, type Span, seconds, span, toPts, within } from "./timing.ts";

/** Characters, in code points. */
export const MOST_NOTES = 280;
export const MOST_NAME = 80;
export const MOST_TAG = 40;
export const MOST_TAGS = 20;
/** How many characters of the notes make a name. */
export const NAME_OF_NOTES = 40;

export const SHORTEST_S = new Fraction(1);
export const LONGEST_S = new Fraction(60);
/** A play is over when one marks it, so most of a new clip lies before the playhead. */
export const LEAD_S = new Fraction(8);
export const LAG_S = new Fraction(2);
export const DEFAULT_RATING = 4;

export const RATING_VALUES = [1, 2, 3, 4, 5] as const;
export type RatingValue = (typeof RATING_VALUES)[number];

/** One of the five ratings: its value, the chess player's symbol, its name and its colour (#RRGGBB). */
export interface Rating {
  readonly value: RatingValue;
  readonly symbol: string;
  readonly name: string;
  readonly colour: string;
}

export const RATINGS: Readonly<Record<RatingValue, Rating>> = {
  1: { value: 1, symbol: "??", name: "Mental Lapse", colour: "#C62828" },
  2: { value: 2, symbol: "?", name: "Technical Lapse", colour: "#F9A825" },
  3: { value: 3, symbol: "!?", name: "Interesting", colour: "#1565C0" },
  4: { value: 4, symbol: "!", name: "Good", colour: "#2E7D32" },
  5: { value: 5, symbol: "!!", name: "Brilliant", colour: "#66BB6A" },
};

/** The tags offered for each position; own tags are as good. */
export const TAGS: Readonly<Record<string, readonly string[]>> = {
  Attacker: ["Goal", "Assist", "Dribble"],
  Midfielder: ["Pass", "Chance Creation", "Control"],
  Defender: ["Tackle", "Interception", "Build-Up"],
  Goalie: ["Save", "Distribution"],
};

/**
 * Return the name of a clip that was given none: its notes, cut at a word, else like "Brilliant Goal and Assist".
 *
 * Without a tag it is a "Brilliant Clip".
 */
export function clipName(rating: RatingValue, tags: readonly string[], notes: string): string {
  if (stripped(notes)) return cut(notes, NAME_OF_NOTES);
  const all = tags.length ? tags : ["Clip"];
  const [first, last] = [all.slice(0, -1), all.at(-1)];
  return `${RATINGS[rating].name} ${first.length ? `${first.join(", ")} and ${last}` : last}`;
}

/**
 * Return the span of a new clip: from `lead_s` before the playhead to `lag_s` after it, inside the source.
 *
 * At the source's ends it is cut, but not below 1 s, or the whole of a shorter source. Raises clip_length_out_of_range
 * if lead and lag together are not 1 to 60 s.
 */
export function spanAround(
  playhead_pts: number,
  source: Span,
  time_base: Exact,
  lead_s: Exact = LEAD_S,
  lag_s: Exact = LAG_S,
): Span {
  const lasts_s = exact(lead_s).plus(lag_s);
  if (SHORTEST_S.compare(lasts_s) > 0 || LONGEST_S.compare(lasts_s) < 0) {
    throw new ReelError("clip_length_out_of_range");
  }
  const shortest_pts = Math.min(toPts(SHORTEST_S, time_base), durationPts(source));
  const begun = Math.max(playhead_pts - toPts(lead_s, time_base), source.in_pts);
  const in_pts = Math.min(begun, source.out_pts - shortest_pts);
  const out_pts = Math.min(playhead_pts + toPts(lag_s, time_base), source.out_pts);
  return span(in_pts, Math.max(out_pts, in_pts + shortest_pts));
}

/**
 * Return the span that begins `start_s` seconds after the source's first shown frame and lasts `duration_s`.
 *
 * Lists are written in milliseconds, so an end up to 1 ms past the source's is its end; and since they know no clip
 * below 1 s, one from the start of a source that is shorter is the whole source. Raises as `requireLength` does.
 */
export function spanAt(start_s: Exact, duration_s: Exact, source: Span, time_base: Exact): Span {
  const end_s = exact(start_s).plus(duration_s);
  const whole_s = seconds(durationPts(source), time_base);
  const is_whole =
    exact(start_s).compare(0) === 0 && SHORTEST_S.compare(duration_s) === 0 && SHORTEST_S.compare(whole_s) > 0;
  const ends_inside = end_s.compare(whole_s.plus(MILLISECOND)) <= 0;
  const out_pts = source.in_pts + toPts(end_s, time_base);
  const found = span(
    source.in_pts + toPts(start_s, time_base),
    ends_inside || is_whole ? Math.min(out_pts, source.out_pts) : out_pts,
  );
  requireLength(found, source, time_base);
  return found;
}

/**
 * Hold a clip to the rules: inside its source (clip_outside_source) and of 1 to 60 s (clip_length_out_of_range).
 *
 * The whole of a source that is shorter than 1 s is a clip too. One tick is granted to the rounding of the ends.
 */
export function requireLength(clip: Span, source: Span, time_base: Exact): void {
  if (!within(clip, source)) {
    const source_s = seconds(durationPts(source), time_base).toNumber();
    const out_s = seconds(clip.out_pts - source.in_pts, time_base).toNumber();
    const lasts = `The clip reaches past the end of its source, which lasts ${source_s.toFixed(3)} s.`;
    throw new ReelError("clip_outside_source", { out_s, source_s }, lasts);
  }
  const duration_s = seconds(durationPts(clip), time_base);
  const is_whole = clip.in_pts === source.in_pts && clip.out_pts === source.out_pts;
  const shortest_s = is_whole ? new Fraction(0) : SHORTEST_S.minus(time_base);
  if (duration_s.compare(shortest_s) < 0 || duration_s.compare(LONGEST_S.plus(time_base)) > 0) {
    throw new ReelError("clip_length_out_of_range", { duration_s: duration_s.toNumber() });
  }
}

/**
 * Return the span with one edge at `pts`, held to the rules as far as the other edge and the source allow: what a
 * dragged handle shows. The other edge stays.
 */
export function withEdge(clip: Span, edge: "in" | "out", pts: number, source: Span, time_base: Exact): Span {
  const shortest = Math.min(toPts(SHORTEST_S, time_base), durationPts(source));
  const longest = toPts(LONGEST_S, time_base);
  if (edge === "in") {
    const lowest = Math.max(source.in_pts, clip.out_pts - longest);
    return span(Math.max(Math.min(pts, clip.out_pts - shortest), lowest), clip.out_pts);
  }
  const highest = Math.min(source.out_pts, clip.in_pts + longest);
  return span(clip.in_pts, Math.min(Math.max(pts, clip.in_pts + shortest), highest));
}

const MILLISECOND = new Fraction(1, 1000);
