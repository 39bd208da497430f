import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { isRefusal, sentenceOf } from "../api/errors.ts";
import { Banner } from "../look/banner.tsx";
import { Button } from "../look/button.tsx";
import { Dialog } from "../look/dialog.tsx";
import { TextField } from "../look/field.tsx";
import { MOST_TITLE } from "../project/document.ts";
import { type ProjectListed, refreshProjects, renameProject } from "./reading.ts";

interface RenameProps {
  readonly project: ProjectListed;
  readonly onClose: () => void;
}

/** What a project is called, to be changed. */
export function Rename({ project, onClose }: RenameProps) {
  const [title, setTitle] = useState(project.title);
  const save = useMutation({
    mutationFn: () => renameProject(project, title.trim()),
    onSuccess: onClose,
    onError: (error) => isRefusal(error, "stale_revision") && refreshProjects(),
  });
  const stale = isRefusal(save.error, "stale_revision");
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title="Rename project"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="go" submits form="rename" busy={save.isPending}>
            {stale ? "Save mine" : "Save"}
          </Button>
        </>
      }
    >
      <form
        id="rename"
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <TextField
          label="Title"
          value={title}
          maxLength={MOST_TITLE}
          placeholder="Mia, spring"
          onChange={(event) => setTitle(event.target.value)}
        />
        {save.isError ? (
          <Banner
            tone={stale ? "doubt" : "loss"}
            title={stale ? "This project was changed elsewhere in the meantime." : "It was not saved."}
            text={stale ? "Save again to keep what stands here." : sentenceOf(save.error)}
          />
        ) : null}
      </form>
    </Dialog>
  );
}
