/** The desk: everything that can be done to a game's clips, for keys, buttons and fingers alike. */

import { newId } from "../api/client.ts";
import { useToasts } from "../look/toast.tsx";
import { onGame, type Part, partOf, placeAt } from "../player/game.ts";
import type { Player } from "../player/player.ts";
import { DEFAULT_RATING, MOST_TAGS, type RatingValue, TAGS } from "../reel/annotation.ts";
import type { Span } from "../reel/timing.ts";
import { firstNotBefore } from "../reel/timing.ts";
import type { Dragged } from "../timeline/drag.ts";
import type { Looking } from "../timeline/looking.ts";
import type { Clip } from "./document.ts";
import type { Footage } from "./footage.ts";
import { draggedSpan, markedSpan, nudged, withEdgeAt } from "./marking.ts";
import { aroundOf, type MarkSettings } from "./settings.ts";
import type { Opened } from "./use_editing.ts";

/** What the desk stands on. */
export interface Around extends Opened {
  readonly footage: Footage;
  readonly player: Player | null;
  readonly looking: Looking;
  readonly settings: MarkSettings;
  /** Say something to who does not see it. */
  readonly say: (text: string) => void;
}

export type Desk = ReturnType<typeof deskOf>;

/** The tags that Shift and a digit set, in the order of the pad. */
export const KEYED_TAGS: readonly string[] = Object.values(TAGS).flat().slice(0, 9);

