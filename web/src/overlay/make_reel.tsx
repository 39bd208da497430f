import { Clapperboard, EllipsisVertical } from "lucide-react";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import { create } from "zustand";
import { answered, api } from "../api/client.ts";
import { sentenceOf } from "../api/errors.ts";
import { hasEnded } from "../editing/jobs.ts";
import { Button, IconButton } from "../look/button.tsx";
import { Menu } from "../look/menu.tsx";
import { Progress } from "../look/progress.tsx";
import { useToasts } from "../look/toast.tsx";
import { type OpenedProject, refreshProject } from "../project/use_project.ts";
import { type JobShown, useJobs, watchJobs } from "../shell/jobs.ts";
import { paceSaid, phaseSaid } from "../shell/words.ts";
import type { Framed } from "./use_picture.ts";

/** Projects whose reel was asked for here: a short one may be done before anybody heard of it. */
export const useAsked = create<{ readonly projects: ReadonlySet<string> }>(() => ({ projects: new Set() }));

interface MakeReelProps {
  readonly opened: OpenedProject;
  readonly framed: Framed;
}

/** The last step: make the reel of what is there. It says what it waits for, how far it is, and what is out of date. */
export function MakeReel({ opened, framed }: MakeReelProps) {
  const { project } = opened;
  const framing = useOpenJob(project.id, "framing");
  const making = useOpenJob(project.id, "overlay");
  const [busy, setBusy] = useState(false);
  const step = project.steps.find((one) => one.step === "overlay_export");
  const blocked = step?.open || (framing && !framed.is_old) ? null : (step?.reason ?? null);
  const isOld = project.out_of_date.includes("reel");
  const isMade = project.made.includes("reel");

  useEffect(() => {
    if (isMade && !isOld && making === null) useAsked.setState({ projects: new Set() });
  }, [isMade, isOld, making]);

  const make = async (draft_will_do: boolean) => {
    setBusy(true);
    const { tell } = useToasts.getState();
    try {
      if (!(await opened.saver.flushed())) {
        tell({
          title: "Not everything is saved yet",
          text: "The reel is made of what is saved. Try again in a moment.",
        });
        return;
      }
      const path = { id: project.id };
      const asked = { stage: "overlay" as const, draft_will_do };
      const { jobs } = await answered(
        api.POST("/api/projects/{id}/exports", { params: { path }, body: { ...asked, use_default_crops: false } }),
      );
      watchJobs();
      refreshProject(project.id);
      useAsked.setState({ projects: new Set([project.id]) });
      const waits = jobs.some(({ waits_for }) => waits_for !== null);
      const there = jobs.every(({ settled_at }) => settled_at !== null);
      if (there) tell({ title: "This reel is made already", text: "Nothing was changed since." });
      else if (jobs.some(({ id }) => id === making?.job.id)) tell({ title: "This reel is being made already" });
      else if (waits) tell({ title: "The reel waits for the AI picture", text: "Then it is made by itself." });
    } catch (error) {
      tell({ title: "The reel cannot be made now", text: sentenceOf(error), tone: "loss" });
    } finally {
      setBusy(false);
    }
  };

  return (
    <section
      aria-label="The reel"
      className="grid gap-2 border-line border-t bg-ground p-4 pb-[max(16px,env(safe-area-inset-bottom))]"
    >
      {making ? <Making making={making} framing={framing} /> : null}
      {making ? null : <Standing isMade={isMade} isOld={isOld} project_id={project.reel_id} framing={framing} />}
      <div className="flex gap-2">
        <Button
          kind="go"
          icon={Clapperboard}
          className="flex-1"
          busy={busy}
          blocked={blocked}
          onClick={() => void make(false)}
        >
          {isMade && isOld ? "Make reel again" : "Make reel"}
        </Button>
        {framed.is_draft && !framed.is_old ? (
          <Menu
            trigger={<IconButton icon={EllipsisVertical} label="Other ways to make it" kind="plain" />}
            groups={[
              [
                {
                  id: "draft",
                  label: "Make it of the draft, marked as one",
                  icon: Clapperboard,
                  onSelect: () => void make(true),
                },
              ],
            ]}
          />
        ) : null}
      </div>
    </section>
  );
}

function Making({ making, framing }: { readonly making: JobShown; readonly framing: JobShown | null }) {
  const waits = making.job.waits_for !== null && making.heard.state === "queued";
  const shown = waits && framing ? framing : making;
  const { done, total, fps, eta_s } = shown.heard;
  const label = waits ? `Waits for the AI picture. ${phaseSaid(shown)}` : phaseSaid(shown);
  return <Progress label={label} done={total ? done : null} total={total || null} said={paceSaid(fps, eta_s)} />;
}

interface StandingProps {
  readonly isMade: boolean;
  readonly isOld: boolean;
  readonly project_id: string | null;
  readonly framing: JobShown | null;
}

/** Whether there is a reel, whether it is of now, and what a new one would wait for. */
function Standing({ isMade, isOld, project_id: reel_id, framing }: StandingProps) {
  if (isMade && reel_id) {
    return (
      <p className="flex items-baseline justify-between gap-2">
        <span className={isOld ? "text-doubt" : "text-quiet"}>
          {isOld ? "The reel is out of date: it was changed since." : "The reel is made."}
        </span>
        <Link to={`/gallery/${reel_id}`} className="shrink-0 font-strong text-go underline-offset-2 hover:underline">
          See it
        </Link>
      </p>
    );
  }
  if (!framing) return null;
  return <p className="text-quiet text-pretty">You can make it now: it waits for the AI picture by itself.</p>;
}

/** Return the newest job of that kind of a project that has not ended; null for none. */
export function useOpenJob(project_id: string, kind: "framing" | "overlay"): JobShown | null {
  return useJobs(({ known }) => {
    const found = [...known.values()].filter(
      ({ job, heard }) => job.project_id === project_id && job.kind === kind && !job.draft && !hasEnded(heard),
    );
    return found.sort((a, b) => b.job.created_at.localeCompare(a.job.created_at))[0] ?? null;
  });
}
