/** The edit document as an editor has it: whole, every default written out (reel/edit.py says what each part means). */

import type { RatingValue } from "../reel/annotation.ts";
import type { Terms } from "../reel/fraction.ts";
import type { Ease } from "../reel/keyframes.ts";
import type { Colour, Effect, Shape } from "../reel/spotlight.ts";
import { cut } from "../reel/text.ts";
import { rescale, type Span } from "../reel/timing.ts";

export type Aspect = "9:16" | "16:9" | "1:1" | "4:5";
export const ASPECTS: readonly Aspect[] = ["9:16", "16:9", "1:1", "4:5"];

/** As many as a project takes. */
export const MOST_CLIPS = 200;
export const MOST_TITLE = 120;

// All of these are types and not interfaces, so that they are Json.

export type CropKey = {
  readonly id: string;
  readonly pts: number;
  readonly cx: number;
  readonly cy: number;
  readonly h: number;
  readonly ease: Ease;
  readonly by: "hand" | "track";
};

/** `framed`: a person set it, or agreed to the default. */
export type Crop = { readonly framed: boolean; readonly keys: readonly CropKey[] };

export type SpeedSpan = { readonly in_pts: number; readonly out_pts: number; readonly rate: Terms };

export type SpotKey = {
  readonly id: string;
  readonly pts: number;
  readonly x: number;
  readonly y: number;
  readonly rx: number;
  readonly ry: number;
  readonly ease: Ease;
};

export type Spotlight = {
  readonly id: string;
  readonly in_pts: number;
  readonly out_pts: number;
  readonly keys: readonly SpotKey[];
  readonly shape: Shape;
  readonly colour: Colour;
  readonly effect: Effect;
  readonly stroke: boolean;
  readonly fill: boolean;
};

/** A clip as the project shows it; all its times are on its own clock, `time_base`. */
export type EditClip = {
  readonly id: string;
  /** The clip of the game that it came from. */
  readonly clip_id: string | null;
  readonly revision: number;
  readonly source_id: string | null;
  readonly time_base: Terms;
  readonly in_pts: number;
  readonly out_pts: number;
  readonly audio: boolean;
  readonly rotation_deg: number;
  readonly look: "crisp" | "natural" | null;
  readonly crops: { readonly [A in Aspect]?: Crop };
  readonly speeds: readonly SpeedSpan[];
  readonly transition_in: "cut" | "fade" | "dissolve";
  readonly spotlights: readonly Spotlight[];
  readonly freeze_s: number;
  readonly label: string;
};

/** A text that fills the picture for a while, before a clip, or after the last one where `before` is null. */
export type EditCard = {
  readonly id: string;
  readonly revision: number;
  readonly before: string | null;
  readonly duration_s: number;
  readonly text: string;
};

export type Edit = {
  readonly schema: 1;
  readonly aspect: Aspect;
  readonly rate: Terms | null;
  readonly title: string;
  readonly head_revision: number;
  readonly clips: readonly EditClip[];
  readonly cards: readonly EditCard[];
};

export const NO_EDIT: Edit = {
  schema: 1,
  aspect: "9:16",
  rate: null,
  title: "",
  head_revision: 0,
  clips: [],
  cards: [],
};

/** What a clip of a game gives to a project. */
export interface Marked {
  readonly id: string;
  readonly source_id: string;
  readonly time_base: Terms;
  readonly in_pts: number;
  readonly out_pts: number;
}

/** Reels wider than high hold the picture with the marker before the play (reel/project.py, DEFAULT_FREEZE_S). */
const FREEZE_S: Readonly<Record<Aspect, number>> = { "9:16": 0, "16:9": 1.5, "1:1": 0, "4:5": 0 };

/** Return the place of a clip that is new to an edit, as reel/project.py begins one. */
export function placeOf(id: string, clip: Marked, aspect: Aspect): EditClip {
  return {
    id,
    clip_id: clip.id,
    revision: 0,
    source_id: clip.source_id,
    time_base: [clip.time_base[0], clip.time_base[1]],
    in_pts: clip.in_pts,
    out_pts: clip.out_pts,
    audio: true,
    rotation_deg: 0,
    look: null,
    crops: {},
    speeds: [],
    transition_in: "cut",
    spotlights: [],
    freeze_s: FREEZE_S[aspect],
    label: "",
  };
}

