/** Moving spotlights and their keyframes in time: what the desk does with the timeline. */

import { type EditClip, type Spotlight, withClip } from "../project/document.ts";
import type { Span } from "../reel/timing.ts";
import type { LanePart } from "../timeline/lane.ts";
import { frameOf, tickOf } from "./clock.ts";
import type { Around, Here } from "./desk.ts";
import { withKeyAt, withSpan } from "./regions.ts";
import type { Shot } from "./shots.ts";

type Ends = "no" | "done" | "undone";

interface Desk extends Pick<Around, "editing" | "player" | "drawer" | "clock" | "held" | "say"> {
  readonly change: (label: string, clip_id: string, to: (clip: EditClip) => EditClip, gesture?: string) => void;
  readonly here: () => Here | null;
  readonly goFrame: (frame: number) => void;
  readonly regionOf: (id: string) => { readonly shot: Shot; readonly region: Spotlight } | null;
  readonly drop: (label: string, ends: "done" | "undone") => void;
}

export function timingOf({ editing, player, drawer, clock, held, say, change, here, goFrame, regionOf, drop }: Desk) {
  const frameNow = (): number => player?.place.pts ?? 0;

  /** The stretch of a clip's clock between two ticks of the timeline, on whole frames. */
  const stretch = (shot: Shot, { in_pts, out_pts }: Span): Span => ({
    in_pts: shot.timeAt(Math.round(frameOf(clock, in_pts))),
    out_pts: shot.timeAt(Math.round(frameOf(clock, out_pts))),
  });

  /** Drag a region, or an edge of it, on the timeline. */
  const dragRegion = (id: string, part: LanePart, wish: Span, ends: Ends) => {
    const found = drawer.shots.flatMap(({ clip }) => clip.spotlights).some((region) => region.id === id);
    const shot = drawer.shots.find(({ clip }) => clip.spotlights.some((region) => region.id === id));
    const begun = editing.edit.clips.find((clip) => clip.id === shot?.clip.id);
    if (!found || !shot || !begun) return;
    const label = part === "body" ? "Move spotlight in time" : "Resize spotlight in time";
    editing.draft(withClip(editing.edit, begun.id, withSpan(begun, id, part, stretch(shot, wish))));
    if (ends !== "no") drop(label, ends);
    else if (part !== "body") player?.scrub(part === "in" ? wish.in_pts : wish.out_pts - 1);
  };

  const nudgeRegion = (id: string, part: LanePart, by: number) => {
    const found = regionOf(id);
    if (!found) return;
    const { shot, region } = found;
    const to = (pts: number) => shot.timeAt(Math.round(shot.frameAt(pts)) + by);
    const wish = { in_pts: to(region.in_pts), out_pts: to(region.out_pts) };
    change("Move spotlight in time", shot.clip.id, (clip) => withSpan(clip, id, part, wish), `region/${id}/${part}`);
  };

  /** Set an edge of the region at the playhead, by keys or typed. */
  const setEdge = (part: "in" | "out", frame: number = frameNow()) => {
    const at = here();
    const id = at?.region?.id ?? held.getState().region;
    const found = id ? regionOf(id) : null;
    if (!found) return say("There is no spotlight here");
    const pts = found.shot.timeAt(frame);
    const wish = { in_pts: pts, out_pts: pts };
    change("Resize spotlight in time", found.shot.clip.id, (clip) => withSpan(clip, found.region.id, part, wish));
    say(part === "in" ? "Start set" : "End set");
  };

  const moveKey = (id: string, key_id: string, tick: number, ends: Ends) => {
    const found = regionOf(id);
    const begun = editing.edit.clips.find((clip) => clip.id === found?.shot.clip.id);
    if (!found || !begun) return;
    const pts = found.shot.shownAt(Math.round(frameOf(clock, tick)));
    editing.draft(withClip(editing.edit, begun.id, withKeyAt(begun, id, key_id, pts)));
    if (ends !== "no") drop("Move keyframe in time", ends);
  };

  const nudgeKey = (id: string, key_id: string, by: number) => {
    const found = regionOf(id);
    const key = found?.region.keys.find((one) => one.id === key_id);
    if (!found || !key) return;
    const pts = besideOf(found.shot, key.pts, by);
    const to = (clip: EditClip) => withKeyAt(clip, id, key_id, pts);
    change("Move keyframe in time", found.shot.clip.id, to, `key/${key_id}`);
    goFrame(Math.round(found.shot.frameAt(pts)));
  };

  /** Play the region at the playhead over and over, with a little before it; again, and it goes on. */
  const loop = () => {
    if (!player) return;
    if (player.state.getState().loop) {
      player.loop(null);
      return say("The loop is off");
    }
    const at = here();
    const id = at?.region?.id ?? held.getState().region;
    const found = id ? regionOf(id) : null;
    if (!found) return say("There is no spotlight here to loop");
    const ticks = (pts: number) => tickOf(clock, Math.round(found.shot.frameAt(pts)));
    player.loop({ in_pts: ticks(found.region.in_pts), out_pts: ticks(found.region.out_pts) });
    player.play();
    say("The spotlight is looped");
  };

  return { dragRegion, nudgeRegion, setEdge, moveKey, nudgeKey, loop };
}

/** So slow may a clip run that one picture stands this often. */
const MOST_ALIKE = 8;

/** Return the moment of the picture so many frames on; where a picture stands several times, that of the next other one. */
function besideOf(shot: Shot, pts: number, by: number): number {
  const from = Math.round(shot.frameAt(pts));
  for (let beyond = 0; beyond < MOST_ALIKE; beyond += 1) {
    const found = shot.shownAt(from + by + Math.sign(by) * beyond);
    if (found !== pts) return found;
  }
  return pts;
}
