import { Choice, Switch } from "../look/choice.tsx";
import { Slider } from "../look/slider.tsx";
import type { EditClip } from "../project/document.ts";
import type { Desk } from "./desk.ts";
import { NO_NUMBER, NumberField, typedNumber } from "./number.tsx";
import { MOST_TURN_DEG } from "./shaping.ts";

interface PicturePanelProps {
  readonly clip: EditClip;
  readonly isFirst: boolean;
  /** The look that the clip has: its own, or the usual one; null while that is not known. */
  readonly look: "crisp" | "natural" | null;
  readonly desk: Desk;
}

const LOOKS = [
  { value: "natural", label: "Natural" },
  { value: "crisp", label: "Crisp" },
] as const;

const TRANSITIONS = [
  { value: "cut", label: "Cut" },
  { value: "fade", label: "Fade" },
  { value: "dissolve", label: "Dissolve" },
] as const;

/** How the clip looks and sounds, and how it comes in. */
export function PicturePanel({ clip, isFirst, look, desk }: PicturePanelProps) {
  return (
    <div className="grid gap-4">
      <div className="grid grid-cols-[minmax(0,1fr)_84px] items-end gap-3">
        <Slider
          label="Level the horizon"
          value={clip.rotation_deg}
          least={-MOST_TURN_DEG}
          most={MOST_TURN_DEG}
          step={0.1}
          said={saidTurn}
          onChange={(deg) => desk.turnTo(deg, "no")}
          onCommit={(deg) => desk.turnTo(deg, "done")}
        />
        <NumberField
          label="Degrees"
          said={String(clip.rotation_deg)}
          onTake={(text) => {
            const deg = typedNumber(text);
            if (deg === null) return NO_NUMBER;
            if (Math.abs(deg) > MOST_TURN_DEG) return `−${MOST_TURN_DEG} to ${MOST_TURN_DEG}.`;
            desk.turnTo(deg, "done");
            return null;
          }}
        />
      </div>
      <div className="grid justify-items-start gap-1">
        <span className="font-strong text-12">Look</span>
        {look ? (
          <Choice
            label="Look"
            options={LOOKS}
            value={look}
            onChange={(value) => desk.set(`Look ${value}`, { look: value })}
          />
        ) : null}
        <p className="text-12 text-quiet">
          {look === "crisp" ? "Sharp edges, made by Real-ESRGAN. Slow without a GPU." : "True to what the camera saw."}
        </p>
      </div>
      {isFirst ? null : (
        <div className="grid justify-items-start gap-1">
          <span className="font-strong text-12">How it comes in</span>
          <Choice
            label="How it comes in"
            options={TRANSITIONS}
            value={clip.transition_in}
            onChange={(value) => desk.set("Transition", { transition_in: value })}
          />
        </div>
      )}
      <Switch
        label="Sound"
        hint={clip.audio ? "What was recorded, pitch kept" : "Silence"}
        on={clip.audio}
        onChange={(audio) => desk.set(audio ? "Sound on" : "Sound off", { audio })}
      />
    </div>
  );
}

function saidTurn(deg: number): string {
  return deg === 0 ? "level" : `${deg > 0 ? "+" : "−"}${Math.abs(deg).toFixed(1)}°`;
}
