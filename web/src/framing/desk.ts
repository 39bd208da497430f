/** The desk: everything that can be done to a project's clips here, for keys, buttons, drags and fingers alike. */

import { newId } from "../api/client.ts";
import { ptsAtTick } from "../player/game.ts";
import type { Player } from "../player/player.ts";
import { type Aspect, type CropKey, type Edit, type EditClip, isFramed, withClip } from "../project/document.ts";
import type { OpenedProject } from "../project/use_project.ts";
import type { Terms } from "../reel/fraction.ts";
import type { Span } from "../reel/timing.ts";
import type { Footage, Ground } from "../timeline/footage.ts";
import type { LaneMoved, LanePart } from "../timeline/lane.ts";
import { type Box, type Frame, isTooSmall, TOO_SMALL } from "./box.ts";
import { useCopied } from "./copied.ts";
import {
  copiedAt,
  cropOf,
  frameOf,
  keyAt,
  keyBeside,
  withBox,
  withDefault,
  withKey,
  withKeyAt,
  withKeyframe,
  withoutKey,
  withPasted,
} from "./cropping.ts";
import { onClock } from "./on_clock.ts";
import { frameBeside, nudged, onFrame, trimmed, turnedTo } from "./shaping.ts";
import { speedAt, withoutSpeed, withRate, withSpeedFrom, withSpeedMoved } from "./speeding.ts";

/** What the desk stands on. */
export interface Around {
  readonly opened: OpenedProject;
  readonly footage: Footage;
  readonly player: Player | null;
  /** Say something to who does not see it. */
  readonly say: (text: string) => void;
}

/** The clip that is framed just now, on its source's clock, and the moment that the playhead is at in it. */
export interface Here {
  readonly clip: EditClip;
  readonly ground: Ground;
  readonly frame: Frame;
  readonly at: number;
}

export type Desk = ReturnType<typeof deskOf>;

/** Why nothing can be done to a clip yet. */
export const NOT_THERE = "The footage is not here yet";
type Ends = "no" | "done" | "undone";

