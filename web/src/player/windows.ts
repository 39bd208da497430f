/** Windows: all-intra copies of the stretches around clips, asked for quietly and used where a frame is stepped to. */

import type { Span } from "../reel/timing.ts";

/** A window that is there: where it plays from, and which stretch of its source it shows. */
export interface Window extends Span {
  readonly source_id: string;
  readonly url: string;
  readonly asked: Span;
}

/** Ask the service for a window: "made" when it is there, "making" while it is made, "never" where it cannot be. */
export type AskWindow = (source_id: string, asked: Span, signal: AbortSignal) => Promise<"made" | "making" | "never">;

const AGAIN_MS = [600, 1000, 2000, 4000] as const;
const MOST_TRIES = 30;
const MOST_KEPT = 24;

/** The windows that are there or on their way. */
export class Windows {
  readonly #ask: AskWindow;
  readonly #there: Window[] = [];
  readonly #under_way = new Set<string>();
  readonly #ends = new AbortController();

  constructor(ask: AskWindow) {
    this.#ask = ask;
  }

  /** Return the window that shows a moment of a source, the one asked for last. */
  covering(source_id: string, pts: number): Window | null {
    return this.#there.findLast((one) => one.source_id === source_id && one.in_pts <= pts && pts < one.out_pts) ?? null;
  }

  /** See to it that the window around a span is there before long; `shows` is what it will show. */
  async want(source_id: string, asked: Span, shows: Span, url: string): Promise<void> {
    const name = `${source_id}/${asked.in_pts}/${asked.out_pts}`;
    const covered = [asked.in_pts, asked.out_pts - 1].every((pts) => this.covering(source_id, pts));
    if (covered || this.#under_way.has(name)) return;
    this.#under_way.add(name);
    for (let tries = 0; tries < MOST_TRIES && !this.#ends.signal.aborted; tries += 1) {
      const state = await this.#ask(source_id, asked, this.#ends.signal);
      if (state === "made") {
        this.#there.push({ source_id, asked, url, ...shows });
        if (this.#there.length > MOST_KEPT) this.#there.shift();
      }
      if (state !== "making") break;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS[Math.min(tries, AGAIN_MS.length - 1)]));
    }
    this.#under_way.delete(name);
  }

  close(): void {
    this.#ends.abort();
  }
}
