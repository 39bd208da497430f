/** One project while it is edited: read, changed, undone, saved; what is selected, and what is dragged just now. */

import { createStore, type StoreApi } from "zustand/vanilla";
import { apply, diff, equal } from "../editing/diff.ts";
import { done, ended, type History, historyFrom, historyText, NOTHING_DONE, redo, undo } from "../editing/history.ts";
import type { Fields, Saves } from "../editing/saves.ts";
import type { Json } from "../reel/errors.ts";
import { editThing, editWrite } from "../saving/edits.ts";
import type { Saver } from "../saving/saver.ts";
import { type Edit, NO_EDIT } from "./document.ts";

export interface ProjectState {
  readonly loaded: boolean;
  readonly edit: Edit;
  readonly history: History;
  /** An EditClip's id. */
  readonly selected: string | null;
  /** The edit while something is dragged: shown, and neither saved nor undone until it is let go. */
  readonly draft: Edit | null;
}

/** What it needs of the world. */
export interface ProjectWorld {
  readonly project_id: string;
  readonly saver: Saver;
  readonly read: () => Promise<Edit>;
  readonly keptHistory: () => string | null;
  readonly keepHistory: (text: string) => void;
  /** Tell the other tabs that the edit was saved. */
  readonly tell: (thing: string, revision: number) => void;
}

export class ProjectEditing {
  readonly state: StoreApi<ProjectState>;
  readonly thing: string;
  readonly #world: ProjectWorld;
  readonly #stopHearing: () => void;
  /** What the draft was begun from: of the draft, only the difference is kept when it is let go. */
  #draftedFrom: Edit | null = null;
  #closed = false;

  constructor(world: ProjectWorld) {
    this.#world = world;
    this.thing = editThing(world.project_id);
    this.state = createStore<ProjectState>(() => ({
      loaded: false,
      edit: NO_EDIT,
      history: NOTHING_DONE,
      selected: null,
      draft: null,
    }));
    this.#stopHearing = world.saver.hear((thing, answer) => this.#saved(thing, answer));
  }

  get edit(): Edit {
    return this.state.getState().edit;
  }

  /** Read the edit from the server, again or for the first time; unsaved changes stay over it. Raises what read raises. */
  async load(): Promise<void> {
    const { saver, read, keptHistory } = this.#world;
    for (;;) {
      const { turns } = saver;
      const there = await read();
      if (this.#closed) return;
      if (turns !== saver.turns) continue; // something was saved meanwhile: this is older than that
      saver.saw({ [this.thing]: there.head_revision });
      saver.sawWhole(this.thing, asFields(there));
      this.#show(unsaved(saver.saves, this.thing) ?? there);
      this.state.setState(({ loaded, history }) => ({
        loaded: true,
        history: loaded ? history : historyFrom(keptHistory()),
      }));
      return;
    }
  }

  /** Change the edit; it is saved within a second. Changes of one gesture (typing, nudging) are undone at once. */
  change(label: string, change: (edit: Edit) => Edit, gesture?: string): void {
    const { edit, history } = this.state.getState();
    const after = change(edit);
    if (equal(asJson(edit), asJson(after))) return;
    this.#show(after);
    this.#remember(done(history, label, asJson(edit), asJson(after), gesture));
    this.#save(edit);
  }

  /** A gesture is over. */
  settle(): void {
    this.#remember(ended(this.state.getState().history));
  }

  draft(edit: Edit | null): void {
    if (edit === null) this.#draftedFrom = null;
    else this.#draftedFrom ??= this.edit;
    this.state.setState({ draft: edit });
  }

  /** Let go of what is dragged, where it is. */
  drop(label: string): void {
    const [{ draft }, from] = [this.state.getState(), this.#draftedFrom];
    this.draft(null);
    if (!draft || !from) return;
    const changes = diff(asJson(from), asJson(draft)); // the rest of the edit may have come anew meanwhile
    this.change(label, (edit) => apply(asJson(edit), changes) as unknown as Edit);
  }

  select(id: string | null): void {
    this.state.setState({ selected: id });
  }

  /** Take back, or do again; return what that was, null for nothing, and whether it could be. */
  turn(direction: "undo" | "redo"): { readonly label: string; readonly is_done: boolean } | null {
    const { edit, history } = this.state.getState();
    const turned = (direction === "undo" ? undo : redo)(history, asJson(edit));
    if (turned.outcome === "nothing") return null;
    this.#show(turned.document as unknown as Edit);
    this.#remember(turned.history);
    this.#save(edit);
    return { label: turned.label ?? "", is_done: turned.outcome === "done" };
  }

  close(): void {
    this.#closed = true;
    this.#stopHearing();
  }

  #show(edit: Edit): void {
    this.state.setState(({ selected }) => ({
      edit,
      selected: edit.clips.some(({ id }) => id === selected) ? selected : null,
    }));
  }

  #remember(history: History): void {
    this.state.setState({ history });
    this.#world.keepHistory(historyText(history));
  }

  #save(before: Edit): void {
    const { saver, project_id } = this.#world;
    if (before === this.edit) return;
    saver.add([editWrite(project_id, asFields(before), asFields(this.edit))]);
  }

  /** The server has it, merged with what others saved: that is shown, with what was changed since over it. */
  #saved(thing: string, answer: unknown): void {
    if (thing !== this.thing || !isEdit(answer)) return;
    this.#world.tell(thing, answer.head_revision);
    this.#show(unsaved(this.#world.saver.saves, thing) ?? answer);
  }
}

/** Return the edit as the last unsaved change left it, null if all is saved. */
export function unsaved({ queued, stuck }: Pick<Saves, "queued" | "stuck">, thing: string): Edit | null {
  const last = [...stuck, ...queued].findLast((write) => write.thing === thing);
  return last ? (last.fields as unknown as Edit) : null;
}

export function asJson(edit: Edit): Json {
  return edit as unknown as Json;
}

export function asFields(edit: Edit): Fields {
  return edit as unknown as Fields;
}

function isEdit(answer: unknown): answer is Edit {
  return typeof answer === "object" && answer !== null && "clips" in answer && "head_revision" in answer;
}
