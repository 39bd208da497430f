/** The desk: everything that can be done to a reel's spotlights, for keys, buttons, pointers and fingers alike. */

import { createStore, type StoreApi } from "zustand/vanilla";
import { newId } from "../api/client.ts";
import { useToasts } from "../look/toast.tsx";
import type { GameClock } from "../player/game.ts";
import type { Player } from "../player/player.ts";
import { type Edit, type EditClip, type Spotlight, withClip } from "../project/document.ts";
import type { ProjectEditing } from "../project/editing.ts";
import { OUTPUT_SIZES, type Size } from "../reel/geometry.ts";
import type { Ease } from "../reel/keyframes.ts";
import { toSource } from "../reel/spotlight.ts";
import { contains } from "../reel/timing.ts";
import type { Looking } from "../timeline/looking.ts";
import { tickOf } from "./clock.ts";
import type { Drawer } from "./drawer.ts";
import { firstOutside, placedAt, regionAt } from "./marks.ts";
import {
  keyAt,
  type Look,
  MIDDLE,
  type Place,
  placeAt,
  roomAt,
  withEase,
  withLook,
  withoutKey,
  withoutSpotlight,
  withPlace,
  withRegion,
  withSpotlight,
} from "./regions.ts";
import { type Shot, shotAt } from "./shots.ts";
import { timingOf } from "./timing.ts";

/** What a screen remembers and no document does. */
export interface Held {
  /** The region that was taken hold of last. */
  readonly region: string | null;
  readonly copied: Place | null;
}

export interface Around {
  readonly editing: ProjectEditing;
  readonly player: Player | null;
  readonly drawer: Drawer;
  readonly looking: Looking;
  readonly clock: GameClock;
  readonly say: (text: string) => void;
  readonly held: StoreApi<Held>;
}

/** Where the playhead is: in which clip, at which moment of its clock, in which region. */
export interface Here {
  readonly shot: Shot;
  readonly frame: number;
  readonly pts: number;
  readonly region: Spotlight | null;
}

export type Desk = ReturnType<typeof deskOf>;

export function heldStore(): StoreApi<Held> {
  return createStore<Held>(() => ({ region: null, copied: null }));
}

/** Return where a frame is. `chosen` counts where it lies in the same clip and no region is at the frame. */
export function hereAt(shots: readonly Shot[], frame: number): Here | null {
  const shot = shotAt(shots, Math.max(frame, 0));
  if (!shot) return null;
  const pts = shot.shownAt(frame);
  return { shot, frame, pts, region: regionAt(shot.clip, pts) };
}

