import { useMutation } from "@tanstack/react-query";
import { sentenceOf } from "../api/errors.ts";
import { Banner } from "../look/banner.tsx";
import { Button } from "../look/button.tsx";
import { Dialog } from "../look/dialog.tsx";
import { useToasts } from "../look/toast.tsx";
import { titleOf } from "../project/head.tsx";
import { deleteProject } from "./reading.ts";

interface DeleteProjectProps {
  readonly project: { readonly id: string; readonly title: string };
  readonly onClose: () => void;
  readonly onDeleted?: () => void;
}

/** Asks before a project goes: what goes with it, and what stays. */
export function DeleteProject({ project, onClose, onDeleted }: DeleteProjectProps) {
  const title = titleOf(project.title);
  const remove = useMutation({
    mutationFn: () => deleteProject(project.id),
    onSuccess: () => {
      onClose();
      useToasts.getState().tell({ title: `${title} is deleted` });
      onDeleted?.();
    },
  });
  return (
    <Dialog
      open
      held={remove.isPending}
      onOpenChange={(open) => open || onClose()}
      title={`Delete ${title}?`}
      description="Its order, framing and spotlights go with it, for good. Clips and finished reels stay."
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            Delete project
          </Button>
        </>
      }
    >
      {remove.isError ? <Banner tone="loss" title="It is still there." text={sentenceOf(remove.error)} /> : null}
    </Dialog>
  );
}
