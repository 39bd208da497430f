import { useMutation } from "@tanstack/react-query";
import { sentenceOf } from "../api/errors.ts";
import { Banner } from "../look/banner.tsx";
import { Button } from "../look/button.tsx";
import { Dialog } from "../look/dialog.tsx";
import { useToasts } from "../look/toast.tsx";
import { deleteReel, type Reel, useShares } from "./reels.ts";
import { goesSaid } from "./saying.ts";

interface ReelDialogProps {
  readonly reel: Reel;
  readonly onClose: () => void;
  readonly onGone?: () => void;
}

/** Asks before a reel goes: what goes with it, and what stays. */
export function DeleteReel({ reel, onClose, onGone }: ReelDialogProps) {
  const shares = useShares(reel.id);
  const remove = useMutation({
    mutationFn: () => {
      onGone?.(); // before it is gone: nobody looks at a page of nothing
      return deleteReel(reel.id);
    },
    onSuccess: () => {
      onClose();
      useToasts.getState().tell({ title: `${reel.name || "The reel"} is deleted` });
    },
  });
  return (
    <Dialog
      open
      held={remove.isPending}
      onOpenChange={(open) => open || onClose()}
      title={`Delete ${reel.name || "this reel"}?`}
      description={goesSaid(reel, shares.data ?? [])}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            Delete reel
          </Button>
        </>
      }
    >
      {remove.isError ? <Banner tone="loss" title="It is still there." text={sentenceOf(remove.error)} /> : null}
    </Dialog>
  );
}
