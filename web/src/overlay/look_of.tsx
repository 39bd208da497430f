import { RadioGroup } from "radix-ui";
import { useEffect, useState } from "react";
import { Choice, Switch } from "../look/choice.tsx";
import { classes } from "../look/classes.ts";
import { Tooltip } from "../look/tooltip.tsx";
import type { Spotlight } from "../project/document.ts";
import { OUTPUT_SIZES } from "../reel/geometry.ts";
import { COLOURS } from "../reel/light.ts";
import type { Colour, Effect, Shape } from "../reel/spotlight.ts";
import { contrastsUnder, ENOUGH } from "./contrast.ts";
import type { Desk, Here } from "./desk.ts";
import type { Drawer } from "./drawer.ts";
import { placedAt } from "./marks.ts";

const SHAPES: readonly { readonly value: Shape; readonly label: string }[] = [
  { value: "body", label: "Around the body" },
  { value: "ground", label: "On the ground" },
];
const EFFECTS: readonly { readonly value: Effect; readonly label: string }[] = [
  { value: "dark", label: "Dim" },
  { value: "bright", label: "Lift" },
  { value: "both", label: "Both" },
  { value: "none", label: "None" },
];
const NAMES: Readonly<Record<Colour, string>> = {
  white: "White",
  cyan: "Cyan",
  yellow: "Yellow",
  pink: "Pink",
  orange: "Orange",
  none: "None",
};

interface LookProps {
  readonly here: Here;
  readonly region: Spotlight;
  readonly desk: Desk;
  readonly drawer: Drawer;
}

/** How a spotlight looks: its shape, its colour and how that stands off the grass, what it does to the light. */
export function LookOf({ here, region, desk, drawer }: LookProps) {
  return (
    <div className="grid gap-3">
      <Row label="Shape">
        <Choice label="Shape" options={SHAPES} value={region.shape} onChange={(shape) => desk.setLook({ shape })} />
      </Row>
      <Colours here={here} region={region} desk={desk} drawer={drawer} />
      <Row label="Light">
        <Choice label="Light" options={EFFECTS} value={region.effect} onChange={(effect) => desk.setLook({ effect })} />
      </Row>
      <div className="grid grid-cols-2 gap-6">
        <Switch label="Outline" on={region.stroke} onChange={(stroke) => desk.setLook({ stroke })} />
        <Switch label="Fill" on={region.fill} onChange={(fill) => desk.setLook({ fill })} />
      </div>
    </div>
  );
}

/** The colours, each with its contrast against what is under the outline in the picture that is shown. */
function Colours({ here, region, desk, drawer }: LookProps) {
  const found = useContrasts(here, region, drawer);
  const now = found?.get(region.colour);
  return (
    <div className="grid gap-1">
      <div className="flex justify-between gap-2 text-12">
        <span className="font-strong">Colour</span>
        {now === undefined ? null : (
          <output className={now < ENOUGH ? "text-doubt" : "text-quiet"}>
            {now < ENOUGH
              ? `${saidContrast(now)}: easily missed on this ground`
              : `${saidContrast(now)} on this ground`}
          </output>
        )}
      </div>
      <RadioGroup.Root
        aria-label="Colour"
        value={region.colour}
        onValueChange={(colour) => desk.setLook({ colour: colour as Colour })}
        className="grid grid-cols-6 gap-1"
      >
        {Object.entries(COLOURS).map(([name, hue]) => {
          const contrast = found?.get(name as Colour);
          const said = contrast === undefined ? "" : `, contrast ${saidContrast(contrast)}`;
          return (
            <Tooltip key={name} text={`${NAMES[name as Colour]}${said}`}>
              <RadioGroup.Item
                value={name}
                aria-label={`${NAMES[name as Colour]}${said}`}
                className="touchable grid h-12 place-items-center gap-0.5 rounded-plain border border-line py-1 hover:border-outline data-[state=checked]:border-accent data-[state=checked]:bg-selected"
              >
                <span
                  className={classes(
                    "size-5 rounded-full border",
                    hue ? "border-picture/40" : "border-outline border-dashed",
                  )}
                  style={hue ? { background: hue } : undefined}
                />
                <span
                  className={classes(
                    "tabular text-12 leading-none",
                    contrast !== undefined && contrast < ENOUGH ? "text-doubt" : "text-quiet",
                  )}
                >
                  {hue ? (contrast === undefined ? "–" : contrast.toFixed(1)) : "None"}
                </span>
              </RadioGroup.Item>
            </Tooltip>
          );
        })}
      </RadioGroup.Root>
    </div>
  );
}

const CALM_MS = 200;

function useContrasts({ shot, frame }: Here, region: Spotlight, drawer: Drawer): ReadonlyMap<Colour, number> | null {
  const [found, setFound] = useState<ReadonlyMap<Colour, number> | null>(null);
  useEffect(() => {
    const look = () => {
      const ellipse = placedAt(shot, region, frame);
      const output = OUTPUT_SIZES[shot.aspect];
      if (ellipse && drawer.frame === frame) setFound(contrastsUnder(drawer.video, ellipse, region.shape, output));
    };
    const timer = setTimeout(look, CALM_MS);
    return () => clearTimeout(timer);
  }, [shot, frame, region, drawer]);
  return found;
}

function saidContrast(contrast: number): string {
  return `${contrast.toFixed(1)}:1`;
}

function Row({ label, children }: { readonly label: string; readonly children: React.ReactNode }) {
  return (
    <div className="grid gap-1 [&>div]:w-full">
      <span aria-hidden className="font-strong text-12">
        {label}
      </span>
      {children}
    </div>
  );
}
