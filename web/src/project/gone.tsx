import { useMutation } from "@tanstack/react-query";
import { CircleHelp, CloudOff } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { Link, useNavigate } from "react-router";
import { isRefusal, sentenceOf } from "../api/errors.ts";
import { Button } from "../look/button.tsx";
import { EmptyState } from "../look/empty.tsx";
import { Loading, Skeleton } from "../look/skeleton.tsx";
import { useToasts } from "../look/toast.tsx";
import { editThing } from "../saving/edits.ts";
import type { Saver } from "../saving/saver.ts";
import { theSaver } from "../saving/sending.ts";
import { copyProject } from "./copying.ts";
import type { Edit } from "./document.ts";
import { unsaved } from "./editing.ts";
import { type OpenedProject, useProject } from "./use_project.ts";

interface WithProjectProps {
  readonly project_id: string;
  /** What stands there while the project is coming: the shape of the screen. */
  readonly coming?: ReactNode;
  readonly children: (opened: OpenedProject) => ReactNode;
}

/** A screen of a project, and what stands in its place while there is none: coming, gone, or nobody answers. */
export function WithProject({ project_id, coming, children }: WithProjectProps) {
  const { opened, fault, again } = useProject(project_id);
  if (isRefusal(fault, "not_found", "bad_field")) return <ProjectGone project_id={project_id} />;
  if (opened) return children(opened);
  if (fault) return <ProjectAway fault={fault} onAgain={again} />;
  return <Loading label="Loading the project">{coming ?? <Coming />}</Loading>;
}

/** A project that was deleted, or somebody else's; what was changed here and not saved can be kept. */
export function ProjectGone({ project_id }: { readonly project_id: string }) {
  const [left, setLeft] = useState<{ readonly saver: Saver; readonly edit: Edit } | null>(null);
  const navigate = useNavigate();
  useEffect(() => {
    void theSaver().then((saver) => {
      const edit = unsaved(saver.saves, editThing(project_id));
      setLeft(edit && { saver, edit });
    });
  }, [project_id]);
  const letGo = () => {
    left?.saver.takeTheirs(editThing(project_id));
    setLeft(null);
  };
  const copy = useMutation({
    mutationFn: (edit: Edit) => copyProject(edit),
    onSuccess: (id) => {
      letGo();
      void navigate(`/projects/${id}`);
    },
    onError: (error) =>
      useToasts.getState().tell({ title: "The copy was not made", text: sentenceOf(error), tone: "loss" }),
  });
  return (
    <Middle>
      <EmptyState
        icon={CircleHelp}
        title={left ? "This project was deleted elsewhere" : "This project is not here"}
        text={
          left
            ? "What you changed in it is still here. It can become a project of its own."
            : "It was deleted, or it belongs to somebody else. Reels that were made of it are still in the gallery."
        }
        actions={
          left ? (
            <>
              <Button kind="go" busy={copy.isPending} onClick={() => copy.mutate(left.edit)}>
                Keep mine as a copy
              </Button>
              <Button onClick={letGo}>Let it go</Button>
            </>
          ) : (
            <Link
              to="/projects"
              className="inline-flex h-10 items-center rounded-plain bg-accent px-4 font-strong text-on-accent hover:bg-accent-hover"
            >
              To the projects
            </Link>
          )
        }
      />
    </Middle>
  );
}

function ProjectAway({ fault, onAgain }: { readonly fault: unknown; readonly onAgain: () => void }) {
  return (
    <Middle>
      <EmptyState
        icon={CloudOff}
        title="This project cannot be opened now"
        text={sentenceOf(fault)}
        actions={
          <Button kind="go" onClick={onAgain}>
            Try again
          </Button>
        }
      />
    </Middle>
  );
}

function Middle({ children }: { readonly children: ReactNode }) {
  return <div className="mx-auto w-full max-w-160 p-4 pt-16">{children}</div>;
}

function Coming() {
  return (
    <div className="grid h-[calc(100dvh-var(--head))] content-start gap-4">
      <div className="flex h-12 items-center px-4">
        <Skeleton className="h-5 w-48" />
      </div>
      <Skeleton className="mx-4 h-[50dvh]" />
      <Skeleton className="mx-4 h-26" />
    </div>
  );
}
