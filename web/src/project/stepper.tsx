import { Check, ChevronRight } from "lucide-react";
import { Fragment } from "react";
import { Link } from "react-router";
import { classes } from "../look/classes.ts";
import { Tooltip } from "../look/tooltip.tsx";
import type { OpenedProject, ProjectOut } from "./use_project.ts";

export type At = "clips" | "annotate" | "framing" | "overlay" | "reel";

interface StepperProps {
  readonly at: At;
  readonly project: ProjectOut;
  /** Where Annotate shows the project's footage; null where there is none any more. */
  readonly annotate: string | null;
}

/** A step as it is shown. */
export interface Step {
  readonly at: At;
  readonly label: string;
  readonly path: string | null;
  readonly is_done: boolean;
  /** Why it cannot be gone to, or what is to be said of it. */
  readonly said: string | null;
}

/** Annotate, Framing, Overlay, Reel: which are done, which is here, and why one cannot be gone to yet. */
export function Stepper({ at, project, annotate }: StepperProps) {
  return (
    <nav aria-label="Steps of the reel">
      <ol className="flex items-center gap-0.5">
        {stepsOf(project, annotate).map((step, index) => (
          <Fragment key={step.at}>
            {index > 0 ? (
              <li aria-hidden className="text-quiet">
                <ChevronRight size={14} />
              </li>
            ) : null}
            <li>
              <StepLink step={step} isHere={step.at === at} />
            </li>
          </Fragment>
        ))}
      </ol>
    </nav>
  );
}

function StepLink({ step, isHere }: { readonly step: Step; readonly isHere: boolean }) {
  const { label, path, is_done, said } = step;
  const look = classes(
    "touchable flex h-8 items-center gap-1.5 rounded-plain px-2 font-strong whitespace-nowrap transition-colors duration-(--quick) ease-out",
    isHere ? "bg-selected text-go" : "text-quiet",
    path && !isHere && "hover:bg-hover hover:text-text",
    !path && !isHere && "cursor-not-allowed opacity-70",
  );
  const whole = `${label}${is_done ? ", done" : ""}${said ? `. ${said}` : ""}`;
  const inside = (
    <>
      {is_done ? (
        <span className="grid size-4 place-items-center rounded-full bg-accent text-on-accent">
          <Check aria-hidden size={12} strokeWidth={3} />
        </span>
      ) : null}
      {label}
    </>
  );
  const link =
    path && !isHere ? (
      <Link to={path} aria-label={whole} className={look}>
        {inside}
      </Link>
    ) : isHere ? (
      <span aria-current="step" className={look}>
        {inside}
      </span>
    ) : (
      // A step that is closed stays in the order of the Tab key: there it says why
      <button type="button" aria-disabled aria-label={whole} className={look}>
        {inside}
      </button>
    );
  return said ? (
    <Tooltip text={said} side="bottom">
      {link}
    </Tooltip>
  ) : (
    link
  );
}

/** Return the steps of a project: a tick where one is done and nothing was changed since. */
export function stepsOf(project: ProjectOut, annotate: string | null): readonly Step[] {
  const { id, made, out_of_date, steps, reel_id, clip_count } = project;
  const whyNot = (name: ProjectOut["steps"][number]["step"]) => {
    const step = steps.find((one) => one.step === name);
    return step?.open ? null : (step?.reason ?? "Not yet.");
  };
  const isMade = (one: ProjectOut["made"][number]) => made.includes(one) && !out_of_date.includes(one);
  const old = "It was changed since: make it again.";
  const step = (
    at: At,
    label: string,
    to: string | null,
    why: string | null,
    is_done: boolean,
    note: string | null,
  ) => ({
    at,
    label,
    path: why === null ? to : null,
    is_done,
    said: why ?? note,
  });
  const noGame = annotate === null ? "The game was deleted." : null;
  return [
    step("annotate", "Annotate", annotate, noGame, clip_count > 0, null),
    step(
      "framing",
      "Framing",
      `/projects/${id}/framing`,
      whyNot("framing"),
      isMade("framing"),
      out_of_date.includes("framing") ? old : null,
    ),
    step(
      "overlay",
      "Overlay",
      `/projects/${id}/overlay`,
      whyNot("overlay"),
      isMade("reel"),
      out_of_date.includes("reel") ? old : null,
    ),
    step("reel", "Reel", reel_id && `/gallery/${reel_id}`, whyNot("gallery"), made.includes("reel"), null),
  ];
}

/** Return where Annotate shows a project's footage, with a way back; at a clip of it, or at the first that is there. */
export function annotatePath({ project, editing, clips, sources }: OpenedProject, place?: string): string | null {
  const places = editing.edit.clips.filter(({ id }) => place === undefined || id === place);
  for (const { clip_id, source_id } of places) {
    const game = sources.get(source_id ?? "")?.game;
    if (!game) continue;
    const clip = clip_id !== null && clips.has(clip_id) ? `clip=${clip_id}&` : "";
    return `/games/${game.id}?${place === undefined ? "" : clip}project=${project.id}`;
  }
  return null;
}
