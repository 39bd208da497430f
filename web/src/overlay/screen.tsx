import { Crop, LoaderCircle } from "lucide-react";
import { useEffect } from "react";
import { Link, useParams } from "react-router";
import { EmptyState } from "../look/empty.tsx";
import { WithProject } from "../project/gone.tsx";
import { ProjectHead, titleOf } from "../project/head.tsx";
import { type OpenedProject, refreshProject, useEdited } from "../project/use_project.ts";
import { watchJobs } from "../shell/jobs.ts";
import { useScreenTitle } from "../shell/title.ts";
import { useAsked, useOpenJob } from "./make_reel.tsx";
import { type Framed, useFramed } from "./use_picture.ts";
import { Workspace } from "./workspace.tsx";

/** Overlay: spotlights, names and texts on a project's framed video, and the reel that is made of it. */
export default function Overlay() {
  const { projectId = "" } = useParams();
  return <WithProject project_id={projectId}>{(opened) => <Opened key={projectId} opened={opened} />}</WithProject>;
}

/** While something is being made of the project it is asked for again so often, should nothing else tell. */
const LOOK_MS = 4000;

function useLookingAgain({ id }: OpenedProject["project"], framed: Framed | null) {
  const framing = useOpenJob(id, "framing");
  const making = useOpenJob(id, "overlay");
  const asked = useAsked((state) => state.projects.has(id));
  const waits = framed?.is_draft || framed?.is_old || framing !== null || making !== null || asked;
  useEffect(() => {
    if (!waits) return;
    const look = () => {
      if (document.hidden) return;
      refreshProject(id);
      watchJobs(); // another device may have begun one
    };
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, [waits, id]);
}

function Opened({ opened }: { readonly opened: OpenedProject }) {
  const title = useEdited(opened, (state) => state.edit.title);
  const framed = useFramed(opened.project);
  const comes = useOpenJob(opened.project.id, "framing") !== null;
  useLookingAgain(opened.project, framed);
  useScreenTitle(`Overlay: ${titleOf(title)}`);
  if (framed) return <Workspace opened={opened} framed={framed} />;
  return (
    <div>
      <ProjectHead opened={opened} at="overlay" />
      <div className="mx-auto w-full max-w-160 p-4 pt-12">
        {comes ? (
          <EmptyState
            icon={LoaderCircle}
            title="The draft is on its way"
            text="A few seconds more, and this step opens on it."
          />
        ) : (
          <EmptyState
            icon={Crop}
            title="There is nothing to draw on yet"
            text="Frame the clips first. A draft is there within seconds, and this step opens on it at once."
            actions={
              <Link
                to={`/projects/${opened.project.id}/framing`}
                className="inline-flex h-10 items-center rounded-plain bg-accent px-4 font-strong text-on-accent hover:bg-accent-hover"
              >
                To Framing
              </Link>
            }
          />
        )}
      </div>
    </div>
  );
}