export function deskOf({ opened: { editing }, footage, player, say }: Around) {
  const groundOf = (clip: EditClip): Ground | null => footage.groundOf(clip.source_id ?? "");

  const selected = (edit: Edit = editing.edit): EditClip | null =>
    edit.clips.find(({ id }) => id === editing.state.getState().selected) ?? edit.clips[0] ?? null;

  /** Where one is; a moment beside the clip counts as its nearest edge. */
  const here = (): Here | null => {
    const found = selected();
    const ground = found && groundOf(found);
    if (!found || !ground) return null;
    const clip = onClock(found, ground.time_base);
    const last = frameBeside(clip.out_pts, -1, ground);
    const pts = player?.place.part.source_id === clip.source_id ? player.place.pts : clip.in_pts;
    const at = Math.min(Math.max(pts, onFrame(clip.in_pts, ground)), Math.max(last, clip.in_pts));
    return { clip, ground, frame: frameOf(clip, editing.edit.aspect, ground.size), at };
  };

  type Change = (clip: EditClip, here: Here) => EditClip;
  const changed = (edit: Edit, now: Here, change: Change): Edit =>
    withClip(edit, now.clip.id, (clip) => change(onClock(clip, now.ground.time_base), now));

  const change = (label: string, how: Change, gesture?: string) => {
    const now = here();
    if (now) editing.change(label, (edit) => changed(edit, now, how), gesture);
  };

  /** Show what a drag would make of the clip as it was when the drag began. */
  const draft = (how: Change) => {
    const now = here();
    if (now) editing.draft(changed(editing.edit, now, how));
  };

  const end = (label: string, ends: Ends) => {
    if (ends === "done") editing.drop(label);
    if (ends === "undone") editing.draft(null);
  };

  const go = (pts: number) => {
    if (!player) return;
    const { part } = player.place;
    player.seek(part.begins + Math.round((pts - part.span.in_pts) * part.ticks));
  };

  const show = (pts: number) => {
    if (!player) return;
    const { part } = player.place;
    player.scrub(part.begins + Math.round((pts - part.span.in_pts) * part.ticks));
  };

  // The crop

  const setBox = (label: string, how: (box: Box, frame: Frame) => Box, gesture?: string) => {
    player?.pause();
    const id = newId();
    change(
      label,
      (clip, { frame, at }) => {
        const { cx, cy, h } = boxAt(clip, at, frame);
        return withBox(clip, at, how({ cx, cy, h }, frame), frame, id);
      },
      gesture,
    );
  };

  /** A number that somebody typed; the sentence why it cannot be, or null. */
  const typeBox = (how: (box: Box, frame: Frame) => Box): string | null => {
    const now = here();
    if (!now) return null;
    const wished = how(boxAt(now.clip, now.at, now.frame), now.frame);
    if (isTooSmall(wished.h, now.frame)) return TOO_SMALL;
    setBox("Set crop", () => wished);
    return null;
  };

  const dragBox = (from: Box, at: number, id: string, box: Box) => {
    if (from !== box) draft((clip, { frame }) => withBox(clip, at, box, frame, id));
  };

  const addKey = () => {
    const now = here();
    if (!now) return;
    player?.pause();
    if (isFramed(now.clip, now.frame.aspect) && keyAt(cropOf(now.clip, now.frame.aspect, now.frame.source), now.at)) {
      return say("There is a keyframe here");
    }
    const id = newId();
    change("Add keyframe", (clip, { frame, at }) => withKeyframe(clip, at, frame, id));
    say("Keyframe added");
  };

  const hereKey = (): CropKey | null => {
    const now = here();
    const crop = now?.clip.crops[now.frame.aspect];
    return (now && crop && keyAt(crop, now.at)) ?? null;
  };

  const removeKey = () => {
    const key = hereKey();
    if (!key) return say("There is no keyframe here");
    change("Delete keyframe", (clip, { frame }) => withoutKey(clip, frame.aspect, key.id));
    say("Keyframe deleted");
  };

  const copy = () => {
    const now = here();
    if (!now) return;
    useCopied.setState({ copied: copiedAt(now.clip, now.at, now.frame.aspect, now.frame.source) });
    say("Crop copied");
  };

  const paste = () => {
    const { copied } = useCopied.getState();
    if (!copied) return say("Copy a crop first");
    player?.pause();
    const id = newId();
    change("Paste crop", (clip, { frame, at }) => withPasted(clip, at, copied, frame, id));
    say("Crop pasted");
  };

  const goKey = (direction: -1 | 1) => {
    const now = here();
    const crop = now?.clip.crops[now.frame.aspect];
    const key = now && crop && keyBeside(crop, now.at, direction);
    if (!key) return say(direction > 0 ? "There is no keyframe after this" : "There is no keyframe before this");
    go(key.pts);
  };

  const ease = (to: CropKey["ease"]) => {
    const key = hereKey();
    if (key) change("Set ease", (clip, { frame }) => withKey(clip, frame.aspect, key.id, { ease: to }));
  };

  const chooseKey = (id: string) => {
    const key = keysHere(here()).find((one) => one.id === id);
    if (key) go(key.pts);
  };

  const moveKey = (id: string, tick: number, ends: Ends) => {
    const now = here();
    if (!now || !player) return;
    if (ends !== "undone") {
      const wished = ptsAtTick(player.place.part, tick);
      const pts = inside(onFrame(wished, now.ground), now);
      draft((clip, { frame }) => withKeyAt(clip, frame.aspect, id, pts));
      show(pts);
    }
    end("Move keyframe", ends);
  };

  const nudgeKey = (id: string, by: number) => {
    const now = here();
    const key = keysHere(now).find((one) => one.id === id);
    if (!now || !key) return;
    const pts = inside(frameBeside(key.pts, by, now.ground), now);
    change("Move keyframe", (clip, { frame }) => withKeyAt(clip, frame.aspect, id, pts), `key/${id}`);
    show(pts);
  };

  /** Whether a clip's footage is known: before that there is nothing to cut a crop out of. */
  const isThere = (clip: EditClip): boolean => groundOf(clip) !== null;

  /** Agree to the default crop: of one clip by its id, or of all that have none. */
  const takeDefault = (which: string | "missing") => {
    const { aspect } = editing.edit;
    const isMeant = (clip: EditClip) => (which === "missing" ? !isFramed(clip, aspect) : clip.id === which);
    const made = (clip: EditClip): EditClip => {
      const ground = groundOf(clip);
      if (!isMeant(clip) || !ground) return clip;
      return withDefault(onClock(clip, ground.time_base), aspect, ground.size, newId());
    };
    if (!editing.edit.clips.some((clip) => isMeant(clip) && isThere(clip))) return say(NOT_THERE);
    editing.change("Use the default crop", (edit) => ({ ...edit, clips: edit.clips.map(made) }));
    say("The default crop is used");
  };

  const setAspect = (aspect: Aspect) => editing.change(`Shape ${aspect}`, (edit) => ({ ...edit, aspect }));

  // Speeds

  const addSpeed = () => {
    const now = here();
    if (!now) return;
    if (withSpeedFrom(now.clip, now.at) === now.clip) return say("There is no room for a speed here");
    change("Add speed", (clip, { at }) => withSpeedFrom(clip, at));
    say("Half speed from here");
  };

  const moveSpeed = ({ id, part, in_pts, out_pts }: LaneMoved, ends: Ends) => {
    const now = here();
    if (!now || !player) return;
    const { part: played } = player.place;
    const pts = (tick: number) => onFrame(ptsAtTick(played, tick), now.ground);
    const wished = { in_pts: pts(in_pts), out_pts: pts(out_pts) };
    if (ends !== "undone") draft((clip) => withSpeedMoved(clip, placeOf(id), part, wished));
    end("Move speed", ends);
  };

  const speedTo = (place: number, part: LanePart, wished: Span, gesture?: string) =>
    change("Move speed", (clip) => withSpeedMoved(clip, place, part, wished), gesture);

  const nudgeSpeed = (id: string, part: LanePart, by: number) => {
    const now = here();
    const speed = now?.clip.speeds[placeOf(id)];
    if (!now || !speed) return;
    const moved = (pts: number) => frameBeside(pts, by, now.ground);
    speedTo(placeOf(id), part, { in_pts: moved(speed.in_pts), out_pts: moved(speed.out_pts) }, `speed/${id}/${part}`);
  };

  const chooseSpeed = (id: string) => {
    const now = here();
    const speed = now?.clip.speeds[placeOf(id)];
    if (now && speed && speedAt(now.clip, now.at) !== placeOf(id)) go(speed.in_pts);
  };

  const setRate = (place: number, rate: Terms, gesture?: string) =>
    change("Set speed", (clip) => withRate(clip, place, rate), gesture);

  const removeSpeed = (place: number) => change("Delete speed", (clip) => withoutSpeed(clip, place));

  // The clip

  const trim = (edge: "in" | "out") => {
    const now = here();
    if (!now || !player) return;
    const { pts } = player.place;
    change("Trim", (clip, { ground }) => trimmed(clip, edge, pts, ground));
    say(edge === "in" ? "Start set" : "End set");
  };

  const trimTo = (edge: "in" | "out", pts: number) =>
    change("Trim", (clip, { ground }) => trimmed(clip, edge, pts, ground));

  const nudgeEdge = (edge: "in" | "out", by: number) => {
    change("Trim", (clip, { ground }) => nudged(clip, edge, by, ground), `trim/${edge}`);
    const clip = here()?.clip;
    if (clip) show(edge === "in" ? clip.in_pts : clip.out_pts - 1);
  };

  const dragEdge = (edge: "in" | "out", tick: number, ends: Ends) => {
    if (!player) return;
    const pts = ptsAtTick(player.place.part, tick);
    if (ends !== "undone") {
      draft((clip, { ground }) => trimmed(clip, edge, pts, ground));
      const { draft: drafted } = editing.state.getState();
      const clip = drafted && selected(drafted);
      if (clip) show(edge === "in" ? clip.in_pts : clip.out_pts - 1);
    }
    end("Trim", ends);
  };

  const turnTo = (deg: number, ends: Ends) => {
    if (ends !== "undone") draft((clip, { ground }) => turnedTo(clip, deg, ground.size));
    end("Level", ends);
  };

  const set = (label: string, values: Partial<Pick<EditClip, "audio" | "look" | "transition_in">>) =>
    change(label, (clip) => ({ ...clip, ...values }));

  const select = (id: string) => {
    player?.pause();
    editing.select(id);
  };

  const goClip = (direction: -1 | 1) => {
    const { clips } = editing.edit;
    const next = clips[clips.findIndex(({ id }) => id === selected()?.id) + direction];
    if (next) select(next.id);
    else say(direction > 0 ? "This is the last clip" : "This is the first clip");
  };

  return {
    ...{ here, selected, draft, end, go, select, goClip },
    ...{ setBox, typeBox, dragBox, addKey, hereKey, removeKey, copy, paste, goKey, ease, chooseKey, moveKey, nudgeKey },
    ...{ isThere, takeDefault, setAspect, addSpeed, moveSpeed, speedTo, nudgeSpeed, chooseSpeed, setRate, removeSpeed },
    ...{ trim, trimTo, nudgeEdge, dragEdge, turnTo, set },
  };
}

function boxAt(clip: EditClip, at: number, { aspect, source }: Frame): Box {
  const { cx, cy, h } = copiedAt(clip, at, aspect, source);
  return { cx, cy, h };
}

function keysHere(now: Here | null): readonly CropKey[] {
  return now?.clip.crops[now.frame.aspect]?.keys ?? [];
}

function inside(pts: number, { clip, ground }: Here): number {
  return Math.min(Math.max(pts, clip.in_pts), Math.max(frameBeside(clip.out_pts, -1, ground), clip.in_pts));
}

/** The lane names a speed by its place. */
export function speedId(place: number): string {
  return `speed-${place}`;
}

function placeOf(id: string): number {
  return Number(id.slice("speed-".length));
}
