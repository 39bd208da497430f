/** One project for as long as its screen stands: its edit, what is said of it, and the clips and games it is made of. */

import { useQueries, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { allOf, answered, api, type Shown } from "../api/client.ts";
import { isRefusal } from "../api/errors.ts";
import { type Game, type Source, useGames } from "../api/games.ts";
import { names, queries } from "../api/queries.ts";
import { keepText, keptText, staysCurrent } from "../saving/current.ts";
import type { Saver } from "../saving/saver.ts";
import { theSaver } from "../saving/sending.ts";
import { tellSaved } from "../shell/elsewhere.ts";
import { onEnded } from "../shell/jobs.ts";
import type { Edit, EditClip } from "./document.ts";
import { ProjectEditing, type ProjectState } from "./editing.ts";

export type ProjectOut = Shown<"ProjectCard">;
export type ClipOut = Shown<"ClipOut">;

/** A source with the game that it is of. */
export interface Origin {
  readonly game: Game;
  readonly source: Source;
}

export interface OpenedProject {
  readonly editing: ProjectEditing;
  readonly saver: Saver;
  /** As the server had it last: it follows the edit by a moment. */
  readonly project: ProjectOut;
  /** By the ids of clips; one that was deleted is missing. */
  readonly clips: ReadonlyMap<string, ClipOut>;
  /** By the ids of sources; those of a deleted game are missing. */
  readonly sources: ReadonlyMap<string, Origin>;
}

const PAGE = 200;
const NOT_YET = createStore<ProjectState | null>(() => null);

/** Return a project once it and all that it is made of is there, and why it is not. */
export function useProject(project_id: string): {
  readonly opened: OpenedProject | null;
  readonly fault: unknown;
  readonly again: () => void;
} {
  const edited = useEditingOf(project_id);
  const project = useQuery({ queryKey: names.project(project_id), queryFn: () => readProject(project_id) });
  const games = useGames();
  const sources = useMemo(() => sourcesOf(games.data ?? []), [games.data]);
  const game_ids = useGameIds(edited.editing, sources);
  const clips = useQueries({
    queries: game_ids.map((id) => ({ queryKey: names.clips(id), queryFn: () => readClips(id) })),
    combine: (found) => ({
      all: found.flatMap(({ data }) => data ?? []),
      are_all: found.every(({ data }) => data),
      error: found.find(({ error, data }) => error && !data)?.error ?? null,
      again: () => found.forEach(({ refetch }) => void refetch()),
    }),
  });
  const byId = useMemo(() => new Map(clips.all.map((clip) => [clip.id, clip])), [clips.all]);
  const { editing, saver } = edited;
  const was_open = useRef<ProjectEditing | null>(null);
  const is_there = clips.are_all || (editing !== null && was_open.current === editing); // clips of one more game come later
  const opened = useMemo(
    () =>
      editing && saver && project.data && games.data && is_there
        ? { editing, saver, project: project.data, clips: byId, sources }
        : null,
    [editing, saver, project.data, games.data, is_there, byId, sources],
  );
  was_open.current = opened?.editing ?? null;
  const faults = edited.fault ?? project.error ?? games.error ?? clips.error;
  const fault = opened && !isRefusal(project.error, "not_found") ? null : faults;
  const again = () => {
    edited.again();
    void project.refetch();
    void games.refetch();
    clips.again();
  };
  return { opened, fault, again };
}

/** Return a part of what is edited. */
export function useEdited<T>({ editing }: Pick<OpenedProject, "editing">, select: (state: ProjectState) => T): T {
  return useStore(editing.state, select);
}

/** Return the clip of the game that a place in the edit shows; null where it was deleted. */
export function clipOf({ clips }: Pick<OpenedProject, "clips">, { clip_id }: EditClip): ClipOut | null {
  return (clip_id && clips.get(clip_id)) || null;
}

/** Ask anew what the server says of a project: its steps follow its edit, and jobs. */
export function refreshProject(project_id: string): void {
  void queries.invalidateQueries({ queryKey: names.project(project_id), exact: true });
  void queries.invalidateQueries({ queryKey: names.projects, exact: true });
}

interface Edited {
  readonly editing: ProjectEditing | null;
  readonly saver: Saver | null;
  readonly fault: unknown;
}

const OPENING: Edited = { editing: null, saver: null, fault: null };

function useEditingOf(project_id: string): Edited & { readonly again: () => void } {
  const [edited, setEdited] = useState<Edited>(OPENING);
  const [tries, setTries] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: tries begins it anew
  useEffect(() => {
    let left = false;
    let editing: ProjectEditing | null = null;
    const stops: (() => void)[] = [];
    void theSaver().then(async (saver) => {
      if (left) return;
      const opening = new ProjectEditing({
        project_id,
        saver,
        read: () => readEdit(project_id),
        keptHistory: () => keptText(historyKey(project_id)),
        keepHistory: (text) => keepText(historyKey(project_id), text),
        tell: tellSaved,
      });
      editing = opening;
      try {
        await opening.load();
      } catch (fault) {
        if (!left) setEdited({ ...OPENING, fault });
        return;
      }
      if (left) return;
      setEdited({ editing: opening, saver, fault: null });
      const isMine = (thing: string) => thing === opening.thing;
      stops.push(
        staysCurrent(saver, isMine, async () => {
          await opening.load();
          refreshProject(project_id);
        }),
        saver.hear((thing) => isMine(thing) && refreshProject(project_id)),
        onEnded(() => refreshProject(project_id)),
      );
    });
    return () => {
      left = true;
      for (const stop of stops) stop();
      editing?.close();
      setEdited(OPENING);
    };
  }, [project_id, tries]);
  return { ...edited, again: () => setTries((before) => before + 1) };
}

/** Return the ids of the games that the edit shows clips of, in an order that does not change. */
function useGameIds(editing: ProjectEditing | null, sources: ReadonlyMap<string, Origin>): readonly string[] {
  const joined = useStore(editing?.state ?? NOT_YET, (state) => {
    const used = new Set(state?.edit.clips.flatMap(({ source_id }) => sources.get(source_id ?? "")?.game.id ?? []));
    return [...used].sort().join();
  });
  return useMemo(() => joined.split(",").filter(Boolean), [joined]);
}

function sourcesOf(games: readonly Game[]): ReadonlyMap<string, Origin> {
  return new Map(games.flatMap((game) => game.sources.map((source) => [source.id, { game, source }] as const)));
}

function readProject(id: string): Promise<ProjectOut> {
  return answered(api.GET("/api/projects/{id}", { params: { path: { id } } }));
}

async function readEdit(id: string): Promise<Edit> {
  return (await answered(api.GET("/api/projects/{id}/edit", { params: { path: { id } } }))) as unknown as Edit;
}

function readClips(game_id: string): Promise<readonly ClipOut[]> {
  return allOf((after) => {
    const query = { limit: PAGE, ...(after ? { after } : {}) };
    return answered(api.GET("/api/games/{game_id}/clips", { params: { path: { game_id }, query } }));
  });
}

function historyKey(project_id: string): string {
  return `reel.history.project.${project_id}`;
}