/** Return the edit with one clip changed. */
export function withClip(edit: Edit, id: string, change: Partial<EditClip> | ((clip: EditClip) => EditClip)): Edit {
  const changed = (clip: EditClip) => (typeof change === "function" ? change(clip) : { ...clip, ...change });
  return { ...edit, clips: edit.clips.map((clip) => (clip.id === id ? changed(clip) : clip)) };
}

/** Return the edit in another shape; how long its clips hold still goes with it where nobody chose that. */
export function withShape(edit: Edit, aspect: Aspect): Edit {
  const [usual, next] = [FREEZE_S[edit.aspect], FREEZE_S[aspect]];
  const clips = edit.clips.map((clip) => (clip.freeze_s === usual ? { ...clip, freeze_s: next } : clip));
  return { ...edit, aspect, clips };
}

/** Return a clip's start and end as Annotate has them now, on the clock of the edit; null where they are no span on it. */
export function markedSpan({ time_base }: EditClip, marked: Marked): Span | null {
  const [in_pts, out_pts] = [marked.in_pts, marked.out_pts].map((pts) => rescale(pts, marked.time_base, time_base));
  return in_pts !== undefined && out_pts !== undefined && in_pts < out_pts ? { in_pts, out_pts } : null;
}

/** Return a clip with another start and end, without the spotlights that are outside (reel/project.py). */
export function withSpan(clip: EditClip, { in_pts, out_pts }: Span): EditClip {
  const left = clip.spotlights.filter((one) => one.in_pts < out_pts && in_pts < one.out_pts);
  return { ...clip, in_pts, out_pts, spotlights: left };
}

/** Return the edit without some clips; a card that stood before one goes before the next that stays. */
export function withoutClips(edit: Edit, ids: readonly string[]): Edit {
  const clips = edit.clips.filter(({ id }) => !ids.includes(id));
  return { ...edit, clips, cards: edit.cards.map((card) => ({ ...card, before: standing(edit, ids, card.before) })) };
}

/** Return the edit with its clips in another order; ids that it lacks are passed over, clips not named stay last. */
export function inOrder(edit: Edit, ids: readonly string[]): Edit {
  const named = ids.flatMap((id) => edit.clips.find((clip) => clip.id === id) ?? []);
  const others = edit.clips.filter((clip) => !named.includes(clip));
  return { ...edit, clips: [...named, ...others] };
}

/** Return the ids with one of them at another place, counted from 0; outside, it is the nearest there is. */
export function movedTo(ids: readonly string[], id: string, place: number): readonly string[] {
  const others = ids.filter((one) => one !== id);
  return others.length === ids.length ? ids : others.toSpliced(Math.min(Math.max(place, 0), others.length), 0, id);
}

/** Return the edit, the best rated clips first; those of one rating keep their order (reel/project.py, best_first). */
export function bestFirst(edit: Edit, ratingOf: (clip: EditClip) => RatingValue | null): Edit {
  const rated = edit.clips.map((clip) => ({ clip, rating: ratingOf(clip) ?? 0 }));
  return { ...edit, clips: rated.sort((a, b) => b.rating - a.rating).map(({ clip }) => clip) };
}

const COPY = " (copy)";

/** Return an edit as the first thing that is saved of a new project. */
export function copyOf(edit: Edit): Edit {
  return {
    ...edit,
    title: `${cut(edit.title || "Reel", MOST_TITLE - COPY.length)}${COPY}`,
    head_revision: 1,
    clips: edit.clips.map((clip) => ({ ...clip, revision: 0 })),
    cards: edit.cards.map((card) => ({ ...card, revision: 0 })),
  };
}

/** Say whether a clip has a crop of this shape that a person made or agreed to. */
export function isFramed(clip: EditClip, aspect: Aspect): boolean {
  return clip.crops[aspect]?.framed ?? false;
}

function standing({ clips }: Edit, gone: readonly string[], before: string | null): string | null {
  const place = clips.findIndex(({ id }) => id === before);
  if (place < 0) return before;
  return clips.slice(place).find(({ id }) => !gone.includes(id))?.id ?? null;
}
