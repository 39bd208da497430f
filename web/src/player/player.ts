/** The player: a game's parts as one timeline of pictures, played, stepped through, looped and scrubbed. */

import { createStore, type StoreApi } from "zustand/vanilla";
import type { Span } from "../reel/timing.ts";
import { type Film, mute } from "./film.ts";
import { Films, type Running } from "./films.ts";
import type { Shows } from "./frames.ts";
import { type GameClock, onGame, type Part, type Place, placeAt, tickAt } from "./game.ts";
import { type Inlay, Inlays } from "./inlays.ts";
import type { Options } from "./options.ts";
import { among, joined, looping, type Next } from "./playlist.ts";
import { shuttled } from "./shuttle.ts";
import { AT_FIRST, type PlayerState } from "./state.ts";
import type { Window } from "./windows.ts";

export type { PlayerState } from "./state.ts";

/** After the last step or drag the sharp picture takes the window's place. */
const REST_MS = 160;
/** So long after a seek its picture is on the screen. */
const SHOWN_MS = 100;
/** Between two pictures backwards: sooner none is shown. */
const BACK_MS = 16;

interface Scrub {
  readonly film: Film;
  readonly window: Window;
  readonly shows: Shows;
}

export class Player {
  readonly state: StoreApi<PlayerState> = createStore<PlayerState>(() => AT_FIRST);
  readonly #options: Options;
  readonly #films: Films;
  readonly #inlays: Inlays;
  readonly #listeners = new Set<(tick: number) => void>();
  #clock: GameClock;
  #tick = 0;
  #place: Place;
  #scrub: Scrub | null = null;
  /** While a step or drag is under way the picture is the window's, and the tick is what was wished for. */
  #wished: number | null = null;
  #resting: ReturnType<typeof setTimeout> | undefined;
  #back: { readonly speed: number; readonly at_ms: number; readonly tick: number } | null = null;