export function deskOf({ editing, player, drawer, looking, clock, say, held }: Around) {
  const frameNow = (): number => player?.place.pts ?? 0;
  const here = (): Here | null => hereAt(drawer.shots, frameNow());
  const output = (): Size => OUTPUT_SIZES[editing.edit.aspect];

  const change = (label: string, clip_id: string, to: (clip: EditClip) => EditClip, gesture?: string) => {
    drawer.glance();
    editing.change(label, (edit: Edit) => withClip(edit, clip_id, to), gesture);
  };

  const goFrame = (frame: number) => {
    player?.seek(tickOf(clock, frame));
    looking.keepUp(tickOf(clock, frame));
  };

  const hold = (id: string | null) => held.setState({ region: id });

  const lookLast = (clip: EditClip): Look | null => {
    const all = [...clip.spotlights, ...editing.edit.clips.flatMap(({ spotlights }) => spotlights)];
    const found = all[0];
    if (!found) return null;
    const { shape, colour, effect, stroke, fill } = found;
    return { shape, colour, effect, stroke, fill };
  };

  /** Return a point of the output in parts of the source. */
  const inSource = ({ shot, frame }: Here, x: number, y: number): { readonly x: number; readonly y: number } => {
    const window = shot.windowAt(shot.pts(frame));
    const ellipse = { x, y, rx: 1, ry: 1, rotation_deg: 0, opacity: 1 };
    const found = toSource(ellipse, window, shot.ground.size, output());
    return { x: found.x, y: found.y };
  };

  /** Press the player in the picture: the spotlight goes there, and is made where there is none. */
  const placeOn = (x: number, y: number) => {
    const at = here();
    if (!at) return;
    const point = inSource(at, x, y);
    const { shot, pts, region } = at;
    if (region) {
      const place = { ...placeAt(shot.clip, region, pts), x: point.x, y: point.y };
      change("Move spotlight", shot.clip.id, (clip) => withPlace(clip, region.id, pts, place, newId()));
      hold(region.id);
      return say("Spotlight moved here");
    }
    add({ ...MIDDLE, ...point });
  };

  const add = (place?: Place) => {
    const at = here();
    if (!at) return;
    const { shot, pts } = at;
    if (at.region) return say("There is a spotlight here already");
    if (!roomAt(shot.clip, pts)) return say("There is no room for a spotlight here: it lasts half a second at least");
    const size = output();
    const there = place ?? { ...MIDDLE, ...inSource(at, size.width / 2, size.height / 2) };
    const [id, key] = [newId(), newId()];
    change("Add spotlight", shot.clip.id, (clip) => withSpotlight(clip, pts, there, { id, key }, lookLast(clip)));
    hold(id);
    say("Spotlight added");
  };

  const remove = () => {
    const at = here();
    const region = at?.region;
    if (!at || !region) return say("There is no spotlight here");
    change("Delete spotlight", at.shot.clip.id, (clip) => withoutSpotlight(clip, region.id));
    useToasts.getState().tell({
      title: "Spotlight deleted",
      action: { label: "Undo", onPress: () => void editing.turn("undo") },
    });
  };

  /** Delete: the keyframe at the playhead; where that is the only one, or none is, the spotlight. */
  const removeHere = () => {
    const at = here();
    if (!at?.region) return say("There is no spotlight here");
    const { region, pts, shot } = at;
    const key = keyAt(region, pts);
    if (!key || region.keys.length === 1) return remove();
    change("Delete keyframe", shot.clip.id, (clip) => withoutKey(clip, region.id, key.id));
    say("Keyframe deleted");
  };

  const addKey = () => {
    const at = here();
    if (!at?.region) return add();
    const { region, pts, shot } = at;
    if (keyAt(region, pts)) return say("There is a keyframe here already");
    const place = placeAt(shot.clip, region, pts);
    change("Add keyframe", shot.clip.id, (clip) => withPlace(clip, region.id, pts, place, newId()));
    say("Keyframe added");
  };

  /** To the keyframe before or after the playhead, in any clip. */
  const goKey = (direction: -1 | 1) => {
    const frames = drawer.shots.flatMap((shot) =>
      shot.clip.spotlights.flatMap(({ keys }) =>
        keys.filter((key) => contains(shot.clip, key.pts)).map((key) => Math.round(shot.frameAt(key.pts))),
      ),
    );
    const to = nearest(frames, frameNow(), direction);
    if (to === null) return say(direction < 0 ? "There is no keyframe before" : "There is no keyframe after");
    goFrame(to);
  };

  /** To the next play: the spotlight, or the beginning, of the next clip; or of the one before. */
  const goPlay = (direction: -1 | 1) => {
    const now = frameNow();
    const at = shotAt(drawer.shots, now);
    const index = at ? drawer.shots.indexOf(at) : -1;
    const shot = drawer.shots[index + direction];
    if (!shot) return say(direction < 0 ? "This is the first play" : "This is the last play");
    const [first] = shot.clip.spotlights;
    goFrame(first ? Math.ceil(shot.frameAt(first.in_pts)) : shot.alone.first);
    say(`Play ${index + direction + 1} of ${drawer.shots.length}`);
  };

  const goEdge = (direction: -1 | 1) => {
    const frames = drawer.shots.flatMap((shot) => [
      shot.first_frame,
      ...shot.clip.spotlights.flatMap(({ in_pts, out_pts }) => [
        Math.round(shot.frameAt(in_pts)),
        Math.round(shot.frameAt(out_pts)),
      ]),
    ]);
    const to = nearest(frames, frameNow(), direction);
    if (to !== null) goFrame(to);
  };

  const copy = () => {
    const at = here();
    if (!at?.region) return say("There is no spotlight here to copy");
    held.setState({ copied: placeAt(at.shot.clip, at.region, at.pts) });
    say("Spotlight's place copied");
  };

  const paste = () => {
    const { copied } = held.getState();
    const at = here();
    if (!copied || !at) return say("Nothing was copied yet");
    const { region, pts, shot } = at;
    if (!region) return add(copied);
    change("Paste keyframe", shot.clip.id, (clip) => withPlace(clip, region.id, pts, copied, newId()));
    say("Pasted here");
  };

  /** Put the spotlight at the playhead somewhere else, by keys or numbers. */
  const put = (place: Partial<Place>, gesture?: string) => {
    const at = here();
    if (!at?.region) return;
    const { region, pts, shot } = at;
    const next = { ...placeAt(shot.clip, region, pts), ...place };
    change("Move spotlight", shot.clip.id, (clip) => withPlace(clip, region.id, pts, next, newId()), gesture);
  };

  /** Move by pixels of the output, or make larger. */
  const nudge = (by: { readonly x?: number; readonly y?: number; readonly rx?: number; readonly ry?: number }) => {
    const at = here();
    const placed = at?.region && placedAt(at.shot, at.region, at.frame);
    if (!at || !placed) return;
    const window = at.shot.windowAt(at.shot.pts(at.frame));
    const wish = {
      ...placed,
      x: placed.x + (by.x ?? 0),
      y: placed.y + (by.y ?? 0),
      rx: Math.max(placed.rx + (by.rx ?? 0), 2),
      ry: Math.max(placed.ry + (by.ry ?? 0), 2),
    };
    const { x, y, rx, ry } = toSource(wish, window, at.shot.ground.size, output());
    put({ x, y, rx, ry }, `nudge/${at.region?.id}/${at.pts}`);
  };

  /** Where the spotlight of a drag would be: shown, and kept when it is let go. */
  const drag = (grip: { readonly here: Here; readonly key_id: string }, place: Place) => {
    const { shot, region, pts } = grip.here;
    if (!region) return;
    drawer.glance();
    editing.draft(withClip(editing.edit, shot.clip.id, (clip) => withPlace(clip, region.id, pts, place, grip.key_id)));
  };

  const drop = (label: string, ends: "done" | "undone") => {
    if (ends === "done") editing.drop(label);
    else editing.draft(null);
  };

  const regionOf = (id: string): { readonly shot: Shot; readonly region: Spotlight } | null => {
    for (const shot of drawer.shots) {
      const region = shot.clip.spotlights.find((one) => one.id === id);
      if (region) return { shot, region };
    }
    return null;
  };

  /** Take hold of a region: the playhead goes into it, unless it is there. */
  const choose = (id: string) => {
    hold(id);
    const found = regionOf(id);
    if (!found) return;
    const at = here();
    if (at?.region?.id !== id)
      goFrame(Math.ceil(found.shot.frameAt(Math.max(found.region.in_pts, found.shot.clip.in_pts))));
  };

  const setLook = (look: Partial<Look>) => {
    const at = here();
    if (!at?.region) return;
    const { id } = at.region;
    change("Change spotlight's look", at.shot.clip.id, (clip) => withLook(clip, id, look));
  };

  /** Give every spotlight of the reel the look of this one. */
  const lookForAll = () => {
    const region = here()?.region;
    if (!region) return;
    const { shape, colour, effect, stroke, fill } = region;
    const dressed = (clip: EditClip) =>
      clip.spotlights.reduce(
        (done, one) => withRegion(done, one.id, (it) => ({ ...it, shape, colour, effect, stroke, fill })),
        clip,
      );
    editing.change("Same look everywhere", (edit) => ({ ...edit, clips: edit.clips.map(dressed) }));
    say("Every spotlight looks like this one");
  };

  const setEase = (ease: Ease) => {
    const at = here();
    const key = at?.region && keyAt(at.region, at.pts);
    if (!at?.region || !key) return;
    const { id } = at.region;
    change("Change easing", at.shot.clip.id, (clip) => withEase(clip, id, key.id, ease));
  };

  /** To where a spotlight's player is out of the crop. */
  const goOutside = (id: string) => {
    const found = regionOf(id);
    if (!found) return;
    hold(id);
    goFrame(Math.ceil(found.shot.frameAt(firstOutside(found.shot, found.region))));
  };

  const clipChange = (label: string, clip_id: string, to: Partial<EditClip>, gesture?: string) =>
    change(label, clip_id, (clip) => ({ ...clip, ...to }), gesture);

  const timing = timingOf({ editing, player, drawer, clock, held, say, change, here, goFrame, regionOf, drop });

  return {
    ...timing,
    ...{ here, placeOn, add, remove, removeHere, addKey, goKey, goPlay, goEdge, copy, paste, put, nudge, drag, drop },
    ...{ choose, regionOf, setLook, lookForAll, setEase, goOutside, goFrame, clipChange, inSource },
    settle: () => editing.settle(),
  };
}

function nearest(frames: readonly number[], now: number, direction: -1 | 1): number | null {
  const beyond = frames.filter((frame) => (direction < 0 ? frame < now : frame > now));
  if (beyond.length === 0) return null;
  return direction < 0 ? Math.max(...beyond) : Math.min(...beyond);
}
