import { CircleCheck, Ellipsis, Pencil, Star, Trash2, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import type { Source } from "../api/games.ts";
import { IconButton } from "../look/button.tsx";
import { Menu } from "../look/menu.tsx";
import { titleOf } from "../project/head.tsx";
import { DeleteProject } from "./delete_project.tsx";
import type { ProjectListed } from "./reading.ts";
import { Rename } from "./rename.tsx";
import { changedSaid, clipsSaid, standingSaid } from "./saying.ts";
import { Still } from "./still.tsx";

interface ProjectCardProps {
  readonly project: ProjectListed;
  /** Of its first clip; null where there is none any more. */
  readonly source: Source | null;
}

/** A project: its picture in its shape, how far it is. The whole card leads to it. */
export function ProjectCard({ project, source }: ProjectCardProps) {
  const [asked, ask] = useState<"rename" | "delete" | null>(null);
  const title = titleOf(project.title);
  const { cover, aspect } = project;
  const standing = standingSaid(project);
  const changed = project.changed_clips.length;
  return (
    <article
      aria-label={title}
      className="group relative flex flex-col overflow-hidden rounded-plain border border-line bg-surface transition-colors duration-(--quick) ease-out hover:border-outline"
    >
      {cover ? (
        <Still
          source={source}
          moment={cover}
          aspect={aspect}
          crop={cover.crop ? { keys: [keyOf(cover.crop, cover.pts)] } : null}
          rotation_deg={cover.rotation_deg}
        />
      ) : (
        <Blank />
      )}
      <div className="flex flex-1 items-start gap-2 p-4 pr-2">
        <div className="grid min-w-0 flex-1 grid-cols-1 gap-1">
          <h2 className="flex items-center gap-2 text-16 font-strong">
            <Link
              to={`/projects/${project.id}`}
              dir="auto"
              className="min-w-0 truncate outline-none after:absolute after:inset-0 after:rounded-plain focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-(--focus)"
            >
              {title}
            </Link>
            {project.automatic ? (
              <span className="flex shrink-0 items-center gap-1 rounded-full bg-selected px-2 py-0.5 font-strong text-12 text-go">
                <Star aria-hidden size={12} />
                By itself
              </span>
            ) : null}
          </h2>
          <p className="tabular flex flex-wrap items-center gap-x-2 text-quiet">
            {aspect} · {clipsSaid(project.clip_count)}
            {standing.is_made ? null : ` · ${standing.text}`}
            {standing.is_made ? (
              <span className="flex items-center gap-1 text-go">
                <CircleCheck aria-hidden size={16} />
                {standing.text}
              </span>
            ) : null}
          </p>
          <p className="tabular truncate text-12 text-quiet">Changed {changedSaid(project.updated_at, Date.now())}</p>
          {changed ? (
            <p className="flex items-center gap-1 text-12 text-doubt">
              <TriangleAlert aria-hidden size={14} />
              {changed === 1 ? "One clip has" : `${changed} clips have`} a new start or end
            </p>
          ) : null}
        </div>
        <div className="relative -my-2">
          <Menu
            trigger={<IconButton icon={Ellipsis} label={`More for ${title}`} />}
            groups={[
              [{ id: "rename", label: "Rename", icon: Pencil, onSelect: () => ask("rename") }],
              [{ id: "delete", label: "Delete project", icon: Trash2, loses: true, onSelect: () => ask("delete") }],
            ]}
          />
        </div>
      </div>
      {asked === "rename" ? <Rename project={project} onClose={() => ask(null)} /> : null}
      {asked === "delete" ? <DeleteProject project={project} onClose={() => ask(null)} /> : null}
    </article>
  );
}

function Blank() {
  return (
    <div aria-hidden className="grid aspect-video place-items-center bg-ground">
      <span className="h-3/4 rounded-plain border border-line border-dashed" style={{ aspectRatio: "9 / 16" }} />
    </div>
  );
}

function keyOf(crop: readonly number[], pts: number) {
  const [cx = 0.5, cy = 0.5, h = 1] = crop;
  return { id: "", pts, cx, cy, h, ease: "smooth", by: "hand" } as const;
}
