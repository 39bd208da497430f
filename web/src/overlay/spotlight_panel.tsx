import {
  ChevronLeft,
  ChevronRight,
  CircleDotDashed,
  ClipboardPaste,
  Copy,
  Diamond,
  EllipsisVertical,
  Paintbrush,
  Spline,
  Trash2,
} from "lucide-react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import { saidDuration, saidMoment } from "../editing/said.ts";
import { Banner } from "../look/banner.tsx";
import { Button, IconButton } from "../look/button.tsx";
import { Menu } from "../look/menu.tsx";
import { keepFocus } from "../player/controls.tsx";
import { type GameClock, gameSeconds } from "../player/game.ts";
import type { Spotlight } from "../project/document.ts";
import { exact } from "../reel/fraction.ts";
import type { Ease } from "../reel/keyframes.ts";
import { readTime } from "../reel/tsv.ts";
import { tickOf } from "./clock.ts";
import type { Desk, Held, Here } from "./desk.ts";
import type { Drawer } from "./drawer.ts";
import { LookOf } from "./look_of.tsx";
import { flagOf } from "./marks.ts";
import { NumberField, numberOf } from "./number_field.tsx";
import { keyAt, type Place, placeAt } from "./regions.ts";
import type { Shot } from "./shots.ts";

interface SpotlightPanelProps {
  readonly here: Here | null;
  readonly desk: Desk;
  readonly drawer: Drawer;
  readonly clock: GameClock;
  readonly held: StoreApi<Held>;
  readonly noRoom: string | null;
}

/** The spotlight at the playhead: when, where, how it looks. With none, a press on the player makes one. */
export function SpotlightPanel({ here, desk, drawer, clock, held, noRoom }: SpotlightPanelProps) {
  if (!here?.region) return <NoSpotlight desk={desk} noRoom={noRoom} />;
  const { region } = here;
  return (
    <section aria-label="The spotlight here" className="grid gap-4" onMouseDown={keepFocus}>
      <Heading here={here} region={region} desk={desk} />
      <Flagged shot={here.shot} region={region} desk={desk} />
      <Keyframes here={here} region={region} desk={desk} held={held} />
      <Numbers here={here} region={region} desk={desk} clock={clock} />
      <LookOf here={here} region={region} desk={desk} drawer={drawer} />
    </section>
  );
}

function NoSpotlight({ desk, noRoom }: Pick<SpotlightPanelProps, "desk" | "noRoom">) {
  return (
    <section aria-label="No spotlight here" className="grid justify-items-start gap-3">
      <div className="grid gap-1">
        <h2 className="text-16">Who is it about?</h2>
        <p className="text-pretty text-quiet">
          Press the player in the picture: the spotlight begins there. Go on a little and press the player again, and it
          follows.
        </p>
      </div>
      <Button icon={CircleDotDashed} blocked={noRoom} onClick={() => desk.add()}>
        Add spotlight
      </Button>
    </section>
  );
}

type Inside = Pick<SpotlightPanelProps, "desk"> & { readonly here: Here; readonly region: Spotlight };

function Heading({ here, region, desk }: Inside) {
  const lasts_s = exact(here.shot.clip.time_base)
    .times(region.out_pts - region.in_pts)
    .toNumber();
  return (
    <header className="flex items-center gap-1">
      <h2 className="flex-1 text-16">
        Spotlight <span className="tabular font-normal text-quiet">{saidDuration(lasts_s)}</span>
      </h2>
      <IconButton icon={Trash2} label="Delete the spotlight" measure="small" onClick={() => desk.remove()} />
      <Menu
        trigger={<IconButton icon={EllipsisVertical} label="More for this spotlight" measure="small" />}
        groups={[
          [
            {
              id: "all",
              label: "Give all spotlights this look",
              icon: Paintbrush,
              onSelect: () => desk.lookForAll(),
            },
          ],
        ]}
      />
    </header>
  );
}

/** The crop was made anew, and the player is not in it. */
function Flagged({ shot, region, desk }: { readonly shot: Shot; readonly region: Spotlight; readonly desk: Desk }) {
  const flag = flagOf(shot, region);
  if (!flag) return null;
  return (
    <Banner
      tone="doubt"
      title={flag === "all" ? "This player is outside the crop." : "This player leaves the crop."}
      text={flag === "all" ? "Move the spotlight, or frame the clip anew." : "There the spotlight fades."}
      actions={
        <Button measure="small" onClick={() => desk.goOutside(region.id)}>
          Go there
        </Button>
      }
    />
  );
}

