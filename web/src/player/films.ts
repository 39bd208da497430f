/** The video elements of a player, one a part of the game; and which of them is seen. */

import type { Fault } from "./faults.ts";
import { Film } from "./film.ts";
import type { Shows } from "./frames.ts";
import type { Part } from "./game.ts";

/** What the player needs to know of a part: where it plays from, and what that shows at which second. */
export interface Playable {
  readonly url: string;
  readonly shows: Shows;
  /** Its pixels are read by the page: asked for as another origin's that allows it. */
  readonly is_read?: boolean;
}

/** A part's element and what it plays. */
export interface Running extends Playable {
  readonly part: Part;
  readonly film: Film;
}

/** What the elements tell of a part. Times are the element's seconds. */
export interface FilmsTold {
  readonly shown: (source_id: string, media_s: number) => void;
  readonly rested: (source_id: string) => void;
  readonly ready: (part: Part, duration_s: number) => void;
  readonly ended: (source_id: string) => void;
  readonly waiting: (source_id: string, waits: boolean) => void;
  readonly fault: (source_id: string, fault: Fault | null) => void;
}

/** A picture on the screen: the element that shows it, and the moment of which source that is. */
export interface Pictured {
  readonly video: HTMLVideoElement;
  readonly source_id: string;
  readonly pts: number;
}

/** How an element plays. */
export interface Dress {
  readonly muted: boolean;
  readonly volume: number;
  readonly speed: number;
}

export class Films {
  readonly #stage: HTMLElement;
  readonly #told: FilmsTold;
  readonly #running = new Map<string, Running>();
  #seen: HTMLVideoElement | null = null;

  constructor(stage: HTMLElement, told: FilmsTold) {
    this.#stage = stage;
    this.#told = told;
  }

  /** Nothing is seen, or what was is gone. */
  get isDark(): boolean {
    return !this.#seen?.isConnected;
  }

  get(source_id: string): Running | undefined {
    return this.#running.get(source_id);
  }

  /** Return the element of a part, made now if there was none. */
  open(part: Part, playable: Playable): Running {
    const id = part.source_id;
    const there = this.#running.get(id);
    if (there) return there;
    const told = this.#told;
    const film = new Film(
      playable.url,
      {
        shown: (media_s) => told.shown(id, media_s),
        rested: () => told.rested(id),
        ready: (duration_s) => told.ready(part, duration_s),
        ended: () => told.ended(id),
        waiting: (waits) => told.waiting(id, waits),
        fault: (fault) => told.fault(id, fault),
      },
      playable.is_read,
    );
    const running = { ...playable, part, film };
    this.#running.set(id, running);
    this.hang(film.video);
    return running;
  }

  /** Keep what still plays the same; let go of the rest. `playableOf` says what a source plays now. */
  renew(now: (source_id: string) => (Playable & { readonly part: Part }) | null): void {
    for (const [id, running] of this.#running) {
      const known = now(id);
      if (known && known.url === running.url) this.#running.set(id, { ...known, film: running.film });
      else this.#drop(id);
    }
  }

  /** Put an element on the stage, below the one that is seen: a hidden one would not tell which picture it has. */
  hang(video: HTMLVideoElement): void {
    video.style.zIndex = "0";
    this.#stage.append(video);
  }

  /** Show one element, and only that one. */
  see(video: HTMLVideoElement): void {
    if (this.#seen === video) return;
    video.style.zIndex = "1";
    if (this.#seen) this.#seen.style.zIndex = "0";
    this.#seen = video;
  }

  dress({ muted, volume, speed }: Dress): void {
    for (const { film } of this.#running.values()) {
      film.video.muted = muted;
      film.video.volume = volume;
      film.video.playbackRate = speed;
      film.video.preservesPitch = true;
    }
  }

  pauseAll(but?: Running): void {
    for (const { film } of this.#running.values()) if (film !== but?.film) film.pause();
  }

  close(): void {
    for (const id of [...this.#running.keys()]) this.#drop(id);
  }

  #drop(id: string): void {
    const running = this.#running.get(id);
    if (!running) return;
    if (this.#seen === running.film.video) this.#seen = null;
    running.film.close();
    this.#running.delete(id);
  }
}
