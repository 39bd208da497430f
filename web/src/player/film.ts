/** A film: one video element that is sought with one seek in flight, says what it shows, and mends itself. */

import { AT_REST, type Seeking, settled, want } from "../editing/seeking.ts";
import { ABORTED, type Fault, faultOf, pictureFault } from "./faults.ts";

/** What a film tells. All times are the element's seconds. */
export interface Told {
  /** A picture stands on the screen. */
  readonly shown: (media_s: number) => void;
  /** No seek is in flight any more. */
  readonly rested: () => void;
  readonly ready: (duration_s: number) => void;
  readonly ended: () => void;
  readonly waiting: (waits: boolean) => void;
  /** null: it is well again. */
  readonly fault: (fault: Fault | null) => void;
}

/** A seek that is not answered within this is given up, and the next one goes out. */
const SEEK_MS = 4000;
/** Waits before an address is asked for anew: it may have run out, then the first does it. */
const RENEW_MS = [0, 500, 2000, 5000, 10_000] as const;

export class Film {
  readonly video: HTMLVideoElement;
  readonly url: string;
  readonly #told: Told;
  readonly #is_local: boolean;
  #seeking: Seeking = AT_REST;
  #giving_up: ReturnType<typeof setTimeout> | undefined;
  #renewing: ReturnType<typeof setTimeout> | undefined;
  #tries = 0;
  #has_played = false;
  #plays = false;
  #closed = false;

  constructor(url: string, told: Told, is_read = false) {
    this.url = url;
    this.#told = told;
    this.#is_local = url.startsWith("blob:");
    this.video = document.createElement("video");
    this.video.playsInline = true;
    if (is_read) this.video.crossOrigin = "anonymous";
    this.video.preload = "auto";
    this.video.disableRemotePlayback = true;
    this.video.tabIndex = -1;
    this.video.setAttribute("aria-hidden", "true");
    this.#listen();
    this.video.src = url;
  }

  /** Whether a picture can be shown now. */
  get isReady(): boolean {
    return this.video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
  }

  get isResting(): boolean {
    return this.#seeking.in_flight === null;
  }

  /** Go to a moment; while a seek is in flight the newest wish waits. */
  seek(at_s: number): void {
    const { seeking, seek_s } = want(this.#seeking, at_s);
    this.#seeking = seeking;
    if (seek_s !== null) this.#go(seek_s);
  }

  /** Play. The answer is false where the browser wants a person to press something first. */
  async play(): Promise<boolean> {
    this.#plays = true;
    try {
      await this.video.play();
      return true;
    } catch (error) {
      if (error instanceof DOMException && error.name === "NotAllowedError") {
        this.#plays = false;
        return false;
      }
      return true; // it was paused meanwhile, or failed: then its error is told
    }
  }

  pause(): void {
    this.#plays = false;
    this.video.pause();
  }

  /** Let go of the element and what it holds. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#giving_up);
    clearTimeout(this.#renewing);
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
    this.video.remove();
  }

  #listen(): void {
    const { video } = this;
    video.addEventListener("loadedmetadata", () => {
      if (Number.isFinite(video.duration)) this.#told.ready(video.duration);
    });
    video.addEventListener("loadeddata", () => {
      const fault = pictureFault(video.videoWidth, this.#is_local);
      this.#told.fault(fault);
      if (fault) return;
      this.#has_played = true;
      this.#tries = 0;
      if (!this.isResting && !video.seeking) this.#rested(); // a seek to where a film begins is none: nothing tells of it
      if (!("requestVideoFrameCallback" in video)) this.#told.shown(this.video.currentTime);
    });
    video.addEventListener("seeked", () => this.#rested());
    video.addEventListener("timeupdate", () => {
      if (document.hidden || !("requestVideoFrameCallback" in video)) this.#told.shown(video.currentTime);
    });
    video.addEventListener("ended", () => this.#told.ended());
    video.addEventListener("waiting", () => this.#told.waiting(true));
    for (const name of ["playing", "canplay", "pause"]) {
      video.addEventListener(name, () => this.#told.waiting(false));
    }
    video.addEventListener("error", () => this.#failed(video.error?.code ?? 0));
    this.#follow();
  }

  /** requestVideoFrameCallback is the only truth for what is on the screen. */
  #follow(): void {
    const { video } = this;
    if (!("requestVideoFrameCallback" in video)) return;
    const shown = (_now: number, { mediaTime }: VideoFrameCallbackMetadata) => {
      if (this.#closed) return;
      this.#told.shown(mediaTime);
      video.requestVideoFrameCallback(shown);
    };
    video.requestVideoFrameCallback(shown);
  }

  #go(at_s: number): void {
    clearTimeout(this.#giving_up);
    this.#giving_up = setTimeout(() => this.#rested(), SEEK_MS);
    const last_s = Number.isFinite(this.video.duration) ? Math.max(this.video.duration - 0.001, 0) : at_s;
    this.video.currentTime = Math.min(at_s, last_s);
  }

  #rested(): void {
    clearTimeout(this.#giving_up);
    const { seeking, seek_s } = settled(this.#seeking);
    this.#seeking = seeking;
    if (seek_s === null) this.#told.rested();
    else this.#go(seek_s);
  }

  #failed(code: number): void {
    if (this.#closed || code === ABORTED || code === 0) return;
    const fault = faultOf(code, this.#is_local, this.#has_played);
    const wait_ms =
      fault.renewable && !this.#is_local ? RENEW_MS[Math.min(this.#tries, RENEW_MS.length - 1)] : undefined;
    if (wait_ms === undefined || this.#tries > 0 || !this.#has_played) this.#told.fault(fault); // the first is unseen
    if (wait_ms === undefined) return;
    this.#tries += 1;
    clearTimeout(this.#renewing);
    this.#renewing = setTimeout(() => this.#renew(), wait_ms);
  }

  /** Ask for the address anew and go on where it was. */
  #renew(): void {
    const { video } = this;
    const at_s = this.#seeking.wanted ?? this.#seeking.in_flight ?? video.currentTime;
    const plays = this.#plays;
    this.#seeking = AT_REST;
    video.src = this.url;
    video.load();
    this.seek(at_s);
    if (plays) void this.play();
    this.#follow();
  }
}

/** Return a film beside another, without its sound: where it fails, the other's picture is there. */
export function mute(url: string, shown: Told["shown"], failed: () => void = () => undefined, is_read = false): Film {
  const told: Told = {
    shown,
    rested: () => undefined,
    ready: () => undefined,
    ended: () => undefined,
    waiting: () => undefined,
    fault: (fault) => fault && failed(),
  };
  const film = new Film(url, told, is_read);
  film.video.muted = true;
  return film;
}
