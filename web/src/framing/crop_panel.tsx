import { Square } from "lucide-react";
import { Button } from "../look/button.tsx";
import { Choice } from "../look/choice.tsx";
import type { Player } from "../player/player.ts";
import { type EditClip, isFramed } from "../project/document.ts";
import { EASES, type Ease } from "../reel/keyframes.ts";
import { type Box, type Frame, sizeOf } from "./box.ts";
import { keyHere, windowOf } from "./cropping.ts";
import type { Desk } from "./desk.ts";
import { NO_NUMBER, NumberField, typedNumber } from "./number.tsx";
import { usePlayhead } from "./use_player.ts";

interface CropPanelProps {
  readonly clip: EditClip;
  readonly frame: Frame;
  readonly desk: Desk;
  readonly player: Player | null;
}

const EASES_SAID: Readonly<Record<Ease, string>> = { smooth: "Smooth", ease: "Ease", linear: "Linear", hold: "Hold" };

/** The crop in numbers, at the playhead, and how it goes on from a keyframe. */
export function CropPanel({ clip, frame, desk, player }: CropPanelProps) {
  const { aspect, source } = frame;
  const pts = usePlayhead(player);
  const window = windowOf(clip, pts, aspect, source);
  const { width, height } = sizeOf(window, frame);
  const key = keyHere(clip, frame, pts);
  const typed = (how: (value: number, box: Box) => Box) => (text: string) => {
    const value = typedNumber(text);
    return value === null ? NO_NUMBER : desk.typeBox((box) => how(value, box));
  };
  return (
    <div className="grid gap-4">
      <div className="grid grid-cols-2 gap-3">
        <NumberField
          label="Centre across, px"
          said={whole(window.cx * source.width)}
          onTake={typed((value, box) => ({ ...box, cx: value / source.width }))}
        />
        <NumberField
          label="Centre down, px"
          said={whole(window.cy * source.height)}
          onTake={typed((value, box) => ({ ...box, cy: value / source.height }))}
        />
        <NumberField
          label="Width, px"
          said={whole(width)}
          onTake={typed((value, box) => ({ ...box, h: (value * height) / width / source.height }))}
        />
        <NumberField
          label="Height, px"
          said={whole(height)}
          onTake={typed((value, box) => ({ ...box, h: value / source.height }))}
        />
      </div>
      {key ? (
        <div className="grid gap-1">
          <span className="font-strong text-12">From this keyframe on</span>
          <Choice
            label="From this keyframe on"
            options={EASES.map((ease) => ({ value: ease, label: EASES_SAID[ease] }))}
            value={key.ease}
            onChange={desk.ease}
          />
        </div>
      ) : (
        <p className="text-12 text-quiet">
          {isFramed(clip, aspect)
            ? "Move the box to make a keyframe here."
            : "Move the box onto the player, or agree to the default: the largest crop around the centre."}
        </p>
      )}
      <Button
        icon={Square}
        measure="small"
        keys="D"
        className="justify-self-start"
        onClick={() => desk.takeDefault(clip.id)}
      >
        Use the default crop
      </Button>
    </div>
  );
}

function whole(px: number): string {
  return String(Math.round(px * 10) / 10);
}
