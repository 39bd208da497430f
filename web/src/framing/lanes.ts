/** The lanes of Framing: the keyframes of the crop, and the speeds. */

import { saidMoment } from "../editing/said.ts";
import { type GameClock, tickAt } from "../player/game.ts";
import type { Aspect, EditClip } from "../project/document.ts";
import type { Ground } from "../timeline/footage.ts";
import type { Lane } from "../timeline/lane.ts";
import { type Desk, speedId } from "./desk.ts";
import { secondsOf } from "./shaping.ts";
import { saidRate, timesOf } from "./speeding.ts";

interface Shown {
  readonly clip: EditClip;
  readonly clock: GameClock;
  readonly aspect: Aspect;
  readonly ground: Ground;
  /** What stands at the playhead: a keyframe's id, a speed's place or −1. */
  readonly key: string | null;
  readonly speed: number;
}

export function lanesOf(
  { clip, clock, aspect, ground, key: here, speed: running }: Shown,
  desk: Desk,
): readonly Lane[] {
  const [part] = clock.parts;
  if (!part) return [];
  const tick = (pts: number) => tickAt(part, pts);
  const said = (pts: number) => saidMoment(secondsOf(pts, ground), 2);
  const keys = clip.crops[aspect]?.framed ? (clip.crops[aspect]?.keys ?? []) : [];
  return [
    {
      id: "keyframes",
      label: "Keyframes",
      points: keys.map((key, index) => ({
        id: key.id,
        tick: tick(key.pts),
        label: `Keyframe ${index + 1} of ${keys.length}, ${said(key.pts)}${key.by === "track" ? ", tracked" : ""}`,
        is_hollow: key.by === "track",
      })),
      chosen: here,
      onChoose: desk.chooseKey,
      onMove: ({ id, in_pts }, ends) => desk.moveKey(id, in_pts, ends),
      onNudge: (id, _part, by) => desk.nudgeKey(id, by),
    },
    {
      id: "speeds",
      label: "Speeds",
      spans: clip.speeds.map((speed, place) => ({
        id: speedId(place),
        in_pts: tick(speed.in_pts),
        out_pts: tick(speed.out_pts),
        text: saidRate(timesOf(speed)),
        label: `Speed ${saidRate(timesOf(speed))}, ${said(speed.in_pts)} to ${said(speed.out_pts)}`,
      })),
      chosen: running < 0 ? null : speedId(running),
      onChoose: desk.chooseSpeed,
      onMove: desk.moveSpeed,
      onNudge: desk.nudgeSpeed,
    },
  ];
}
