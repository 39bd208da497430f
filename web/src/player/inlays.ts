/**
 * Inlays: stretches of a video that are there in a better picture too, as films of their own. Each lies over its stretch,
 * without sound, and keeps in step with the video below, whose clock and sound stay as they are.
 */

import type { Span } from "../reel/timing.ts";
import { type Film, mute } from "./film.ts";
import type { Running } from "./films.ts";
import type { Shows } from "./frames.ts";
import { type Moment, neededAt, seenAt, speedBehind } from "./in_step.ts";

/** A stretch of a part; `shows` says, on the part's clock, what its film shows at which of its seconds. */
export interface Inlay extends Span {
  readonly source_id: string;
  readonly url: string;
  readonly shows: Shows;
}

/** What plays below, where it is, and how fast. */
export interface Below extends Moment {
  readonly running: Running;
  readonly speed: number;
}

interface Hooks {
  /** Put an element on the stage, unseen. */
  readonly hang: (video: HTMLVideoElement) => void;
  /** A picture of an inlay is on the screen. */
  readonly see: (film: Film, pts: number) => void;
  /** The video below has to be seen again. */
  readonly uncover: () => void;
}

interface Laid {
  inlay: Inlay;
  readonly film: Film;
  told: number | null;
  /** What it was sought to last, while it has not played since. */
  sought: number | null;
  behind: number;
}

/** So long before its stretch a film is made ready. */
const AHEAD_S = 1.5;
/** So long before it, it begins to play: that takes a moment. */
const LEAD_S = 0.05;
/** A film that is sought while it plays comes in so much later. */
const SEEK_S = 0.15;
/** At rest for so long, it is worth to ask for films: not for each that a drag passes. */
const CALM_MS = 100;
/** Browsers decode no more at once without a stutter. */
const MOST_FILMS = 5;

export class Inlays {
  readonly #hooks: Hooks;
  #inlays: readonly Inlay[] = [];
  /** The ones needed last come last. */
  #laid: Laid[] = [];
  /** The one that has the screen by right, and the one that has it: the other's picture may be on its way. */
  #seen: Laid | null = null;
  #screen: Laid | null = null;
  #below: Below | null = null;
  #calming: ReturnType<typeof setTimeout> | undefined;

  constructor(hooks: Hooks) {
    this.#hooks = hooks;
  }

