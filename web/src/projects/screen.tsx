import { Clapperboard, Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { sentenceOf } from "../api/errors.ts";
import { useGames } from "../api/games.ts";
import { Button } from "../look/button.tsx";
import { EmptyState, NotRead } from "../look/empty.tsx";
import { Loading, Skeleton } from "../look/skeleton.tsx";
import { useHotkeys } from "../shell/hotkeys.ts";
import { useScreenTitle } from "../shell/title.ts";
import { ProjectCard } from "./card.tsx";
import { NewProject } from "./new_project.tsx";
import { useProjects } from "./reading.ts";

/** Every reel that is being made, the one that was changed last first; new ones begin here. */
export default function ProjectsScreen() {
  useScreenTitle("Projects");
  const projects = useProjects();
  const games = useGames();
  const [begins, begin] = useState(false);
  const sources = useMemo(
    () => new Map((games.data ?? []).flatMap((game) => game.sources.map((source) => [source.id, source] as const))),
    [games.data],
  );
  const has_clips = games.data?.some((game) => game.clip_count > 0) ?? false;
  useHotkeys([{ keys: ["N"], label: "New project", group: "Projects", run: () => has_clips && begin(true) }]);
  const add = (
    <Button
      kind="go"
      icon={Plus}
      keys="N"
      blocked={has_clips || !games.data ? null : "Mark clips in a game first."}
      onClick={() => begin(true)}
    >
      New project
    </Button>
  );
  const isEmpty = projects.data?.length === 0;
  return (
    <div className="mx-auto grid w-full max-w-360 gap-6 p-4 tablet:p-6 desk:p-8">
      <div className="flex min-h-10 flex-wrap items-center justify-between gap-3">
        <h1 className="text-28">Projects</h1>
        {projects.data && !isEmpty ? add : null}
      </div>
      {projects.data ? (
        isEmpty ? (
          <FirstProject add={has_clips ? add : null} />
        ) : (
          <ul className={GRID}>
            {projects.data.map((project) => (
              <li key={project.id} className="min-w-0">
                <ProjectCard project={project} source={sources.get(project.cover?.source_id ?? "") ?? null} />
              </li>
            ))}
          </ul>
        )
      ) : projects.isError ? (
        <NotRead
          title="The projects are not here yet"
          text={sentenceOf(projects.error)}
          isTrying={projects.isFetching}
          onAgain={() => void projects.refetch()}
        />
      ) : (
        <Coming />
      )}
      {begins ? <NewProject games={games.data ?? []} onClose={() => begin(false)} /> : null}
    </div>
  );
}

const GRID = "grid grid-cols-[repeat(auto-fill,minmax(min(100%,280px),1fr))] items-start gap-4 tablet:gap-6";

function FirstProject({ add }: { readonly add: React.ReactNode }) {
  return (
    <EmptyState
      icon={Clapperboard}
      title={add ? "Make a reel of your clips" : "Reels begin with clips"}
      text={
        add
          ? "Choose the clips and the shape. A clip that you rate with five stars begins a project by itself."
          : "Mark what happened in a game. A clip that you rate with five stars begins a project by itself."
      }
      actions={
        add ?? (
          <Link
            to="/"
            className="inline-flex h-10 items-center rounded-plain bg-accent px-4 font-strong text-on-accent hover:bg-accent-hover"
          >
            To the games
          </Link>
        )
      }
    />
  );
}

function Coming() {
  return (
    <Loading label="Loading projects">
      <div className={GRID}>
        {["a", "b", "c", "d"].map((one) => (
          <div key={one} className="overflow-hidden rounded-plain border border-line bg-surface">
            <Skeleton className="aspect-video rounded-none" />
            <div className="grid gap-2 p-4">
              <Skeleton className="h-6 w-40" />
              <Skeleton className="h-5 w-28" />
              <Skeleton className="h-4 w-24" />
            </div>
          </div>
        ))}
      </div>
    </Loading>
  );
}