const EASES: readonly { readonly id: Ease; readonly label: string }[] = [
  { id: "smooth", label: "Smooth" },
  { id: "ease", label: "Slow at both ends" },
  { id: "linear", label: "Even" },
  { id: "hold", label: "Stand still" },
];

function Keyframes({ here, region, desk, held }: Inside & Pick<SpotlightPanelProps, "held">) {
  const copied = useStore(held, (state) => state.copied);
  const key = keyAt(region, here.pts);
  const number = key ? region.keys.indexOf(key) + 1 : 0;
  const count = region.keys.length;
  const said = key ? `Keyframe ${number} of ${count}` : count === 1 ? "1 keyframe" : `${count} keyframes`;
  return (
    <div className="flex items-center gap-0.5 rounded-plain border border-line bg-surface p-0.5">
      <IconButton
        icon={ChevronLeft}
        label="To the keyframe before"
        keys="["
        measure="small"
        onClick={() => desk.goKey(-1)}
      />
      <output className="tabular min-w-24 flex-1 text-center text-12">{said}</output>
      <IconButton
        icon={ChevronRight}
        label="To the next keyframe"
        keys="]"
        measure="small"
        onClick={() => desk.goKey(1)}
      />
      <span className="mx-0.5 h-5 w-px bg-line" />
      <IconButton
        icon={Diamond}
        label={key ? "Delete keyframe" : "Add keyframe"}
        keys={key ? "Delete" : "P"}
        measure="small"
        aria-pressed={key !== null}
        blocked={key && count === 1 ? "It is the only one: delete the spotlight instead." : null}
        onClick={() => (key ? desk.removeHere() : desk.addKey())}
      />
      <IconButton icon={Copy} label="Copy the place" keys="Mod+C" measure="small" onClick={desk.copy} />
      <IconButton
        icon={ClipboardPaste}
        label="Paste it here"
        keys="Mod+V"
        measure="small"
        blocked={copied ? null : "Nothing was copied yet."}
        onClick={desk.paste}
      />
      <Menu
        trigger={
          <IconButton
            icon={Spline}
            label="How it goes on from here"
            measure="small"
            blocked={key ? null : "Go to a keyframe first."}
          />
        }
        groups={[
          EASES.map(({ id, label }) => ({ id, label, chosen: key?.ease === id, onSelect: () => desk.setEase(id) })),
        ]}
      />
    </div>
  );
}

const PLACES: readonly { readonly name: keyof Place; readonly label: string; readonly per: number }[] = [
  { name: "x", label: "Across", per: 100 },
  { name: "y", label: "Down", per: 100 },
  { name: "rx", label: "Width", per: 200 }, // of the height, as the radii are
  { name: "ry", label: "Height", per: 200 },
];
const STEP = 0.2; // per cent

function Numbers({ here, region, desk, clock }: Inside & Pick<SpotlightPanelProps, "clock">) {
  const place = placeAt(here.shot.clip, region, here.pts);
  const secondsOf = (pts: number) => gameSeconds(clock, tickOf(clock, here.shot.frameAt(pts)));
  const edge = (part: "in" | "out") => (text: string) => {
    try {
      const at_s = readTime(text, "").toNumber();
      desk.setEdge(part, Math.round((at_s * clock.ticks_per_s) / tickOf(clock, 1)));
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : null;
    }
  };
  return (
    <fieldset className="grid gap-2" onBlur={() => desk.settle()}>
      <legend className="sr-only">Where and when</legend>
      <div className="grid grid-cols-4 gap-2">
        {PLACES.map(({ name, label, per }) => {
          const shown = place[name] * per;
          return (
            <NumberField
              key={name}
              label={`${label} %`}
              value={shown.toFixed(1)}
              onTake={(text) => {
                const typed = numberOf(text);
                if (typed === null) return "This is no number.";
                desk.put({ [name]: typed / per });
                return null;
              }}
              onStep={(by) => desk.put({ [name]: (shown + by * STEP) / per }, `number/${region.id}/${name}`)}
            />
          );
        })}
      </div>
      <div className="grid grid-cols-2 gap-2">
        <NumberField label="Starts" value={saidMoment(secondsOf(region.in_pts), 2)} onTake={edge("in")} />
        <NumberField label="Ends" value={saidMoment(secondsOf(region.out_pts), 2)} onTake={edge("out")} />
      </div>
    </fieldset>
  );
}
