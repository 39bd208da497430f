import { useMemo, useState } from "react";
import { newId } from "../api/client.ts";
import type { Game } from "../api/games.ts";
import { useGames } from "../api/games.ts";
import { Button } from "../look/button.tsx";
import { Dialog } from "../look/dialog.tsx";
import { MOST_CLIPS, placeOf } from "../project/document.ts";
import { type OpenedProject, useEdited } from "../project/use_project.ts";
import { Picker } from "./picker.tsx";
import type { ClipOut } from "./reading.ts";
import { clipsSaid } from "./saying.ts";

interface AddClipsProps {
  readonly opened: OpenedProject;
  readonly onClose: () => void;
  /** They are in: how many. */
  readonly onAdded: (count: number) => void;
}

const NONE: readonly Game[] = [];

/** More clips for a project: they come at its end. */
export function AddClips({ opened, onClose, onAdded }: AddClipsProps) {
  const games = useGames();
  const [chosen, choose] = useState<readonly ClipOut[]>([]);
  const clips = useEdited(opened, (state) => state.edit.clips);
  const there = useMemo(() => new Set(clips.flatMap(({ clip_id }) => clip_id ?? [])), [clips]);
  const add = () => {
    opened.editing.change(chosen.length === 1 ? "Add clip" : `Add ${clipsSaid(chosen.length)}`, (edit) => ({
      ...edit,
      clips: [...edit.clips, ...chosen.map((clip) => placeOf(newId(), clip, edit.aspect))],
    }));
    onClose();
    onAdded(chosen.length);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title="Add clips"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="go" blocked={chosen.length ? null : "Choose a clip first."} onClick={add}>
            {chosen.length ? `Add ${clipsSaid(chosen.length)}` : "Add clips"}
          </Button>
        </>
      }
    >
      <Picker
        games={games.data ?? NONE}
        chosen={chosen}
        onChange={choose}
        there={there}
        most={MOST_CLIPS - clips.length}
      />
    </Dialog>
  );
}