  constructor(options: Options) {
    this.#options = options;
    this.#clock = options.clock;
    this.#films = new Films(options.stage, {
      shown: (id, media_s) => this.#shown(id, media_s),
      rested: (id) => this.#rested(id),
      ready: (part, duration_s) => options.toldDuration?.(part, duration_s),
      ended: (id) => this.#ended(id),
      waiting: (id, waits) => this.#isHere(id) && this.state.setState({ waiting: waits && this.#get().playing }),
      fault: (id, fault) => this.#isHere(id) && this.state.setState({ fault }),
    });
    this.#inlays = new Inlays({
      hang: (video) => this.#films.hang(video),
      see: ({ video }, pts) => this.#seePicture(video, pts),
      uncover: () => this.#bare(),
    });
    this.#place = placeAt(this.#clock, options.at ?? 0);
    this.seek(options.at ?? 0);
  }

  /** Where it is, on the game's clock. */
  get tick(): number {
    return this.#tick;
  }

  get place(): Place {
    return this.#place;
  }

  get clock(): GameClock {
    return this.#clock;
  }

  /** Follow where it is, picture by picture. Returns what ends that. */
  follow(listener: (tick: number) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#tick);
    return () => this.#listeners.delete(listener);
  }

  /** The game's footage is known better, or more of it is there. What plays something else now is let go. */
  update(clock: GameClock): void {
    const { part, pts } = this.#place;
    const partNow = (id: string) => clock.parts.find(({ source_id }) => source_id === id);
    this.#clock = clock;
    this.#films.renew((id) => {
      const now = partNow(id);
      const playable = now && this.#options.playableOf(now);
      return now && playable ? { ...playable, part: now } : null;
    });
    const same = partNow(part.source_id);
    this.#move(same ? onGame(same, { in_pts: pts, out_pts: pts }, part.time_base).in_pts : this.#tick);
    const running = this.#running();
    if (!running || !this.#films.isDark) return;
    running.film.seek(running.shows.secondsOf(this.#place.pts));
    if (this.#get().playing) void this.#start(running);
  }

  /** These stretches are there in a better picture. */
  inlay(inlays: readonly Inlay[]): void {
    this.#inlays.set(inlays);
    this.#lay();
  }

  play(): void {
    this.#back = null;
    const { loop } = this.#get();
    if (this.#tick >= this.#clock.span.out_pts - this.#frameTicks() * 1.5) this.seek(loop?.in_pts ?? 0);
    this.state.setState({ playing: true });
    if (this.#turn(this.#next(this.#tick))) return;
    const running = this.#running();
    if (!running) this.state.setState({ playing: false });
    if (!running) return;
    if (this.#wished !== null) this.#sharpen(running);
    void this.#start(running);
    this.#lay();
  }

  pause(): void {
    this.#back = null;
    this.state.setState({ playing: false, waiting: false });
    this.#films.pauseAll();
    this.#lay();
  }

  toggle(): void {
    if (this.#get().playing || this.#back) this.pause();
    else this.play();
  }

  /** Go to a moment; what plays goes on there. */
  seek(tick: number): void {
    this.#back = null;
    this.#move(tick);
    clearTimeout(this.#resting);
    this.#wished = null;
    const running = this.#running();
    if (!running) return;
    running.film.seek(running.shows.secondsOf(this.#place.pts));
    if (this.#get().playing) void this.#start(running);
    this.#lay();
  }

  /** Show a moment at once, while something is dragged; the sharp picture follows when it has come to rest. */
  scrub(tick: number): void {
    if (this.#get().playing || this.#back) this.pause();
    this.#move(tick);
    this.#glance();
  }

  /** Go by frames of the source, also over the end of a part. */
  step(by: number): void {
    if (this.#get().playing || this.#back) this.pause();
    const { index, part, pts } = this.#place;
    const shows = this.#options.playableOf(part)?.shows;
    if (!shows) return;
    const next = shows.step(pts, by);
    const beyond = next === shows.step(pts, 0) ? this.#clock.parts[index + Math.sign(by)] : undefined;
    if (beyond) this.#move(by > 0 ? beyond.begins : beyond.ends - 1);
    else this.#move(tickAt(part, next));
    this.#glance();
  }

  /** Go by seconds. */
  skip(by_s: number): void {
    this.seek(this.#tick + by_s * this.#clock.ticks_per_s);
  }

  setSpeed(speed: number): void {
    this.state.setState({ speed });
    this.#films.dress(this.#get());
  }

  setSound(sound: { readonly muted?: boolean; readonly volume?: number }): void {
    this.state.setState(sound);
    this.#films.dress(this.#get());
  }

  /** J and L: the same again is faster. Back is emulated by seeks: browsers play in one direction. */
  shuttle(direction: -1 | 1): void {
    const { playing, speed } = this.#get();
    const next = shuttled(this.#back?.speed ?? (playing ? speed : 0), direction);
    if (next > 0) {
      this.setSpeed(next);
      this.play();
      return;
    }
    this.pause();
    this.setSpeed(1);
    this.#back = { speed: next, at_ms: performance.now(), tick: this.#tick };
    this.#backFrame();
  }

  loop(span: Span | null): void {
    this.state.setState({ loop: span, only: null });
    if (span && (this.#tick < span.in_pts || this.#tick >= span.out_pts)) this.seek(span.in_pts);
  }

  /** Play only these spans of the game, one after another; null for everything. */
  only(spans: readonly Span[] | null): void {
    this.state.setState({ only: spans?.length ? joined(spans) : null, loop: null });
  }

  close(): void {
    clearTimeout(this.#resting);
    this.#back = null;
    this.#inlays.close();
    this.#films.close();
    this.#scrub?.film.close();
    this.#options.windows?.close();
    this.#listeners.clear();
  }

  // Where it is

  #get(): PlayerState {
    return this.state.getState();
  }

  #isHere(source_id: string): boolean {
    return this.#place.part.source_id === source_id;
  }

  #move(tick: number): void {
    this.#tick = Math.min(Math.max(Math.round(tick), 0), this.#clock.span.out_pts - 1);
    this.#place = this.#framed(placeAt(this.#clock, this.#tick));
    this.#tick = tickAt(this.#place.part, this.#place.pts);
    for (const listener of this.#listeners) listener(this.#tick);
  }

  /** Where the frame begins that is shown there. */
  #framed(place: Place): Place {
    const shows = this.#options.playableOf(place.part)?.shows;
    return shows ? { ...place, pts: shows.step(place.pts, 0) } : place;
  }

  #frameTicks(): number {
    const { part, pts } = this.#place;
    const shows = this.#options.playableOf(part)?.shows;
    if (!shows) return 0;
    const [here, after] = [shows.step(pts, 0), shows.step(pts, 1)];
    return Math.max(after === here ? here - shows.step(pts, -1) : after - here, 1) * part.ticks;
  }

  /** What comes next on the playlist; half a frame early, so that nothing of what follows is seen. */
  #next(tick: number): Next {
    const { loop, only } = this.#get();
    const slack = loop || only ? this.#frameTicks() * 0.6 : 0;
    if (loop) return looping(loop, tick, slack);
    return only ? among(only, tick, slack) : { kind: "stay" };
  }

  /** Do what the playlist says; return whether it was anything. */
  #turn(next: Next): boolean {
    if (next.kind === "jump") this.seek(next.to);
    if (next.kind === "stop") this.pause();
    return next.kind !== "stay";
  }

  // The elements

  /** Return the element of the part that it is at, the only one that plays; null where nothing of it can be played. */
  #running(): Running | null {
    const { part } = this.#place;
    const playable = this.#options.playableOf(part);
    if (!playable) return null;
    const running = this.#films.open(part, playable);
    this.#films.pauseAll(running);
    return running;
  }

  async #start(running: Running): Promise<void> {
    this.#films.dress(this.#get());
    const allowed = await running.film.play();
    if (!allowed) this.state.setState({ playing: false });
  }

  #shown(source_id: string, media_s: number): void {
    const running = this.#films.get(source_id);
    if (!running || !this.#isHere(source_id)) return;
    const { playing, ready } = this.#get();
    if (!ready) this.state.setState({ ready: true });
    if (this.#wished !== null && running.film.isResting && this.#stands(running, media_s)) this.#wished = null;
    if (this.#wished === null && !this.#lay(running.shows.ptsAt(media_s))) this.#see(running, media_s);
    if (!playing || !running.film.isResting) return;
    const tick = tickAt(running.part, running.shows.ptsAt(media_s));
    this.#move(tick);
    this.#turn(this.#next(tick));
  }

  /** Show an element, and tell what it shows. */
  #see({ part, film, shows }: Pick<Running, "part" | "film" | "shows">, media_s: number): void {
    this.#inlays.uncovered();
    this.#seePicture(film.video, shows.ptsAt(media_s), part.source_id);
  }

  #seePicture(video: HTMLVideoElement, pts: number, source_id = this.#place.part.source_id): void {
    this.#films.see(video);
    this.#options.pictured?.({ video, source_id, pts });
  }

  /** Lay what is there in a better picture over where it is. Return whether that has the screen. */
  #lay(shown_pts?: number): boolean {
    const { playing, speed } = this.#get();
    const running = this.#films.get(this.#place.part.source_id);
    const pts = playing && shown_pts !== undefined ? shown_pts : this.#place.pts;
    return running !== undefined && this.#inlays.at({ running, pts, playing, speed });
  }

  /** Show the part's own picture again. */
  #bare(): void {
    const running = this.#films.get(this.#place.part.source_id);
    if (running?.film.isReady) this.#see(running, running.film.video.currentTime);
  }

  /** Say whether the element shows the frame that was wished for. */
  #stands({ shows }: Running, media_s: number): boolean {
    return Math.abs(shows.secondsOf(shows.ptsAt(media_s)) - shows.secondsOf(this.#place.pts)) < 0.002;
  }

  #rested(source_id: string): void {
    if (!this.#isHere(source_id)) return;
    this.state.setState({ waiting: false });
    if (this.#back) this.#backFrame();
    if (this.#wished !== null || this.#inlays.isOver)
      this.#resting = setTimeout(() => this.#uncover(source_id), SHOWN_MS);
  }

  /** A browser that does not tell of a covered picture has shown it by now. */
  #uncover(source_id: string): void {
    const running = this.#films.get(source_id);
    if (!running?.film.isResting || !this.#stands(running, running.film.video.currentTime)) return;
    this.#wished = null;
    if (!this.#lay()) this.#see(running, running.film.video.currentTime);
  }

  /** The next part goes on where this one ends. */
  #ended(source_id: string): void {
    if (!this.#isHere(source_id) || !this.#get().playing) return;
    const { index, part } = this.#place;
    if (this.#turn(this.#next(part.ends - 1))) return;
    const after = this.#clock.parts[index + 1];
    if (after) this.seek(after.begins);
    else this.pause();
  }

  // Steps and drags: the window's picture at once, the sharp one at rest

  #glance(): void {
    const { part, pts } = this.#place;
    const running = this.#running();
    if (!running) return;
    clearTimeout(this.#resting);
    const scrub = this.#scrubAt(part, pts);
    this.#wished = scrub ? this.#tick : null;
    if (scrub) {
      scrub.film.seek(scrub.shows.secondsOf(pts));
      this.#resting = setTimeout(() => this.#sharpen(running), REST_MS);
    } else this.#sharpen(running);
  }

  #sharpen({ film, shows }: Running): void {
    clearTimeout(this.#resting);
    film.seek(shows.secondsOf(this.#place.pts));
    this.#lay();
  }

  /** Return the element of the window around a moment; null where there is none. */
  #scrubAt(part: Part, pts: number): Scrub | null {
    const window = this.#options.windows?.covering(part.source_id, pts) ?? null;
    if (!window) return null;
    if (this.#scrub?.window === window) return this.#scrub;
    const shows = this.#options.windowShows?.(window);
    if (!shows) return null;
    this.#scrub?.film.close();
    const film: Film = mute(window.url, (media_s) => {
      if (this.#wished !== null && this.#scrub?.film === film) this.#see({ part, film, shows }, media_s);
    });
    this.#films.hang(film.video);
    this.#scrub = { film, window, shows };
    return this.#scrub;
  }

  #backFrame(): void {
    if (!this.#back) return;
    const { speed, at_ms, tick } = this.#back;
    const gone_s = (performance.now() - at_ms) / 1000;
    this.#move(tick + gone_s * speed * this.#clock.ticks_per_s);
    const running = this.#running();
    if (this.#tick === 0 || !running) this.#back = null;
    if (running) setTimeout(() => running.film.seek(running.shows.secondsOf(this.#place.pts)), BACK_MS);
  }
}
