import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { isRefusal, sentenceOf } from "../api/errors.ts";
import { type Game, refreshGames } from "../api/games.ts";
import { Banner } from "../look/banner.tsx";
import { Button } from "../look/button.tsx";
import { Dialog } from "../look/dialog.tsx";
import { changeGame, type Said } from "./adding.ts";
import { GameForm } from "./game_form.tsx";

interface GameDialogProps {
  readonly game: Game;
  readonly onClose: () => void;
}

/** What is said of a game, to be changed. */
export function EditGame({ game, onClose }: GameDialogProps) {
  const { opponent, match_date, venue } = game;
  const [said, say] = useState<Said>({ opponent, match_date, venue });
  const save = useMutation({
    mutationFn: () => changeGame(game, said),
    onSuccess: onClose,
    onError: (error) => isRefusal(error, "stale_revision") && refreshGames(),
  });
  const stale = isRefusal(save.error, "stale_revision");
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title="Edit game"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="go" submits form="edit-game" busy={save.isPending}>
            {stale ? "Save mine" : "Save"}
          </Button>
        </>
      }
    >
      <form
        id="edit-game"
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <GameForm said={said} onChange={say} />
        {save.isError ? (
          <Banner
            tone={stale ? "doubt" : "loss"}
            title={stale ? "This game was changed elsewhere in the meantime." : "It was not saved."}
            text={stale ? "Save again to keep what stands here." : sentenceOf(save.error)}
          />
        ) : null}
      </form>
    </Dialog>
  );
}
