import { useEffect, useRef } from "react";
import { useParams, useSearchParams } from "react-router";
import { WithProject } from "../project/gone.tsx";
import { titleOf } from "../project/head.tsx";
import { type OpenedProject, useEdited } from "../project/use_project.ts";
import { useScreenTitle } from "../shell/title.ts";
import { Workspace } from "./workspace.tsx";

/** Framing: what of each clip's picture the reel shows, when, and how fast. */
export default function Framing() {
  const { projectId = "" } = useParams();
  return <WithProject project_id={projectId}>{(opened) => <Opened key={projectId} opened={opened} />}</WithProject>;
}

function Opened({ opened }: { readonly opened: OpenedProject }) {
  const title = useEdited(opened, (state) => state.edit.title);
  useAsked(opened);
  useScreenTitle(`Framing ${titleOf(title)}`);
  return <Workspace opened={opened} />;
}

/** Who comes back from Annotate goes on with the clip that was looked at there. */
function useAsked({ editing }: OpenedProject) {
  const asked = useRef(useSearchParams()[0].get("clip"));
  useEffect(() => {
    const found = editing.edit.clips.find(({ clip_id }) => clip_id !== null && clip_id === asked.current);
    asked.current = null;
    if (found) editing.select(found.id);
  }, [editing]);
}
