import { ChevronLeft, ChevronRight, Gauge, Trash2 } from "lucide-react";
import { saidMoment } from "../editing/said.ts";
import { Button, IconButton } from "../look/button.tsx";
import { classes } from "../look/classes.ts";
import { Slider } from "../look/slider.tsx";
import type { Player } from "../player/player.ts";
import type { EditClip } from "../project/document.ts";
import { exact } from "../reel/fraction.ts";
import { readTime } from "../reel/tsv.ts";
import type { Ground } from "../timeline/footage.ts";
import { type Desk, speedId } from "./desk.ts";
import { NO_NUMBER, NumberField, typedNumber } from "./number.tsx";
import { secondsOf } from "./shaping.ts";
import { RATE_STEP, rateOf, saidRate, speedAt, timesOf } from "./speeding.ts";
import { useAtPlayhead } from "./use_player.ts";

interface TimePanelProps {
  readonly clip: EditClip;
  readonly ground: Ground;
  readonly desk: Desk;
  readonly player: Player | null;
  readonly onRest: () => void;
}

/** When the clip begins and ends in its source, and how fast which part of it runs. */
export function TimePanel({ clip, ground, desk, player, onRest }: TimePanelProps) {
  const at = useAtPlayhead(player, (pts) => speedAt(clip, pts));
  const said = (pts: number) => saidMoment(secondsOf(pts, ground), 2);
  const typedTime = (take: (pts: number) => void) => (text: string) => {
    try {
      take(Math.round(readTime(text, "").toNumber() / exact(ground.time_base).toNumber()) + ground.span.in_pts);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : NO_NUMBER;
    }
  };
  return (
    <div className="grid gap-4">
      <div className="grid grid-cols-2 gap-3" onPointerUp={onRest}>
        <Edge name="Starts" said={said(clip.in_pts)} onNudge={(by) => desk.nudgeEdge("in", by)}>
          {typedTime((pts) => desk.trimTo("in", pts))}
        </Edge>
        <Edge name="Ends" said={said(clip.out_pts)} onNudge={(by) => desk.nudgeEdge("out", by)}>
          {typedTime((pts) => desk.trimTo("out", pts))}
        </Edge>
      </div>
      <div className="flex items-center justify-between gap-2">
        <h3 className="text-14">Speeds</h3>
        <Button
          icon={Gauge}
          measure="small"
          keys="S"
          blocked={at >= 0 ? "A speed is here already." : null}
          onClick={desk.addSpeed}
        >
          Add speed
        </Button>
      </div>
      {clip.speeds.length === 0 ? (
        <p className="text-12 text-quiet">All of it runs as it was filmed. A speed begins at the playhead.</p>
      ) : null}
      <ol className="grid gap-3">
        {clip.speeds.map((speed, place) => (
          <li
            key={speedId(place)}
            className={classes(
              "grid gap-2 rounded-plain border p-3",
              place === at ? "border-accent bg-selected" : "border-line",
            )}
          >
            <div className="flex items-start gap-2">
              <div className="flex-1" onPointerUp={onRest}>
                <Slider
                  label={`Speed ${place + 1}`}
                  value={timesOf(speed)}
                  least={0.25}
                  most={2}
                  step={RATE_STEP}
                  said={saidRate}
                  onChange={(times) => desk.setRate(place, rateOf(times), `rate/${place}`)}
                  onCommit={onRest}
                />
              </div>
              <IconButton
                icon={Trash2}
                label={`Delete speed ${place + 1}`}
                measure="small"
                onClick={() => desk.removeSpeed(place)}
              />
            </div>
            <div className="grid grid-cols-3 gap-2">
              <NumberField
                label="Speed, ×"
                said={String(Number(timesOf(speed).toFixed(2)))}
                onTake={(text) => {
                  const times = typedNumber(text);
                  if (times === null) return NO_NUMBER;
                  if (times < 0.25 || times > 2) return "0.25 to 2.";
                  desk.setRate(place, rateOf(times));
                  return null;
                }}
              />
              <NumberField
                label="From"
                said={said(speed.in_pts)}
                onTake={typedTime((pts) => desk.speedTo(place, "in", { ...speed, in_pts: pts }))}
              />
              <NumberField
                label="To"
                said={said(speed.out_pts)}
                onTake={typedTime((pts) => desk.speedTo(place, "out", { ...speed, out_pts: pts }))}
              />
            </div>
          </li>
        ))}
      </ol>
    </div>
  );
}

interface EdgeProps {
  readonly name: string;
  readonly said: string;
  readonly onNudge: (by: number) => void;
  /** What takes what was typed. */
  readonly children: (text: string) => string | null;
}

function Edge({ name, said, onNudge, children }: EdgeProps) {
  return (
    <fieldset className="flex items-end gap-1">
      <legend className="sr-only">{name}</legend>
      <IconButton
        icon={ChevronLeft}
        label={`${name} a frame earlier`}
        measure="small"
        className="mb-1 w-6!"
        onClick={() => onNudge(-1)}
      />
      <div className="min-w-0 flex-1">
        <NumberField label={name} said={said} onTake={children} />
      </div>
      <IconButton
        icon={ChevronRight}
        label={`${name} a frame later`}
        measure="small"
        className="mb-1 w-6!"
        onClick={() => onNudge(1)}
      />
    </fieldset>
  );
}