export function deskOf({ editing, footage, player, looking, settings, say }: Around) {
  const partOfClip = (clip: Clip): Part | null => partOf(footage.clock, clip.source_id);

  const selected = (): Clip | null => editing.clip(editing.state.getState().selected);

  const spanOf = (clip: Clip): Span | null => {
    const part = partOfClip(clip);
    return part && onGame(part, clip.stretch, clip.stretch.time_base);
  };

  /** Make a clip of what just happened. */
  const mark = (said: { readonly tag?: string; readonly rating?: RatingValue } = {}): Clip | null => {
    if (!player || !footage.clock) return null;
    const { part, pts } = placeAt(footage.clock, player.tick);
    const span = markedSpan(pts, footage.groundOf(part), aroundOf(settings, said.tag));
    const clip: Clip = {
      id: newId(),
      source_id: part.source_id,
      stretch: { time_base: part.time_base, ...span },
      rating: said.rating ?? DEFAULT_RATING,
      tags: said.tag ? [said.tag] : [],
      name: "",
      notes: "",
    };
    editing.add(clip);
    looking.reveal(onGame(part, span, part.time_base));
    say("Clip added");
    return clip;
  };

  const stretchTo = (clip: Clip, label: string, change: (part: Part) => Span, gesture?: string) => {
    const part = partOfClip(clip);
    if (!part) return;
    editing.change(clip.id, label, { stretch: { time_base: part.time_base, ...change(part) } }, gesture);
  };

  const setEdge = (edge: "in" | "out") => {
    const clip = selected();
    if (!player || !clip) return;
    const { part, pts } = player.place;
    if (part.source_id !== clip.source_id) return say("The playhead is in another part of the game");
    stretchTo(clip, edge === "in" ? "Set start" : "Set end", () =>
      withEdgeAt(ownSpan(clip, part), edge, pts, footage.groundOf(part)),
    );
    say(edge === "in" ? "Start set" : "End set");
  };

  /** Move an edge to where somebody typed it. */
  const edgeTo = (clip: Clip, edge: "in" | "out", pts: number) => {
    stretchTo(clip, "Move edge", (part) => withEdgeAt(ownSpan(clip, part), edge, pts, footage.groundOf(part)));
  };

  /** Move an edge by frames; the picture shows it. */
  const nudge = (edge: "in" | "out", by: number) => {
    const clip = selected();
    if (!clip) return;
    stretchTo(
      clip,
      "Move edge",
      (part) => nudged(ownSpan(clip, part), edge, by, footage.groundOf(part)),
      `nudge/${clip.id}/${edge}`,
    );
    const now = selected();
    const span = now && spanOf(now);
    if (span) player?.scrub(edge === "in" ? span.in_pts : span.out_pts - 1);
  };

  const rate = (rating: RatingValue) => {
    const clip = selected();
    if (clip) editing.change(clip.id, "Rate", { rating });
    else mark({ rating });
  };

  /** Tag the selected clip, or untag it; with none selected a clip begins with it. */
  const tag = (name: string) => {
    const clip = selected();
    if (!clip) return void mark({ tag: name });
    const has = clip.tags.includes(name);
    if (!has && clip.tags.length >= MOST_TAGS) return say(`A clip has at most ${MOST_TAGS} tags`);
    const tags = has ? clip.tags.filter((one) => one !== name) : [...clip.tags, name];
    editing.change(clip.id, has ? "Remove tag" : "Tag", { tags });
    say(has ? `${name} removed` : `${name} added`);
  };

  const remove = (ids?: readonly string[]) => {
    const clip = selected();
    const gone = ids ?? (clip ? [clip.id] : []);
    if (gone.length === 0) return;
    editing.remove(gone);
    useToasts.getState().tell({
      title: gone.length === 1 ? "Clip deleted" : `${gone.length} clips deleted`,
      action: { label: "Undo", onPress: () => turn("undo") },
    });
  };

  const turn = (direction: "undo" | "redo") => {
    const turned = editing.turn(direction);
    if (!turned) return say(direction === "undo" ? "There is nothing to undo" : "There is nothing to redo");
    if (turned.is_done) return say(`${direction === "undo" ? "Undone" : "Done again"}: ${turned.label}`);
    useToasts.getState().tell({
      title: `"${turned.label}" cannot be ${direction === "undo" ? "undone" : "done again"}`,
      text: "The clip was changed elsewhere since.",
    });
  };

  /** Select a clip and go to its beginning. */
  const open = (id: string, plays = false) => {
    const clip = editing.clip(id);
    editing.select(id);
    const span = clip && spanOf(clip);
    if (!span) return;
    looking.reveal(span);
    player?.seek(span.in_pts);
    if (plays) player?.play();
  };

  const dragClip = ({ id, part: edge, span }: Dragged, ends: "no" | "done" | "undone") => {
    const clip = editing.clip(id);
    const part = clip && partOfClip(clip);
    if (!clip || !part) return;
    if (ends === "undone") return editing.draft(null);
    const made = draggedSpan(ownSpan(clip, part), edge, span, part, footage.groundOf(part));
    const draft = { ...clip, stretch: { time_base: part.time_base, ...made } };
    editing.draft(draft);
    if (ends === "done") return editing.drop(edge === "body" ? "Move clip" : "Move edge");
    const shown = onGame(part, made, part.time_base);
    player?.scrub(edge === "out" ? shown.out_pts - 1 : shown.in_pts);
  };

  /** Go to the next edge of any clip, or the one before. */
  const goEdge = (direction: -1 | 1) => {
    if (!player) return;
    const spans = editing.state.getState().document.clips.flatMap((clip) => spanOf(clip) ?? []);
    const edges = [...new Set([0, ...spans.flatMap(({ in_pts, out_pts }) => [in_pts, out_pts])])].sort((a, b) => a - b);
    const at = firstNotBefore(edges, player.tick);
    const here = edges[at] === player.tick;
    const to = edges[direction > 0 ? (here ? at + 1 : at) : at - 1];
    if (to === undefined) return;
    player.seek(to);
    looking.reveal({ in_pts: to, out_pts: to + 1 });
  };

  const loop = () => {
    const clip = selected();
    const span = clip && spanOf(clip);
    if (!player) return;
    if (player.state.getState().loop) return player.loop(null);
    if (!span) return say("Select a clip to loop it");
    player.loop(span);
    player.play();
  };

  return { mark, setEdge, edgeTo, nudge, rate, tag, remove, turn, open, dragClip, goEdge, loop, selected, spanOf };
}

/** A clip on its part's own clock: one that was marked before its footage was looked over is on another. */
function ownSpan({ stretch }: Clip, part: Part): Span {
  const { begins, ticks, span } = part;
  const on = onGame(part, stretch, stretch.time_base);
  const own = (tick: number) => Math.round((tick - begins) / ticks) + span.in_pts;
  return { in_pts: own(on.in_pts), out_pts: own(on.out_pts) };
}
