import { useMutation } from "@tanstack/react-query";
import { answered, api } from "../api/client.ts";
import { sentenceOf } from "../api/errors.ts";
import { names, queries } from "../api/queries.ts";
import { Banner } from "../look/banner.tsx";
import { Button } from "../look/button.tsx";
import { useToasts } from "../look/toast.tsx";
import type { EditClip } from "../project/document.ts";
import { type OpenedProject, refreshProject } from "../project/use_project.ts";
import { nameOf } from "./clips.tsx";

interface NewBoundariesProps {
  readonly opened: OpenedProject;
  readonly clips: readonly EditClip[];
}

/** Clips that were given other boundaries in Annotate since they were framed: the person says which stay. */
export function NewBoundaries({ opened, clips }: NewBoundariesProps) {
  const { editing, saver, project } = opened;
  const changed = clips.filter(({ id }) => project.changed_clips.includes(id));
  const answer = useMutation({
    mutationFn: async (said: "use_new_boundaries" | "keep_boundaries") => {
      await saver.flushed();
      const path = { id: project.id };
      const now = await answered(api.GET("/api/projects/{id}", { params: { path } })); // saves have raised its revision
      const body = { revision: now.revision, [said]: changed.map(({ id }) => id) };
      queries.setQueryData(
        names.project(project.id),
        await answered(api.PATCH("/api/projects/{id}", { params: { path }, body: body as never })),
      );
      await editing.load();
    },
    onSettled: () => refreshProject(project.id),
    onError: (error) =>
      useToasts.getState().tell({ title: "That was not taken over", text: sentenceOf(error), tone: "loss" }),
  });
  const [first] = changed;
  if (!first) return null;
  const name = nameOf(opened, first, clips.indexOf(first));
  return (
    <div className="px-2 pt-2 tablet:px-4">
      <Banner
        tone="doubt"
        title={
          changed.length === 1
            ? `${name} begins or ends elsewhere since it was framed.`
            : `${changed.length} clips begin or end elsewhere since they were framed.`
        }
        text="Crops and speeds stay where they are in the footage."
        actions={
          <>
            <Button measure="small" busy={answer.isPending} onClick={() => answer.mutate("use_new_boundaries")}>
              Use the new
            </Button>
            <Button measure="small" busy={answer.isPending} onClick={() => answer.mutate("keep_boundaries")}>
              Keep
            </Button>
          </>
        }
      />
    </div>
  );
}
