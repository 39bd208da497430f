import { useParams } from "react-router";
import { Skeleton } from "../look/skeleton.tsx";
import { WithProject } from "../project/gone.tsx";
import { Clips } from "./clips.tsx";

/** A project: its clips in their order, its shape, how long it is, and what to do next. */
export function ProjectClipsScreen() {
  const { projectId = "" } = useParams();
  return (
    <WithProject key={projectId} project_id={projectId} coming={<Coming />}>
      {(opened) => <Clips opened={opened} />}
    </WithProject>
  );
}

function Coming() {
  return (
    <div className="grid">
      <div className="flex h-12 items-center border-line border-b px-4">
        <Skeleton className="h-5 w-48" />
      </div>
      <div className="mx-auto grid w-full max-w-300 gap-6 p-4 desk:grid-cols-[minmax(0,1fr)_320px] desk:p-8">
        <div className="grid gap-3">
          <Skeleton className="h-12 w-full" />
          {["a", "b", "c", "d"].map((one) => (
            <Skeleton key={one} className="h-24 w-full" />
          ))}
        </div>
        <Skeleton className="h-60 w-full max-desk:hidden" />
      </div>
    </div>
  );
}
