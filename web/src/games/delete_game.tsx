import { useMutation } from "@tanstack/react-query";
import { sentenceOf } from "../api/errors.ts";
import type { Game } from "../api/games.ts";
import { Banner } from "../look/banner.tsx";
import { Button } from "../look/button.tsx";
import { Dialog } from "../look/dialog.tsx";
import { useToasts } from "../look/toast.tsx";
import { forget, useUploads } from "../uploads/store.ts";
import { pauseUpload } from "../uploads/uploading.ts";
import { deleteGame } from "./adding.ts";
import { titleOf } from "./saying.ts";

interface DeleteGameProps {
  readonly game: Game;
  readonly onClose: () => void;
}

/** Asks before a game goes: what goes with it, and what stays. */
export function DeleteGame({ game, onClose }: DeleteGameProps) {
  const remove = useMutation({
    mutationFn: async () => {
      const uploads = useUploads.getState().uploads.filter(({ gameId }) => gameId === game.id);
      for (const { id } of uploads) pauseUpload(id);
      await deleteGame(game.id);
      for (const { id } of uploads) forget(id, true);
    },
    onSuccess: () => {
      onClose();
      useToasts.getState().tell({ title: `${titleOf(game)} is deleted` });
    },
  });
  const clips = game.clip_count === 1 ? "its clip" : `its ${game.clip_count} clips`;
  const goes = ["Its footage", game.clip_count > 0 ? clips : ""].filter(Boolean).join(" and ");
  return (
    <Dialog
      open
      held={remove.isPending}
      onOpenChange={(open) => open || onClose()}
      title={`Delete ${titleOf(game)}?`}
      description={`${goes} ${game.clip_count > 0 ? "go" : "goes"} with it, for good. Projects and reels stay.`}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            Delete game
          </Button>
        </>
      }
    >
      {remove.isError ? <Banner tone="loss" title="It is still there." text={sentenceOf(remove.error)} /> : null}
    </Dialog>
  );
}
