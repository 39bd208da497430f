import { Download } from "lucide-react";
import { IconButton } from "../look/button.tsx";
import { save } from "./handing_over.ts";
import { Panel } from "./panel.tsx";
import { type Reel, useFiles } from "./reels.ts";
import { fileSaid, whenSaid } from "./saying.ts";

/** What else was made around a reel and is still there: its framed video, raw clips, annotated videos. */
export function OtherFiles({ reel }: { readonly reel: Reel }) {
  const files = useFiles(reel.id);
  if (!files.data || files.data.length === 0) return null; // it is beside the point: nothing is said while it is not there
  return (
    <Panel title="Also to download">
      <ul className="grid divide-y divide-line">
        {files.data.map((file) => (
          <li key={file.media} className="flex items-center gap-2 py-2 first:pt-0 last:pb-0">
            <div className="grid min-w-0 flex-1">
              <p className="truncate">
                <bdi>{file.name || "Untitled"}</bdi>
              </p>
              <p className="tabular truncate text-12 text-quiet">
                {fileSaid(file)} · {whenSaid(file.created_at)}
              </p>
            </div>
            <IconButton
              icon={Download}
              label={`Download ${fileSaid(file).toLowerCase()} ${file.name}`}
              onClick={() => save(file.media)}
            />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
