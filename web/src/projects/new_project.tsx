import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { sentenceOf } from "../api/errors.ts";
import type { Game } from "../api/games.ts";
import { Banner } from "../look/banner.tsx";
import { Button } from "../look/button.tsx";
import { Dialog } from "../look/dialog.tsx";
import { TextField } from "../look/field.tsx";
import { type Aspect, MOST_CLIPS, MOST_TITLE } from "../project/document.ts";
import { Picker } from "./picker.tsx";
import { beginProject, type ClipOut } from "./reading.ts";
import { clipsSaid } from "./saying.ts";
import { Shape } from "./shape.tsx";

interface NewProjectProps {
  readonly games: readonly Game[];
  readonly onClose: () => void;
}

/** A project to be: its shape, its clips. */
export function NewProject({ games, onClose }: NewProjectProps) {
  const [aspect, setAspect] = useState<Aspect>("9:16");
  const [title, setTitle] = useState("");
  const [chosen, choose] = useState<readonly ClipOut[]>([]);
  const navigate = useNavigate();
  const begin = useMutation({
    mutationFn: () => beginProject({ clip_ids: chosen.map(({ id }) => id), aspect, title }),
    onSuccess: (id) => {
      onClose();
      void navigate(`/projects/${id}`);
    },
  });
  return (
    <Dialog
      open
      held={begin.isPending}
      onOpenChange={(open) => open || onClose()}
      title="New project"
      description="The clips one after another become a reel. Order and shape can be changed later."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="go"
            busy={begin.isPending}
            blocked={chosen.length ? null : "Choose a clip first."}
            onClick={() => begin.mutate()}
          >
            {chosen.length ? `Begin with ${clipsSaid(chosen.length)}` : "Begin"}
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <div className="grid gap-1">
          <span className="font-strong text-12">Shape</span>
          <Shape value={aspect} onChange={setAspect} />
        </div>
        <TextField
          label="Title"
          hint="It can wait."
          value={title}
          maxLength={MOST_TITLE}
          placeholder="Mia, spring"
          onChange={(event) => setTitle(event.target.value)}
        />
        <Picker games={games} chosen={chosen} onChange={choose} most={MOST_CLIPS} />
        {begin.isError ? <Banner tone="loss" title="It was not begun." text={sentenceOf(begin.error)} /> : null}
      </div>
    </Dialog>
  );
}
