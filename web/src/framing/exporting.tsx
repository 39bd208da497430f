import { useMutation, useQuery } from "@tanstack/react-query";
import { ArrowRight, Sparkles } from "lucide-react";
import { Link } from "react-router";
import { answered, api } from "../api/client.ts";
import { sentenceOf } from "../api/errors.ts";
import { names } from "../api/queries.ts";
import { hasEnded } from "../editing/jobs.ts";
import { Button } from "../look/button.tsx";
import { Progress } from "../look/progress.tsx";
import { useToasts } from "../look/toast.tsx";
import type { Edit } from "../project/document.ts";
import { type OpenedProject, refreshProject } from "../project/use_project.ts";
import { type JobShown, useJobs, watchJobs } from "../shell/jobs.ts";
import { kindSaid, paceSaid, phaseSaid } from "../shell/words.ts";
import { nameOf } from "./clips.tsx";
import { type Estimate, estimateSaid, missingSaid } from "./saying.ts";

/** What an export will be; asked for anew with every save. */
export function useEstimate({ project }: OpenedProject, edit: Edit): Estimate | null {
  const { data } = useQuery({
    queryKey: [...names.project(project.id), "estimate", edit.head_revision],
    queryFn: ({ signal }) =>
      answered(api.GET("/api/projects/{id}/estimate", { params: { path: { id: project.id } }, signal })),
    placeholderData: (before) => before,
  });
  return data ?? null;
}

interface ExportingProps {
  readonly opened: OpenedProject;
  readonly edit: Edit;
  readonly estimate: Estimate | null;
}

/** What it will be, the button that begins it, how far it is; and the way on as soon as the draft is there. */
export function Exporting({ opened, edit, estimate }: ExportingProps) {
  const { project, saver } = opened;
  const jobs = useFramingJobs(project.id);
  const missing = missingSaid(edit, (id) => {
    const place = edit.clips.findIndex((clip) => clip.id === id);
    const clip = edit.clips[place];
    return clip ? nameOf(opened, clip, place) : "";
  });
  const begin = useMutation({
    mutationFn: async () => {
      if (!(await saver.flushed())) throw new Error();
      const path = { id: project.id };
      await answered(api.POST("/api/projects/{id}/exports", { params: { path }, body: { stage: "framing" } }));
    },
    onSuccess: () => {
      watchJobs();
      refreshProject(project.id);
    },
    onError: (error) => {
      const text = error.message ? sentenceOf(error) : "Not everything is saved yet. It is kept here; try it again.";
      useToasts.getState().tell({ title: "The framing did not begin", text, tone: "loss" });
    },
  });
  const drafted = project.draft && !project.draft.out_of_date;
  const finished = project.framing && !project.framing.out_of_date;
  const isNext = !drafted && jobs.length === 0;
  // What is under way is made of the edit as it is, unless the draft says otherwise
  const isUnderWay = jobs.length > 0 && (drafted || !project.draft);
  return (
    <section aria-label="Make the framing" className="grid gap-3 border-line border-t bg-surface p-4">
      {jobs.length > 0 ? <Going jobs={jobs} /> : null}
      {finished ? (
        <p className="text-12 text-quiet">Framed as it stands. Change anything, and only that is made anew.</p>
      ) : jobs.length === 0 && estimate ? (
        <p className="tabular text-12 text-quiet" data-testid="estimate">
          {estimateSaid(estimate).join(" · ")}
        </p>
      ) : null}
      <div className="flex flex-wrap items-center gap-2 *:flex-1">
        {finished || isUnderWay ? null : (
          <Button
            kind={isNext ? "go" : "plain"}
            icon={Sparkles}
            blocked={missing}
            busy={begin.isPending}
            onClick={() => begin.mutate()}
          >
            {jobs.length > 0 ? "Frame it anew" : "Frame it"}
          </Button>
        )}
        {drafted || finished ? (
          <Link
            to={`/projects/${project.id}/overlay`}
            className="inline-flex h-10 items-center justify-center gap-2 rounded-plain bg-accent px-4 font-strong whitespace-nowrap text-on-accent hover:bg-accent-hover"
          >
            {finished ? "On to Overlay" : "Overlay, on the draft"}
            <ArrowRight aria-hidden size={18} />
          </Link>
        ) : null}
      </div>
    </section>
  );
}

function Going({ jobs }: { readonly jobs: readonly JobShown[] }) {
  return (
    <div className="grid gap-2">
      {jobs.map((shown) => {
        const { job, heard } = shown;
        const known = heard.total > 0;
        return (
          <Progress
            key={job.id}
            label={heard.phase === "rendering" ? kindSaid(job) : phaseSaid(shown)} // the draft and the picture, apart
            done={known ? heard.done : null}
            total={known ? heard.total : null}
            said={paceSaid(heard.fps, heard.eta_s)}
          />
        );
      })}
    </div>
  );
}

/** The framings of this project that are under way, its draft first. */
function useFramingJobs(project_id: string): readonly JobShown[] {
  const known = useJobs((state) => state.known);
  return [...known.values()]
    .filter(({ job, heard }) => job.kind === "framing" && job.project_id === project_id && !hasEnded(heard))
    .sort((a, b) => Number(b.job.draft) - Number(a.job.draft));
}
