/** A game's clips while they are edited: read, changed, undone, saved; what is selected, and what is dragged just now. */

import { createStore, type StoreApi } from "zustand/vanilla";
import { done, ended, type History, historyFrom, historyText, NOTHING_DONE, redo, undo } from "../editing/history.ts";
import type { Json } from "../reel/errors.ts";
import type { Saver } from "../saving/saver.ts";
import {
  type ApiClip,
  type Clip,
  clipFrom,
  type Document,
  idOf,
  NO_CLIPS,
  thingOf,
  withClip,
  withUnsaved,
  writesBetween,
} from "./document.ts";
import { historyOnFrames } from "./snapped.ts";

export interface EditingState {
  readonly loaded: boolean;
  readonly document: Document;
  readonly history: History;
  readonly selected: string | null;
  /** How many clips were marked since the game was opened. */
  readonly marked: number;
  /** A clip while it is dragged: nothing of it is saved or undone until it is let go. */
  readonly draft: Clip | null;
  /** Clips that projects show, with the ids of those. */
  readonly projects: ReadonlyMap<string, readonly string[]>;
}

/** What it needs of the world. */
interface World {
  readonly game_id: string;
  readonly saver: Saver;
  readonly read: () => Promise<readonly (ApiClip & { readonly projects?: readonly string[] })[]>;
  readonly keptHistory: () => string | null;
  readonly keepHistory: (text: string) => void;
  /** Tell the other tabs that a clip was saved. */
  readonly tell: (thing: string, revision: number) => void;
}

export class Editing {
  readonly state: StoreApi<EditingState>;
  readonly #world: World;
  readonly #stopHearing: () => void;
  #closed = false;

  constructor(world: World) {
    this.#world = world;
    this.state = createStore<EditingState>(() => ({
      loaded: false,
      document: NO_CLIPS,
      history: NOTHING_DONE,
      selected: null,
      marked: 0,
      draft: null,
      projects: new Map(),
    }));
    this.#stopHearing = world.saver.hear((thing, answer) => this.#saved(thing, answer));
  }

  /** Read the clips from the server, again or for the first time; unsaved changes stay over them. Raises what read raises. */
  async load(): Promise<void> {
    for (;;) {
      const { turns } = this.#world.saver;
      const read = await this.#world.read();
      if (this.#closed) return;
      if (turns !== this.#world.saver.turns) continue; // something was saved meanwhile: this is older than that
      const { saver, game_id } = this.#world;
      saver.saw(Object.fromEntries(read.map(({ id, revision }) => [thingOf(id), revision])));
      const { document: before } = this.state.getState();
      this.#show(withUnsaved(read.map(clipFrom), saver.saves, game_id));
      this.#onFrames(before);
      this.state.setState(({ loaded, history }) => ({
        loaded: true,
        history: loaded ? history : historyFrom(this.#world.keptHistory()),
        projects: new Map(read.map(({ id, projects }) => [id, projects ?? []])),
      }));
      return;
    }
  }

  clip(id: string | null): Clip | null {
    return this.state.getState().document.clips.find((one) => one.id === id) ?? null;
  }

  select(id: string | null): void {
    this.state.setState({ selected: id });
  }

  add(clip: Clip, label = "Add clip"): void {
    const { document } = this.state.getState();
    this.#change(label, { clips: [...document.clips, clip] });
    this.state.setState(({ marked }) => ({ selected: clip.id, marked: marked + 1 }));
  }

  /** Change a clip. Changes of one gesture (typing, nudging) are undone at once. */
  change(id: string, label: string, change: Partial<Omit<Clip, "id">>, gesture?: string): void {
    this.#change(label, withClip(this.state.getState().document, id, change), gesture);
  }

  /** A gesture is over. */
  settle(): void {
    this.state.setState(({ history }) => ({ history: ended(history) }));
  }

  remove(ids: readonly string[]): void {
    const { document, selected } = this.state.getState();
    this.#change(ids.length === 1 ? "Delete clip" : `Delete ${ids.length} clips`, {
      clips: document.clips.filter(({ id }) => !ids.includes(id)),
    });
    if (selected && ids.includes(selected)) this.select(null);
  }

  draft(clip: Clip | null): void {
    this.state.setState({ draft: clip });
  }

  /** Let go of what is dragged, where it is. */
  drop(label: string): void {
    const { draft } = this.state.getState();
    this.draft(null);
    if (draft) this.change(draft.id, label, { stretch: draft.stretch });
  }

  /** Take back, or do again; return what that was, null for nothing, and whether it could be. */
  turn(direction: "undo" | "redo"): { readonly label: string; readonly is_done: boolean } | null {
    const { history, document } = this.state.getState();
    const turned = (direction === "undo" ? undo : redo)(history, document as Json);
    if (turned.outcome === "nothing") return null;
    this.#show(turned.document as unknown as Document);
    this.#remember(turned.history);
    this.#save(document);
    return { label: turned.label ?? "", is_done: turned.outcome === "done" };
  }

  close(): void {
    this.#closed = true;
    this.#stopHearing();
  }

  #change(label: string, after: Document, gesture?: string): void {
    const { document, history } = this.state.getState();
    this.#show(after);
    this.#remember(done(history, label, document as Json, after as Json, gesture));
    this.#save(document);
  }

  #show(document: Document): void {
    this.state.setState(({ selected }) => ({
      document,
      selected: document.clips.some(({ id }) => id === selected) ? selected : null,
    }));
  }

  #remember(history: History): void {
    this.state.setState({ history });
    this.#world.keepHistory(historyText(history));
  }

  #save(before: Document): void {
    const { saver, game_id } = this.#world;
    saver.add(writesBetween(before, this.state.getState().document, game_id));
  }

  /** The server has a clip: what it made of it (a frame nearer, spaces gone) is what is shown, unless more was changed. */
  #saved(thing: string, answer: unknown): void {
    const id = idOf(thing);
    const { document } = this.state.getState();
    if (id === null || !this.clip(id) || !isClip(answer)) return;
    this.#world.tell(thing, answer.revision);
    this.state.setState(({ projects }) => ({ projects: new Map(projects).set(id, answer.projects ?? []) }));
    if (this.#world.saver.saves.queued.some((write) => write.thing === thing)) return;
    const { id: _, ...said } = clipFrom(answer);
    this.state.setState({ document: withClip(document, id, said) });
    this.#onFrames(document);
  }

  /** What was put onto its footage's frames meanwhile can be undone all the same. */
  #onFrames(before: Document): void {
    const { history, document } = this.state.getState();
    const after = historyOnFrames(history, before, document);
    if (after !== history) this.#remember(after);
  }
}

function isClip(answer: unknown): answer is ApiClip & { readonly projects?: readonly string[] } {
  return typeof answer === "object" && answer !== null && "in_pts" in answer && "revision" in answer;
}
