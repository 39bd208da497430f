/** What a timeline's detail strip looks at: one view, moved by wheel, fingers, keys and the playhead. */

import { createStore, type StoreApi } from "zustand/vanilla";
import { fitted, following, panned, resized, revealing, type View, zoomed } from "../editing/view.ts";
import type { GameClock } from "../player/game.ts";
import type { Span } from "../reel/timing.ts";

/** So much is in sight at first: a clip of ten seconds is then wide enough to be taken hold of. */
const AT_FIRST_S = 90;
const KEY_ZOOM = 1.6;

/** The view of a timeline, and how it is moved. */
export class Looking {
  readonly state: StoreApi<{ readonly view: View }>;
  #clock: GameClock;

  constructor(clock: GameClock) {
    this.#clock = clock;
    this.state = createStore(() => ({ view: fitted(begun(clock), 1) }));
  }

  get view(): View {
    return this.state.getState().view;
  }

  /** The game is known better: stay where one looks, as far as that is still there. */
  update(clock: GameClock): void {
    const scale = clock.ticks_per_s / this.#clock.ticks_per_s;
    const { start_pts, px_per_tick, width_px } = this.view;
    this.#clock = clock;
    this.#show(
      resized({ start_pts: start_pts * scale, px_per_tick: px_per_tick / scale, width_px }, width_px, clock.span),
    );
  }

  resize(width_px: number): void {
    const { view } = this;
    if (view.width_px === width_px) return;
    this.#show(view.width_px === 1 ? fitted(begun(this.#clock), width_px) : resized(view, width_px, this.#clock.span));
  }

  pan(by_px: number): void {
    this.#show(panned(this.view, by_px, this.#clock.span));
  }

  zoom(factor: number, about_px: number): void {
    this.#show(zoomed(this.view, factor, about_px, this.#clock.span, this.#clock.ticks_per_s));
  }

  /** By a key or a button: about the playhead while that is in sight, else about the middle. */
  zoomAt(direction: -1 | 1, tick: number): void {
    const { view } = this;
    const px = (tick - view.start_pts) * view.px_per_tick;
    this.zoom(KEY_ZOOM ** direction, px >= 0 && px <= view.width_px ? px : view.width_px / 2);
  }

  fit(): void {
    this.#show(fitted(this.#clock.span, this.view.width_px));
  }

  reveal(span: Span): void {
    this.#show(revealing(this.view, span, this.#clock.span));
  }

  /** Turn the page where the playhead has left it. */
  keepUp(tick: number): void {
    this.#show(following(this.view, tick, this.#clock.span));
  }

  /** Bring a moment into the middle, unless it is in sight. */
  centre(tick: number): void {
    const { view } = this;
    const px = (tick - view.start_pts) * view.px_per_tick;
    if (px < 0 || px > view.width_px) this.pan(px - view.width_px / 2);
  }

  #show(view: View): void {
    if (view !== this.view) this.state.setState({ view });
  }
}

function begun({ span, ticks_per_s }: GameClock): Span {
  return { in_pts: 0, out_pts: Math.min(span.out_pts, Math.round(AT_FIRST_S * ticks_per_s)) };
}
