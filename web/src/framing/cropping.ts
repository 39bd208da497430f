/** A clip's crop while it is edited: keyframes made, moved, copied, taken away; what a box at a moment does to them. */

import type { Crop, CropKey, EditClip } from "../project/document.ts";
import { cropAt, defaultCrop } from "../reel/crop.ts";
import type { Aspect, Size, Window } from "../reel/geometry.ts";
import type { Ease } from "../reel/keyframes.ts";
import { type Box, type Frame, held } from "./box.ts";

/** What is copied: where a box is, and how it goes on from there. */
export interface Copied extends Box {
  readonly ease: Ease;
}

export function frameOf(clip: Pick<EditClip, "rotation_deg">, aspect: Aspect, source: Size): Frame {
  return { aspect, source, rotation_deg: clip.rotation_deg };
}

/** Return the crop that a clip shows in a shape: its own, or the largest around the centre. */
export function cropOf(clip: EditClip, aspect: Aspect, source: Size): Crop {
  return clip.crops[aspect] ?? defaultCrop(aspect, source, clip.in_pts, clip.rotation_deg);
}

/** Return the window that a clip shows at a moment. */
export function windowOf(clip: EditClip, pts: number, aspect: Aspect, source: Size): Window {
  return cropAt(cropOf(clip, aspect, source), pts, aspect, source, clip.rotation_deg);
}

/** Return the clip with another crop; framed from then on. */
export function withCrop(clip: EditClip, aspect: Aspect, keys: readonly CropKey[]): EditClip {
  return { ...clip, crops: { ...clip.crops, [aspect]: { framed: true, keys } } };
}

/**
 * Return the clip with the box standing there at a moment: its keyframe there is moved, or one is made. The first box of
 * a clip that nobody framed is its only one: it holds all through.
 */
export function withBox(clip: EditClip, pts: number, box: Box, frame: Frame, id: string): EditClip {
  const inside = held(box, frame);
  const crop = clip.crops[frame.aspect];
  const made: CropKey = { id, pts, ...inside, ease: "smooth", by: "hand" };
  if (!crop?.framed) return withCrop(clip, frame.aspect, [made]);
  const there = keyAt(crop, pts);
  if (there) return withKey(clip, frame.aspect, there.id, { ...inside, by: "hand" });
  return withCrop(clip, frame.aspect, inTime([...crop.keys, made]));
}

/** Return the clip with a keyframe at a moment where none is: the crop stays as it is there. */
export function withKeyframe(clip: EditClip, pts: number, frame: Frame, id: string): EditClip {
  const crop = cropOf(clip, frame.aspect, frame.source);
  if (clip.crops[frame.aspect]?.framed && keyAt(crop, pts)) return clip;
  const { cx, cy, h } = cropAt(crop, pts, frame.aspect, frame.source, frame.rotation_deg);
  const ease = [...crop.keys].reverse().find((key) => key.pts <= pts)?.ease ?? "smooth";
  const made = withBox(clip, pts, { cx, cy, h }, frame, id);
  return withKey(made, frame.aspect, id, { ease });
}

/** Return the clip with one keyframe changed. */
export function withKey(clip: EditClip, aspect: Aspect, id: string, change: Partial<Omit<CropKey, "id">>): EditClip {
  const crop = clip.crops[aspect];
  if (!crop) return clip;
  return withCrop(clip, aspect, inTime(crop.keys.map((key) => (key.id === id ? { ...key, ...change } : key))));
}

/** Return the clip with a keyframe at another moment; where another one stands it stays. */
export function withKeyAt(clip: EditClip, aspect: Aspect, id: string, pts: number): EditClip {
  const crop = clip.crops[aspect];
  if (!crop || crop.keys.some((key) => key.pts === pts && key.id !== id)) return clip;
  return withKey(clip, aspect, id, { pts, by: "hand" });
}

/** Return the clip without a keyframe; without its last one it is as nobody had framed it. */
export function withoutKey(clip: EditClip, aspect: Aspect, id: string): EditClip {
  const crop = clip.crops[aspect];
  const left = crop?.keys.filter((key) => key.id !== id) ?? [];
  if (left.length > 0) return withCrop(clip, aspect, left);
  const { [aspect]: _, ...others } = clip.crops;
  return { ...clip, crops: others };
}

/** Return the clip with the largest crop around the centre, agreed to. */
export function withDefault(clip: EditClip, aspect: Aspect, source: Size, id: string): EditClip {
  const [key] = defaultCrop(aspect, source, clip.in_pts, clip.rotation_deg).keys;
  return key ? withCrop(clip, aspect, [{ ...key, id }]) : clip;
}

/** Return what is copied at a moment. */
export function copiedAt(clip: EditClip, pts: number, aspect: Aspect, source: Size): Copied {
  const crop = cropOf(clip, aspect, source);
  const { cx, cy, h } = windowOf(clip, pts, aspect, source);
  return { cx, cy, h, ease: keyAt(crop, pts)?.ease ?? "smooth" };
}

/** Return the clip with what was copied at a moment, in whatever clip and shape that was. */
export function withPasted(clip: EditClip, pts: number, { ease, ...box }: Copied, frame: Frame, id: string): EditClip {
  const made = withBox(clip, pts, box, frame, id);
  const key = made.crops[frame.aspect]?.keys.find((one) => one.pts === pts);
  return key ? withKey(made, frame.aspect, key.id, { ease }) : made;
}

export function keyAt(crop: Pick<Crop, "keys">, pts: number): CropKey | null {
  return crop.keys.find((key) => key.pts === pts) ?? null;
}

/** Return the keyframe that a person sees at a moment: the default crop's is none. */
export function keyHere(clip: EditClip, { aspect }: Pick<Frame, "aspect">, pts: number): CropKey | null {
  const crop = clip.crops[aspect];
  return crop?.framed ? keyAt(crop, pts) : null;
}

/** Return the next keyframe from a moment on, or the one before it. */
export function keyBeside(crop: Pick<Crop, "keys">, pts: number, direction: -1 | 1): CropKey | null {
  const found = direction > 0 ? crop.keys.find((key) => key.pts > pts) : crop.keys.findLast((key) => key.pts < pts);
  return found ?? null;
}

/** Return the way that the crop's centre takes through a span, and its windows there: the path's ghost. */
export function pathOf(
  crop: Pick<Crop, "keys">,
  span: { readonly in_pts: number; readonly out_pts: number },
  { aspect, source, rotation_deg }: Frame,
  steps = 48,
): readonly Window[] {
  if (crop.keys.length < 2) return [];
  const first = Math.max(span.in_pts, crop.keys[0]?.pts ?? 0);
  const last = Math.min(span.out_pts - 1, crop.keys.at(-1)?.pts ?? 0);
  if (last <= first) return [];
  const moments = new Set(crop.keys.map(({ pts }) => pts).filter((pts) => pts >= first && pts <= last));
  for (let step = 0; step <= steps; step += 1) moments.add(Math.round(first + ((last - first) * step) / steps));
  return [...moments].sort((a, b) => a - b).map((pts) => cropAt(crop, pts, aspect, source, rotation_deg));
}

function inTime(keys: readonly CropKey[]): readonly CropKey[] {
  return [...keys].sort((a, b) => a.pts - b.pts);
}
