import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { isRefusal, sentenceOf } from "../api/errors.ts";
import { Banner } from "../look/banner.tsx";
import { Button } from "../look/button.tsx";
import { Dialog } from "../look/dialog.tsx";
import { TextField } from "../look/field.tsx";
import { type Reel, refreshReels, renameReel } from "./reels.ts";

const MOST_NAME = 120; // characters, as the API takes them

interface ReelDialogProps {
  readonly reel: Reel;
  readonly onClose: () => void;
}

/** What a reel is called: on its card, in its file's name. */
export function RenameReel({ reel, onClose }: ReelDialogProps) {
  const [name, say] = useState(reel.name);
  const save = useMutation({
    mutationFn: () => renameReel(reel, name.trim()),
    onSuccess: onClose,
    onError: (error) => isRefusal(error, "stale_revision") && refreshReels(),
  });
  const stale = isRefusal(save.error, "stale_revision");
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title="Rename reel"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="go" submits form="rename-reel" busy={save.isPending}>
            {stale ? "Save mine" : "Save"}
          </Button>
        </>
      }
    >
      <form
        id="rename-reel"
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <TextField
          label="Name"
          hint="Left empty it is called as its project."
          maxLength={MOST_NAME}
          autoComplete="off"
          value={name}
          onChange={({ target }) => say(target.value)}
        />
        {save.isError ? (
          <Banner
            tone={stale ? "doubt" : "loss"}
            title={stale ? "It was renamed elsewhere in the meantime." : "It was not saved."}
            text={stale ? "Save again to keep what stands here." : sentenceOf(save.error)}
          />
        ) : null}
      </form>
    </Dialog>
  );
}
