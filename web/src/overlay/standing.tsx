import { useState } from "react";
import { Link } from "react-router";
import { answered, api } from "../api/client.ts";
import { sentenceOf } from "../api/errors.ts";
import { Banner } from "../look/banner.tsx";
import { Button } from "../look/button.tsx";
import { useToasts } from "../look/toast.tsx";
import { type OpenedProject, refreshProject } from "../project/use_project.ts";
import { watchJobs } from "../shell/jobs.ts";
import { leftSaid } from "../shell/words.ts";
import { useOpenJob } from "./make_reel.tsx";
import { type Coming, comingSaid } from "./segments.ts";
import type { Framed } from "./use_picture.ts";

interface StandsProps {
  readonly framed: Framed;
  readonly coming: Coming;
  readonly project_id: string;
}

/** Over the picture: that it is a draft, and how far the AI picture is, which takes its place segment by segment. */
export function Stands({ framed, coming, project_id }: StandsProps) {
  const framing = useOpenJob(project_id, "framing");
  if (!framed.is_draft) return null;
  const { done = 0, total = 0, eta_s = null } = framing?.heard ?? {};
  const far = total > 0 ? `${Math.floor((done / total) * 100)} %` : "";
  const left = eta_s === null ? "" : leftSaid(eta_s);
  const segments = comingSaid(coming);
  const said = framing
    ? [segments ? `AI picture: ${segments}` : "AI picture", far, left].filter(Boolean).join(" · ")
    : "";
  return (
    <p className="pointer-events-none absolute top-2 left-2 z-10 flex items-center gap-2 rounded-plain bg-scrim px-3 py-1.5 text-12 text-on-scrim">
      <span className="font-strong">Draft</span>
      {said ? <output>{said}</output> : null}
    </p>
  );
}

/** The framing was changed after this video was made: it is made anew with one press, and all that was placed stays. */
export function Old({ framed, opened }: { readonly framed: Framed; readonly opened: OpenedProject }) {
  const { project, saver } = opened;
  const framing = useOpenJob(project.id, "framing");
  const [busy, setBusy] = useState(false);
  if (!framed.is_old) return null;
  const closed = project.steps.find(({ step, open }) => step === "framing_export" && !open)?.reason ?? null;
  const renew = async () => {
    setBusy(true);
    try {
      await saver.flushed();
      const body = { stage: "framing" as const, use_default_crops: false, draft_will_do: false };
      await answered(api.POST("/api/projects/{id}/exports", { params: { path: { id: project.id } }, body }));
      watchJobs();
      refreshProject(project.id);
    } catch (error) {
      useToasts
        .getState()
        .tell({ title: "The picture cannot be made anew now", text: sentenceOf(error), tone: "loss" });
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="px-2 pb-2 tablet:px-4">
      <Banner
        tone="doubt"
        title="The framing was changed since this picture was made."
        text="Spotlights are kept; they are shown again on the new picture. A draft of it takes seconds."
        actions={
          <>
            <Button measure="small" busy={busy || framing !== null} blocked={closed} onClick={() => void renew()}>
              Make the picture anew
            </Button>
            <Link
              to={`/projects/${project.id}/framing`}
              className="inline-flex h-8 items-center rounded-plain px-3 font-strong hover:bg-hover"
            >
              To Framing
            </Link>
          </>
        }
      />
    </div>
  );
}
