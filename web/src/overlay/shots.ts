/**
 * The framed video, frame by frame: which clips a frame shows, of which source picture, through which window
 * (jobs/timeline.py). How long clips overlap is read off where the service says that each stands.
 */

import type { Aspect, EditClip } from "../project/document.ts";
import { type Crop, cropAt, defaultCrop } from "../reel/crop.ts";
import { exact, Fraction, type Terms } from "../reel/fraction.ts";
import { rounded, toPixels, type Window } from "../reel/geometry.ts";
import { outputAt, type Piece, pieces, sourceAt } from "../reel/speed.ts";
import { firstNotBefore, newest, rescale, type Span } from "../reel/timing.ts";
import type { Ground } from "../timeline/footage.ts";

/** Where a clip stands in the framed video. */
export interface Place {
  readonly clip: string;
  readonly first_frame: number;
  readonly frame_count: number;
}

type Transition = EditClip["transition_in"];

/** One clip as the framed video shows it; the first `lead` of its frames it shares with the clip before it. */
export class Shot {
  readonly clip: EditClip;
  readonly ground: Ground;
  readonly rate: Terms;
  readonly aspect: Aspect;
  readonly first_frame: number;
  readonly frame_count: number;
  readonly lead: number;
  readonly trail: number;
  readonly goes: Transition;
  readonly #run: Run;
  readonly #crop: Pick<Crop, "keys">;

  constructor(
    clip: EditClip,
    ground: Ground,
    framed: { readonly rate: Terms; readonly aspect: Aspect },
    at: { readonly place: Place; readonly lead: number; readonly trail: number; readonly goes: Transition },
  ) {
    this.clip = clip;
    this.ground = ground;
    this.rate = framed.rate;
    this.aspect = framed.aspect;
    this.first_frame = at.place.first_frame;
    this.frame_count = at.place.frame_count;
    this.lead = at.lead;
    this.trail = at.trail;
    this.goes = at.goes;
    this.#run = runOf(clip, ground);
    this.#crop = cropOf(clip, ground, framed.aspect, this.#run.span);
  }

  /** The frame after its last. */
  get end_frame(): number {
    return this.first_frame + this.frame_count;
  }

  /** The frames that show nothing else. */
  get alone(): { readonly first: number; readonly end: number } {
    return { first: this.first_frame + this.lead, end: this.end_frame - this.trail };
  }

  has(frame: number): boolean {
    return frame >= this.first_frame && frame < this.end_frame;
  }