  /** These are there, in order and apart. */
  set(inlays: readonly Inlay[]): void {
    this.#inlays = inlays;
    for (const laid of [...this.#laid]) {
      const now = inlays.find((inlay) => isSame(inlay, laid.inlay));
      if (now) laid.inlay = now;
      else this.#drop(laid);
    }
  }

  /** What lies below is there now. Return whether an inlay has the screen. */
  at(below: Below): boolean {
    this.#below = below;
    clearTimeout(this.#calming);
    if (this.#inlays.length === 0) return false;
    if (below.playing) this.#need(below);
    else this.#calming = setTimeout(() => this.#need(below), CALM_MS);
    for (const laid of this.#laid) this.#keep(laid, below);
    return this.#choose();
  }

  /** One of them is on the screen. */
  get isOver(): boolean {
    return this.#screen !== null;
  }

  /** The video below is seen. */
  uncovered(): void {
    this.#screen = null;
  }

  close(): void {
    clearTimeout(this.#calming);
    this.set([]);
  }

  /** Have the films of here and of what comes soon. */
  #need(below: Below): void {
    const inlays = this.#inlays.filter(({ source_id }) => source_id === below.running.part.source_id);
    const ahead = (AHEAD_S * below.speed) / this.#frameS(below);
    for (const inlay of neededAt(inlays, below.pts, ahead).slice(0, MOST_FILMS - 1)) {
      const there = this.#laid.find((laid) => isSame(laid.inlay, inlay));
      this.#laid = [...this.#laid.filter((laid) => laid !== there), there ?? this.#open(inlay)];
      if (!there) for (const laid of this.#laid.slice(-1)) this.#keep(laid, below);
    }
    for (const laid of this.#laid.slice(0, -MOST_FILMS)) if (laid !== this.#screen) this.#drop(laid);
  }

  #open(inlay: Inlay): Laid {
    const failed = () => {
      laid.told = null;
      laid.sought = null;
      if (this.#screen === laid) this.#hooks.uncover();
    };
    const film = mute(inlay.url, (media_s) => this.#told(laid, media_s), failed, true);
    const laid: Laid = { inlay, film, told: null, sought: null, behind: 0 };
    this.#hooks.hang(film.video);
    return laid;
  }

  #told(laid: Laid, media_s: number): void {
    laid.told = laid.inlay.shows.ptsAt(media_s);
    const below = this.#below;
    if (!below) return;
    if (below.playing) this.#keep(laid, below);
    this.#choose();
    if (laid === this.#seen || laid === this.#screen) this.#see(laid);
  }

  /** Bring a film to where it belongs. One that is due plays along, one that comes waits at its first picture. */
  #keep(laid: Laid, below: Below): void {
    const { inlay, film } = laid;
    const { pts, playing, running } = below;
    const behind_s = secondsBehind(inlay, film, running);
    laid.behind = behind_s / this.#frameS(below);
    const comes = inlay.in_pts > pts;
    if (playing && !stalls(running.film.video) && inlay.out_pts > pts && (!comes || behind_s > -LEAD_S)) {
      this.#play(laid, below, behind_s);
      return;
    }
    film.pause();
    if (inlay.out_pts <= pts || (comes && laid === this.#screen)) return;
    this.#seek(laid, comes ? inlay.in_pts : pts);
  }

  #play(laid: Laid, { running, speed, pts }: Below, behind_s: number): void {
    const { film, inlay } = laid;
    if (film.video.ended || !film.isReady || !film.isResting) return;
    const rate = speedBehind(behind_s, speed, this.#frameS({ running, pts }));
    if (rate === null) {
      film.seek(Math.max(film.video.currentTime + behind_s + SEEK_S * speed, inlay.shows.secondsOf(inlay.in_pts)));
    } else if (Math.abs(film.video.playbackRate - rate) > 0.01) film.video.playbackRate = rate;
    laid.sought = null;
    if (film.video.paused) void film.play();
  }

  #seek(laid: Laid, pts: number): void {
    if (laid.sought === pts) return;
    laid.sought = pts;
    laid.film.seek(laid.inlay.shows.secondsOf(pts));
  }

  #choose(): boolean {
    if (!this.#below) return false;
    const before = this.#seen;
    this.#seen = seenAt(this.#laid, before, this.#below);
    if (this.#seen && this.#seen !== this.#screen) this.#see(this.#seen);
    return this.#seen !== null;
  }

  #see(laid: Laid): void {
    if (laid.told === null) return;
    this.#screen = laid;
    this.#hooks.see(laid.film, laid.told);
  }

  #drop(laid: Laid): void {
    this.#laid = this.#laid.filter((other) => other !== laid);
    if (this.#seen === laid) this.#seen = null;
    if (this.#screen === laid) this.#hooks.uncover();
    if (this.#screen === laid) this.#screen = null; // there is nothing below it either
    laid.film.close();
  }

  #frameS({ running: { shows }, pts }: Pick<Below, "running" | "pts">): number {
    const first = shows.step(pts, 0);
    const next = shows.step(first, 1);
    const other = next === first ? shows.step(first, -1) : next;
    return Math.max(Math.abs(shows.secondsOf(other) - shows.secondsOf(first)), 1e-3);
  }
}

/** Return by how many seconds a film is behind the one that it lies on. */
function secondsBehind({ in_pts, shows }: Inlay, { video }: Film, below: Running): number {
  const gone_s = below.film.video.currentTime - below.shows.secondsOf(in_pts);
  return gone_s - (video.currentTime - shows.secondsOf(in_pts));
}

function stalls(video: HTMLVideoElement): boolean {
  return video.paused || video.seeking || video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
}

function isSame(one: Inlay, other: Inlay): boolean {
  return one.url === other.url && one.in_pts === other.in_pts;
}
