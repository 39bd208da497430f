/** The lanes below the reel's timeline: its spotlights, and the keyframes of the one that is held. */

import { saidMoment } from "../editing/said.ts";
import { type GameClock, gameSeconds } from "../player/game.ts";
import type { Spotlight } from "../project/document.ts";
import { contains } from "../reel/timing.ts";
import type { Lane, LanePoint, LaneSpan } from "../timeline/lane.ts";
import { tickOf } from "./clock.ts";
import type { Desk, Here } from "./desk.ts";
import { flagOf } from "./marks.ts";
import type { Shot } from "./shots.ts";

interface Shown {
  readonly shots: readonly Shot[];
  readonly clock: GameClock;
  readonly desk: Desk;
  readonly here: Here | null;
  readonly chosen: string | null;
}

export function lanesOf({ shots, clock, desk, here, chosen }: Shown): readonly Lane[] {
  const found = shots.flatMap((shot) => shot.clip.spotlights.map((region) => ({ shot, region })));
  const held = found.find(({ region }) => region.id === chosen) ?? null;
  return [
    {
      id: "spotlights",
      label: "Spotlights",
      spans: found.map(({ shot, region }, index) => spanOf(shot, region, index, clock)),
      chosen,
      onChoose: desk.choose,
      onMove: ({ id, part, in_pts, out_pts }, ends) => desk.dragRegion(id, part, { in_pts, out_pts }, ends),
      onNudge: desk.nudgeRegion,
    },
    {
      id: "keyframes",
      label: "Keyframes",
      points: held ? pointsOf(held.shot, held.region, clock) : [],
      chosen: held?.region.keys.find(({ pts }) => here?.shot === held.shot && pts === here.pts)?.id ?? null,
      onChoose: (id) => {
        const key = held?.region.keys.find((one) => one.id === id);
        if (held && key) desk.goFrame(Math.round(held.shot.frameAt(key.pts)));
      },
      onMove: ({ id, in_pts }, ends) => held && desk.moveKey(held.region.id, id, in_pts, ends),
      onNudge: (id, _part, by) => held && desk.nudgeKey(held.region.id, id, by),
    },
  ];
}

const FLAGS = { all: ", outside the crop", some: ", leaves the crop" } as const;

function spanOf(shot: Shot, region: Spotlight, index: number, clock: GameClock): LaneSpan {
  const [in_pts, out_pts] = [shot.frameAt(region.in_pts), shot.frameAt(region.out_pts)].map((frame) =>
    tickOf(clock, frame),
  ) as [number, number];
  const flag = flags(shot, region);
  const at = saidMoment(gameSeconds(clock, in_pts), 2);
  return {
    id: region.id,
    in_pts,
    out_pts,
    label: `Spotlight ${index + 1} at ${at}${flag ? FLAGS[flag] : ""}`,
    text:
      flag === "all" ? "Outside the crop" : flag === "some" ? "Leaves the crop" : shot.clip.label.trim() || "Spotlight",
    ...(flag ? { is_doubtful: true } : {}),
  };
}

/** Asked for with every frame that is gone to: worked out once for a region and the clip it is on. */
const known = new WeakMap<Spotlight, { readonly shot: Shot; readonly flag: ReturnType<typeof flagOf> }>();

function flags(shot: Shot, region: Spotlight): ReturnType<typeof flagOf> {
  const there = known.get(region);
  if (there && there.shot.clip.crops === shot.clip.crops && there.shot.clip.rotation_deg === shot.clip.rotation_deg) {
    return there.flag;
  }
  const flag = flagOf(shot, region);
  known.set(region, { shot, flag });
  return flag;
}

function pointsOf(shot: Shot, region: Spotlight, clock: GameClock): readonly LanePoint[] {
  return region.keys
    .filter(({ pts }) => contains(shot.clip, pts))
    .map((key, index) => {
      const tick = tickOf(clock, shot.frameAt(key.pts));
      return { id: key.id, tick, label: `Keyframe ${index + 1} at ${saidMoment(gameSeconds(clock, tick), 2)}` };
    });
}
