import type { ReactNode } from "react";
import { Tabs } from "../look/tabs.tsx";
import type { Player } from "../player/player.ts";
import type { Edit, EditClip } from "../project/document.ts";
import type { OpenedProject } from "../project/use_project.ts";
import type { Ground } from "../timeline/footage.ts";
import { Shapes } from "./around.tsx";
import type { Frame } from "./box.ts";
import { Clips } from "./clips.tsx";
import { CropPanel } from "./crop_panel.tsx";
import type { Desk } from "./desk.ts";
import { Exporting, useEstimate } from "./exporting.tsx";
import { PicturePanel } from "./picture_panel.tsx";
import { TimePanel } from "./time_panel.tsx";

export type PanelTab = "crop" | "time" | "picture";

interface PanelProps {
  readonly opened: OpenedProject;
  readonly edit: Edit;
  /** null where its footage is not there. */
  readonly clip: EditClip | null;
  readonly place: number;
  readonly ground: Ground | null;
  readonly frame: Frame | null;
  readonly desk: Desk;
  readonly player: Player | null;
  readonly tab: PanelTab;
  readonly onTab: (tab: PanelTab) => void;
}

/** Beside the pictures, below them on a phone: the clips, what is done to one, and the way on. */
export function Panel({ opened, edit, clip, place, ground, frame, desk, player, tab, onTab }: PanelProps) {
  const estimate = useEstimate(opened, edit);
  const onRest = () => opened.editing.settle();
  const content = (of: PanelTab): ReactNode => {
    if (!clip || !ground || !frame) return null;
    if (of === "crop") return <CropPanel clip={clip} frame={frame} desk={desk} player={player} />;
    if (of === "time") return <TimePanel clip={clip} ground={ground} desk={desk} player={player} onRest={onRest} />;
    const look = clip.look ?? estimate?.clips.find(({ id }) => id === clip.id)?.look ?? null;
    return <PicturePanel clip={clip} isFirst={place === 0} look={look} desk={desk} />;
  };
  return (
    <aside
      aria-label="Clips and settings"
      className="flex min-h-0 flex-col border-line bg-surface max-desk:border-t desk:border-l"
    >
      <div className="grid px-4 pt-3 max-desk:hidden">
        <Shapes edit={edit} desk={desk} />
      </div>
      <div className="flex min-h-0 flex-col max-desk:max-h-80 desk:max-h-[38%]">
        <Clips opened={opened} edit={edit} selected={edit.clips[place]?.id ?? null} desk={desk} />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto border-line border-t p-4 pt-1">
        {clip ? (
          <Tabs
            label="Of this clip"
            value={tab}
            onChange={(id) => onTab(id as PanelTab)}
            tabs={[
              { id: "crop", label: "Crop", content: content("crop") },
              { id: "time", label: "Time", content: content("time") },
              { id: "picture", label: "Picture and sound", content: content("picture") },
            ]}
          />
        ) : (
          <p className="pt-3 text-quiet">Without its footage nothing can be done to this clip.</p>
        )}
      </div>
      <div className="shrink-0 max-desk:sticky max-desk:bottom-0 max-desk:z-10">
        <Exporting opened={opened} edit={edit} estimate={estimate} />
      </div>
    </aside>
  );
}
