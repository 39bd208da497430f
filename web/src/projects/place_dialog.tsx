import { useState } from "react";
import { Button } from "../look/button.tsx";
import { Dialog } from "../look/dialog.tsx";
import { TextField } from "../look/field.tsx";

interface PlaceDialogProps {
  /** Counted from 0. */
  readonly place: number;
  readonly of: number;
  readonly name: string;
  readonly onMove: (place: number) => void;
  readonly onClose: () => void;
}

/** The place of a clip as a number. */
export function PlaceDialog({ place, of, name, onMove, onClose }: PlaceDialogProps) {
  const [text, setText] = useState(String(place + 1));
  const wanted = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  const fault = wanted >= 1 && wanted <= of ? null : `A place from 1 to ${of}.`;
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title="Move to place"
      description={name}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="go" submits form="place" blocked={fault}>
            Move
          </Button>
        </>
      }
    >
      <form
        id="place"
        onSubmit={(event) => {
          event.preventDefault();
          if (fault) return;
          onMove(wanted - 1);
          onClose();
        }}
      >
        <TextField
          label={`Place, 1 to ${of}`}
          value={text}
          error={text === "" ? null : fault}
          inputMode="numeric"
          onChange={(event) => setText(event.target.value)}
        />
      </form>
    </Dialog>
  );
}
