/** The saver: takes what is to be written, keeps it over reloads, and sends it when it is due. */

import { createStore, type StoreApi } from "zustand/vanilla";
import {
  acknowledged,
  added,
  bodyOf,
  due,
  type Failure,
  type Fields,
  failed,
  hurried,
  keptMine,
  NOTHING_TO_SAVE,
  nextIn,
  type Queued,
  rebased,
  type Saves,
  savesFrom,
  savesText,
  seen,
  sent,
  tookTheirs,
  type Write,
} from "../editing/saves.ts";

/** What came of a write that was sent. */
export type Outcome = { readonly kind: "saved"; readonly revision: number | null; readonly answer: unknown } | Failure;

/** What a saver needs of the world. */
export interface World {
  readonly send: (write: Queued, body: Fields | null) => Promise<Outcome>;
  readonly now_ms: () => number;
  readonly newKey: () => string;
  readonly random: () => number;
  readonly keep: (text: string) => void;
}

export class Saver {
  readonly state: StoreApi<{ readonly saves: Saves }> = createStore(() => ({ saves: NOTHING_TO_SAVE }));
  readonly #world: World;
  readonly #listeners = new Set<(thing: string, answer: unknown) => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts what was asked and answered: whoever read the server meanwhile has read something old. */
  #turns = 0;

  constructor(world: World, texts: readonly string[] = []) {
    this.#world = world;
    const kept = texts.map(savesFrom);
    this.#set({
      queued: kept.flatMap(({ queued }) => queued),
      stuck: kept.flatMap(({ stuck }) => stuck),
      revisions: Object.assign({}, ...kept.map(({ revisions }) => revisions)),
      saved_ms: null,
    });
    this.#pump();
  }

  get saves(): Saves {
    return this.state.getState().saves;
  }

  get turns(): number {
    return this.#turns;
  }

  add(writes: readonly Write[]): void {
    if (writes.length === 0) return;
    this.#turns += 1;
    const stamp = () => ({ now_ms: this.#world.now_ms(), key: this.#world.newKey() });
    this.#set(writes.reduce((saves, write) => added(saves, write, stamp()), this.saves));
    this.#pump();
  }

  /** The server was read: these are the revisions that a person sees from now on. */
  saw(revisions: Readonly<Record<string, number>>): void {
    this.#set(Object.entries(revisions).reduce((saves, [thing, revision]) => seen(saves, thing, revision), this.saves));
  }

  /** The server was read: what waits to replace a thing is said over this from now on, where it fits. */
  sawWhole(thing: string, current: Fields): void {
    this.#set(rebased(this.saves, thing, current));
  }

  /** Hear of what was saved, with the server's answer. Returns what ends that. */
  hear(listener: (thing: string, answer: unknown) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  keepMine(thing: string): void {
    this.#set(keptMine(this.saves, thing, { now_ms: this.#world.now_ms(), key: this.#world.newKey() }));
    this.#pump();
  }

  takeTheirs(thing: string): void {
    this.#turns += 1;
    this.#set(tookTheirs(this.saves, thing));
    this.#pump();
  }

  /** The service answers again. */
  hurry(): void {
    this.#set(hurried(this.saves, this.#world.now_ms()));
    this.#pump();
  }

  /** Resolve when nothing of these waits any more: true if all is saved, false if one is stuck or nobody answers. */
  flushed(isMeant: (thing: string) => boolean = () => true): Promise<boolean> {
    return new Promise((resolve) => {
      const look = ({ saves }: { readonly saves: Saves }): boolean => {
        const queued = saves.queued.filter(({ thing }) => isMeant(thing));
        const stuck = saves.stuck.filter(({ thing }) => isMeant(thing));
        const troubled = stuck.length > 0 || queued.some(({ tries, in_flight }) => tries > 0 && !in_flight);
        if (queued.length > 0 && !troubled) return false;
        resolve(queued.length === 0 && !troubled);
        return true;
      };
      if (look(this.state.getState())) return;
      const stop = this.state.subscribe((state) => look(state) && stop());
    });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#listeners.clear();
  }

  #set(saves: Saves): void {
    if (saves === this.saves) return;
    this.state.setState({ saves });
    this.#world.keep(savesText(saves));
  }

  #pump(): void {
    clearTimeout(this.#timer);
    const now_ms = this.#world.now_ms();
    for (const write of due(this.saves, now_ms)) void this.#send(write);
    const wait_ms = nextIn(this.saves, now_ms);
    if (wait_ms !== null) this.#timer = setTimeout(() => this.#pump(), Math.max(wait_ms, 20));
  }

  async #send(write: Queued): Promise<void> {
    const body = bodyOf(this.saves, write);
    this.#set(sent(this.saves, write.key));
    const outcome = await this.#world.send(write, body);
    this.#turns += 1;
    const now_ms = this.#world.now_ms();
    if (outcome.kind === "saved") {
      const made = write.kind === "replace" ? (outcome.answer as Fields | null) : null;
      this.#set(acknowledged(this.saves, write.key, outcome.revision, now_ms, made));
      for (const listener of this.#listeners) listener(write.thing, outcome.answer);
    } else {
      const stamp = { now_ms, key: this.#world.newKey(), random: this.#world.random() };
      this.#set(failed(this.saves, write.key, outcome, stamp));
    }
    this.#pump();
  }
}
