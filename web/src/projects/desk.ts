/** The desk: everything that can be done to the clips of a project, for keys, buttons and fingers alike. */

import { sentenceOf } from "../api/errors.ts";
import { useToasts } from "../look/toast.tsx";
import {
  type Aspect,
  bestFirst,
  type Edit,
  type EditClip,
  inOrder,
  markedSpan,
  movedTo,
  withClip,
  withoutClips,
  withShape,
  withSpan,
} from "../project/document.ts";
import { clipOf, type OpenedProject, refreshProject } from "../project/use_project.ts";
import type { RatingValue } from "../reel/annotation.ts";
import { keepBoundaries } from "./reading.ts";

export type Desk = ReturnType<typeof deskOf>;

/** `say` tells it to who does not see it. */
export function deskOf(opened: OpenedProject, say: (text: string) => void) {
  const { editing, project } = opened;
  const places = () => editing.edit.clips.map(({ id }) => id);
  const nameOf = (id: string) => {
    const clip = editing.edit.clips.find((one) => one.id === id);
    return (clip && clipOf(opened, clip)?.shown_name) || "The clip";
  };

  /** Put a clip at a place, counted from 0; outside, it is the nearest there is. */
  const moveTo = (id: string, place: number, gesture?: string) => {
    const before = places();
    const after = movedTo(before, id, place);
    if (before.every((one, index) => one === after[index])) {
      return say(`${nameOf(id)} stays at place ${before.indexOf(id) + 1}`);
    }
    editing.change("Move clip", (edit) => inOrder(edit, movedTo(places(), id, place)), gesture);
    say(`${nameOf(id)}: place ${after.indexOf(id) + 1} of ${after.length}`);
  };

  const moveBy = (id: string, by: -1 | 1) => moveTo(id, places().indexOf(id) + by, `move/${id}`);

  const remove = (id: string) => {
    const name = nameOf(id);
    editing.change("Remove clip", (edit) => withoutClips(edit, [id]));
    say(`${name} removed`);
    useToasts.getState().tell({
      title: "Clip removed from the reel",
      text: "In its game it stays.",
      action: { label: "Undo", onPress: () => void editing.turn("undo") },
    });
  };

  const sortBest = () => {
    const ratingOf = (clip: EditClip) => (clipOf(opened, clip)?.rating ?? null) as RatingValue | null;
    const before = places().join();
    editing.change("Best first", (edit) => bestFirst(edit, ratingOf));
    say(before === places().join() ? "The best are first already" : "The best are first now");
  };

  const shape = (aspect: Aspect) => {
    editing.change("Shape", (edit) => withShape(edit, aspect));
    say(`The reel is ${aspect} now`);
  };

  const rename = (title: string) => editing.change("Rename", (edit) => ({ ...edit, title }), "rename");

  /** Take over the start and end that clips have in Annotate now. */
  const takeBoundaries = (ids: readonly string[]) => {
    const renewed = (edit: Edit, id: string) =>
      withClip(edit, id, (clip) => {
        const marked = clipOf(opened, clip);
        const span = marked && markedSpan(clip, marked);
        return span ? withSpan(clip, span) : clip;
      });
    editing.change("Use the new start and end", (edit) => ids.reduce(renewed, edit));
    say("The new start and end are used");
  };

  const leaveBoundaries = async (ids: readonly string[]) => {
    try {
      await keepBoundaries(project.id, project.revision, ids);
      say("Start and end are kept");
    } catch (error) {
      useToasts.getState().tell({ title: "This could not be saved", text: sentenceOf(error), tone: "loss" });
    }
    refreshProject(project.id);
  };

  return { moveTo, moveBy, remove, sortBest, shape, rename, takeBoundaries, leaveBoundaries, places };
}

/** Return whether a clip's start or end was changed in Annotate, and nobody has said yet what becomes of that. */
export function isChanged(opened: OpenedProject, clip: EditClip): boolean {
  const marked = clipOf(opened, clip);
  const span = marked && markedSpan(clip, marked);
  if (!span || !opened.project.changed_clips.includes(clip.id)) return false;
  return span.in_pts !== clip.in_pts || span.out_pts !== clip.out_pts;
}
