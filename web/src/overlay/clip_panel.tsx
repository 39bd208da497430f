import { useEffect, useState } from "react";
import { TextField } from "../look/field.tsx";
import { Slider } from "../look/slider.tsx";
import type { Edit } from "../project/document.ts";
import { clipOf, type OpenedProject } from "../project/use_project.ts";
import type { Desk, Here } from "./desk.ts";

interface ClipPanelProps {
  readonly here: Here;
  readonly edit: Edit;
  readonly opened: OpenedProject;
  readonly desk: Desk;
}

/** As long as reel/edit.py takes them. */
const MOST_LABEL = 60;
const MOST_FREEZE_S = 10;
const FREEZE_STEP_S = 0.25;

/** The clip at the playhead: whose name stands on it, and for how long it is held before the play. */
export function ClipPanel({ here, edit, opened, desk }: ClipPanelProps) {
  const { clip } = here.shot;
  const number = edit.clips.findIndex(({ id }) => id === clip.id) + 1;
  const name = clipOf(opened, clip)?.shown_name;
  const [label, setLabel] = useState(clip.label);
  const [freeze_s, setFreeze] = useState(clip.freeze_s);
  useEffect(() => setLabel((typed) => (typed.trim() === clip.label ? typed : clip.label)), [clip.label]);
  useEffect(() => setFreeze(clip.freeze_s), [clip.freeze_s]);
  const lit = clip.spotlights.length > 0;
  return (
    <section aria-label="The clip here" className="grid gap-4">
      <h2 className="text-16">
        Clip {number} of {edit.clips.length} {name ? <bdi className="font-normal text-quiet">{name}</bdi> : null}
      </h2>
      <TextField
        label="Player's name"
        value={label}
        maxLength={MOST_LABEL}
        placeholder="Stands above the spotlight"
        hint={lit || !label.trim() ? undefined : "Without a spotlight it stands in the corner for two seconds."}
        onChange={(event) => {
          setLabel(event.target.value);
          desk.clipChange("Name the player", clip.id, { label: event.target.value.trim() }, `label/${clip.id}`);
        }}
        onBlur={() => desk.settle()}
      />
      <div className="grid gap-1">
        <Slider
          label="Hold the picture before the play"
          value={freeze_s}
          least={0}
          most={MOST_FREEZE_S}
          step={FREEZE_STEP_S}
          said={(value) => (value === 0 ? "Off" : `${value} s`)}
          onChange={setFreeze}
          onCommit={(value) => desk.clipChange("Hold the picture", clip.id, { freeze_s: value })}
        />
        <p className="text-12 text-pretty text-quiet">
          {lit
            ? "The reel stands still where the spotlight begins, so that everybody finds the player."
            : "It needs a spotlight: there is nothing to show yet."}
        </p>
      </div>
    </section>
  );
}
