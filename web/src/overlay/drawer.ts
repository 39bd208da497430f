/**
 * The drawer: keeps what is drawn on the picture with the picture. It draws for each picture that comes on the screen, for
 * the frame that this picture is, and for nothing else: not for the playhead, which runs ahead while something is sought.
 */

import { createStore, type StoreApi } from "zustand/vanilla";
import type { EditCard } from "../project/document.ts";
import type { Size } from "../reel/geometry.ts";
import { drawCard } from "./card.ts";
import { drawMarks } from "./drawing.ts";
import { whenLettered } from "./lettering.ts";
import { type Mark, marksAt } from "./marks.ts";
import { type Shot, shotAt } from "./shots.ts";

/** What is held over the play for a while: a card, or the picture with the marker in full. */
export type Over =
  | { readonly kind: "card"; readonly card: EditCard }
  | { readonly kind: "freeze"; readonly shot: Shot };

export interface Drawn {
  /** The frame that is on the screen; -1 before the first. */
  readonly frame: number;
  readonly over: Over | null;
}

/** How long a change is shown in full. */
const GLANCE_MS = 1500;

export class Drawer {
  readonly drawn: StoreApi<Drawn> = createStore<Drawn>(() => ({ frame: -1, over: null }));
  #canvas: HTMLCanvasElement | null = null;
  #brush: CanvasRenderingContext2D | null = null;
  #video: HTMLVideoElement | null = null;
  #shots: readonly Shot[] = [];
  #output: Size = { width: 1, height: 1 };
  #glancing: ReturnType<typeof setTimeout> | undefined;
  #gone = new AbortController();

  get frame(): number {
    return this.drawn.getState().frame;
  }

  get video(): HTMLVideoElement | null {
    return this.#video;
  }

  get shots(): readonly Shot[] {
    return this.#shots;
  }

  /** Draw on this canvas from now on, so large on the screen. */
  on(canvas: HTMLCanvasElement | null, size_px?: Size): void {
    if (canvas !== this.#canvas) {
      this.#canvas = canvas;
      this.#brush = canvas?.getContext("2d") ?? null;
      this.#gone.abort();
      this.#gone = new AbortController();
      if (canvas) whenLettered(() => this.draw(), this.#gone.signal);
    }
    if (!canvas || !size_px) return;
    const scale = Math.min(globalThis.devicePixelRatio || 1, 2);
    const [width, height] = [Math.round(size_px.width * scale), Math.round(size_px.height * scale)];
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    this.draw();
  }

  /** What is to be drawn has changed. */
  update(shots: readonly Shot[], output: Size): void {
    this.#shots = shots;
    this.#output = output;
    const { over } = this.drawn.getState();
    if (over?.kind === "freeze" && !shots.includes(over.shot)) this.over(null);
    this.draw();
  }

  /** A picture has come on the screen. */
  pictured(video: HTMLVideoElement, frame: number): void {
    this.#video = video;
    this.#readLater(video);
    if (frame !== this.frame) {
      this.#endGlance();
      this.drawn.setState({ frame });
    }
    this.draw();
  }

  /**
   * Something was changed: for a moment it is shown in full, whatever of it has faded in. Where a play begins a spotlight
   * is of no opacity yet, and one would not see what one does.
   */
  glance(): void {
    clearTimeout(this.#glancing);
    this.#glancing = setTimeout(() => {
      this.#glancing = undefined;
      this.draw();
    }, GLANCE_MS);
  }

  /** Hold something over the play; null for nothing any more. */
  over(over: Over | null): void {
    if (over === this.drawn.getState().over) return;
    this.drawn.setState({ over });
    this.draw();
  }

  /** While a seek comes to its end a picture is on the screen and cannot be read yet; lifting its light needs that. */
  #readLater(video: HTMLVideoElement): void {
    if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) return;
    for (const name of ["seeked", "canplay"]) video.addEventListener(name, () => this.draw(), { once: true });
  }

  #endGlance(): void {
    clearTimeout(this.#glancing);
    this.#glancing = undefined;
  }

  draw(): void {
    const [brush, canvas] = [this.#brush, this.#canvas];
    const { frame, over } = this.drawn.getState();
    if (!brush || !canvas || canvas.width === 0) return;
    const scale = canvas.width / this.#output.width;
    if (over?.kind === "card") {
      drawCard(brush, over.card.text, this.#output, scale);
      note(canvas, frame, []);
      return;
    }
    const full = over?.shot ?? (this.#glancing === undefined ? null : shotAt(this.#shots, frame));
    const marks = frame < 0 ? [] : marksAt(this.#shots, frame, full);
    drawMarks(brush, marks, this.#output, scale, this.#video);
    note(canvas, frame, marks);
  }
}

/** What was drawn is written on the canvas: the tests and the bench read it there. */
function note(canvas: HTMLCanvasElement, frame: number, marks: readonly Mark[]): void {
  const { dataset } = canvas;
  const ellipse = marks.find((mark) => mark.ellipse)?.ellipse;
  dataset.frame = String(frame);
  dataset.ellipse = ellipse
    ? [ellipse.x, ellipse.y, ellipse.rx, ellipse.ry, ellipse.rotation_deg, ellipse.opacity].join(" ")
    : "";
}
