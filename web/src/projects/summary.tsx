import { Crop, Sparkles } from "lucide-react";
import { useNavigate } from "react-router";
import { saidMoment } from "../editing/said.ts";
import { Button } from "../look/button.tsx";
import { type Edit, isFramed } from "../project/document.ts";
import type { OpenedProject } from "../project/use_project.ts";
import { isChanged } from "./desk.ts";
import { clipsSaid, lastsOf } from "./saying.ts";

interface SummaryProps {
  readonly opened: OpenedProject;
  readonly edit: Edit;
  readonly onTakeAll: (ids: readonly string[]) => void;
}

/** How long the reel is, how far it is, and what to do next: beside the clips, on a phone below them. */
export function Summary({ opened, edit, onTakeAll }: SummaryProps) {
  const navigate = useNavigate();
  const { project } = opened;
  const framed = edit.clips.filter((clip) => isFramed(clip, edit.aspect)).length;
  const changed = edit.clips.filter((clip) => isChanged(opened, clip));
  const count = edit.clips.length;
  const has_framing = project.made.includes("framing") && !project.out_of_date.includes("framing");
  const next = has_framing
    ? { label: "Set the spotlight", icon: Sparkles, path: `/projects/${project.id}/overlay` }
    : { label: "Frame the clips", icon: Crop, path: `/projects/${project.id}/framing` };
  return (
    <aside
      aria-label="The reel"
      className="max-desk:fixed max-desk:inset-x-0 max-desk:bottom-0 max-desk:z-10 max-desk:flex max-desk:items-center max-desk:gap-4 max-desk:border-line max-desk:border-t max-desk:bg-surface max-desk:px-4 max-desk:py-3 max-desk:pb-[max(12px,env(safe-area-inset-bottom))] desk:sticky desk:top-[calc(var(--head)+80px)] desk:grid desk:gap-5 desk:self-start desk:rounded-plain desk:border desk:border-line desk:bg-surface desk:p-5"
    >
      <div className="flex-1">
        <p className="text-12 text-quiet">Length</p>
        <output className="font-strong text-20 desk:text-28">{saidMoment(lastsOf(edit))}</output>
      </div>
      <dl className="grid grid-cols-[1fr_auto] gap-y-2 max-desk:hidden">
        <dt className="text-quiet">Clips</dt>
        <dd className="tabular text-right">{count}</dd>
        <dt className="text-quiet">Shape</dt>
        <dd className="tabular text-right">{edit.aspect}</dd>
        <dt className="text-quiet">Framed</dt>
        <dd className={`tabular text-right ${count > 0 && framed === count ? "text-go" : ""}`}>
          {framed} of {count}
        </dd>
      </dl>
      {changed.length > 1 ? (
        <div className="grid gap-2 rounded-plain bg-doubtful p-3 max-desk:hidden">
          <p className="text-12">{clipsSaid(changed.length)} have a new start or end in Annotate.</p>
          <Button measure="small" onClick={() => onTakeAll(changed.map(({ id }) => id))}>
            Use all the new
          </Button>
        </div>
      ) : null}
      <Button
        kind={count ? "go" : "plain"}
        icon={next.icon}
        blocked={count ? null : "Add a clip first."}
        onClick={() => void navigate(next.path)}
      >
        {next.label}
      </Button>
    </aside>
  );
}