  /** The source time of what a frame shows, on the source's clock; never before the clip begins. */
  pts(frame: number): number {
    const at = sourceAt(exact(frame - this.first_frame).over(this.rate), this.#run.parts, this.ground.time_base);
    const { frames } = this.#run;
    return Math.max(frames[newest(at, frames)] ?? this.#run.span.in_pts, this.#run.span.in_pts);
  }

  /** The same on the clock of the clip, which its spotlights run on. */
  time(frame: number): number | Fraction {
    const pts = this.pts(frame);
    if (sameTerms(this.ground.time_base, this.clip.time_base)) return pts;
    return exact(pts).times(this.ground.time_base).over(this.clip.time_base);
  }

  /** The window of the source that is shown at a moment of the source's clock: to 1/16 px, as it is rendered. */
  windowAt(pts: number): Window {
    const { size } = this.ground;
    const rotation_deg = this.clip.rotation_deg;
    const window = rounded(toPixels(cropAt(this.#crop, pts, this.aspect, size, rotation_deg), size));
    return {
      cx: window.cx / size.width,
      cy: window.cy / size.height,
      w: window.width / size.width,
      h: window.height / size.height,
      rotation_deg,
    };
  }

  /** The frame, and part of one, at which a moment of the clip's clock comes; held inside the clip. */
  frameAt(pts: number): number {
    const at = sameTerms(this.ground.time_base, this.clip.time_base)
      ? pts
      : rescale(pts, this.clip.time_base, this.ground.time_base);
    const since_s = outputAt(at, this.#run.parts, this.ground.time_base);
    const since = since_s.times(this.rate).toNumber();
    return this.first_frame + Math.min(Math.max(since, 0), this.frame_count);
  }

  /** The moment of the clip's clock that a frame, or a part of one, stands at: the inverse of frameAt. */
  timeAt(frame: number): number {
    const since = Math.min(Math.max(frame - this.first_frame, 0), this.frame_count);
    const since_s = new Fraction(Math.round(since * PARTS), PARTS).over(this.rate);
    const at = sourceAt(since_s, this.#run.parts, this.ground.time_base);
    const own = at.times(this.ground.time_base).over(this.clip.time_base);
    return Math.min(Math.max(own.plus(HALF).floor(), this.clip.in_pts), this.clip.out_pts);
  }

  /** The moment, on the clip's clock, of the picture that a frame shows. */
  shownAt(frame: number): number {
    const held = Math.min(Math.max(frame, this.first_frame), this.end_frame - 1);
    const time = this.time(held);
    return typeof time === "number" ? time : time.floor();
  }

  /** How much of a frame is this clip's, 0 to 1: less in a transition, as its pictures are mixed. */
  share(frame: number): number {
    const [at, left] = [frame - this.first_frame, this.end_frame - frame];
    if (at < this.lead) return shown(this.clip.transition_in, (at + 0.5) / this.lead);
    if (left <= this.trail) return shown(this.goes, (left - 0.5) / this.trail);
    return 1;
  }
}

/** Return the clips of a framed video, in order; one whose source nobody knows any more, or that it lacks, is left out. */
export function shotsOf(
  clips: readonly EditClip[],
  places: readonly Place[],
  framed: { readonly rate: Terms; readonly aspect: Aspect },
  groundOf: (clip: EditClip) => Ground | null,
): readonly Shot[] {
  return places.flatMap((place, number) => {
    const clip = clips.find(({ id }) => id === place.clip);
    const ground = clip && groundOf(clip);
    if (!clip || !ground || ground.frames.length === 0) return [];
    const [before, after] = [places[number - 1], places[number + 1]];
    const goes = clips.find(({ id }) => id === after?.clip)?.transition_in ?? "cut";
    const lead = before ? Math.max(endOf(before) - place.first_frame, 0) : 0;
    const trail = after ? Math.max(endOf(place) - after.first_frame, 0) : 0;
    return [new Shot(clip, ground, framed, { place, lead, trail, goes })];
  });
}

/** Return the shot that a frame belongs to: in a transition the one whose chapter has begun, in the middle of it. */
export function shotAt(shots: readonly Shot[], frame: number): Shot | null {
  const found = shots.findLast((shot) => shot.first_frame + Math.floor(shot.lead / 2) <= frame);
  return found?.has(frame) ? found : null;
}

const PARTS = 1024; // of a frame: finer than a pixel of any timeline
const HALF = new Fraction(1, 2);

/** A clip's span on its source's clock, in pieces of one speed, and the source's frames in it. */
interface Run {
  readonly span: Span;
  readonly parts: readonly Piece[];
  readonly frames: readonly number[];
}

/** Kept by the speeds' list, which a change of anything else leaves as it is. */
const runs = new WeakMap<object, { readonly made_of: string; readonly ground: Ground; readonly run: Run }>();

function runOf(clip: EditClip, ground: Ground): Run {
  const made_of = `${clip.in_pts}/${clip.out_pts}/${clip.time_base}`;
  const there = runs.get(clip.speeds);
  if (there?.made_of === made_of && there.ground === ground) return there.run;
  const own = (pts: number) =>
    sameTerms(clip.time_base, ground.time_base) ? pts : rescale(pts, clip.time_base, ground.time_base);
  const moved = <S extends Span>(span: S): S => ({ ...span, in_pts: own(span.in_pts), out_pts: own(span.out_pts) });
  const { in_pts, out_pts } = moved({ in_pts: clip.in_pts, out_pts: clip.out_pts });
  const span = { in_pts: Math.max(in_pts, ground.span.in_pts), out_pts: Math.min(out_pts, ground.span.out_pts) };
  const on_screen = Math.max(firstNotBefore(ground.frames, span.in_pts) - 1, 0); // as the clip begins, between two
  const frames = ground.frames.slice(on_screen, firstNotBefore(ground.frames, span.out_pts));
  const run = { span, parts: pieces(span, clip.speeds.map(moved)), frames };
  runs.set(clip.speeds, { made_of, ground, run });
  return run;
}

function cropOf(clip: EditClip, ground: Ground, aspect: Aspect, { in_pts }: Span): Pick<Crop, "keys"> {
  const crop = clip.crops[aspect];
  if (!crop?.keys.length) return defaultCrop(aspect, ground.size, in_pts, clip.rotation_deg);
  if (sameTerms(clip.time_base, ground.time_base)) return crop;
  return { keys: crop.keys.map((key) => ({ ...key, pts: rescale(key.pts, clip.time_base, ground.time_base) })) };
}

/** How much is shown of a clip that a transition has let in so far: a fade goes through black. */
function shown(transition: Transition, share: number): number {
  return transition === "fade" ? Math.max(0, 2 * share - 1) : share;
}

function endOf({ first_frame, frame_count }: Place): number {
  return first_frame + frame_count;
}

function sameTerms(a: Terms, b: Terms): boolean {
  return a[0] === b[0] && a[1] === b[1];
}
