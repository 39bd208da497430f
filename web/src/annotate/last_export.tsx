import { useQuery } from "@tanstack/react-query";
import { Download, Film } from "lucide-react";
import { answered, api } from "../api/client.ts";
import { Button } from "../look/button.tsx";
import { download, downloadOf } from "../shell/downloads.ts";
import type { Job } from "../shell/jobs.ts";
import { clockSaid, dateHere, dateSaid } from "../shell/times.ts";

/** The annotated video that was made of a game before, to be downloaded again; nothing where there is none. */
export function LastExport({ game_id }: { readonly game_id: string }) {
  const { data: job } = useQuery({ queryKey: ["annotated", game_id], queryFn: () => newest(game_id), staleTime: 0 });
  const made = job && downloadOf(job);
  if (!job || !made) return null;
  const at_ms = Date.parse(job.created_at);
  return (
    <div className="flex items-center gap-3 rounded-plain border border-line bg-surface py-2 pr-2 pl-3">
      <Film aria-hidden size={20} className="shrink-0 text-quiet" />
      <p className="grid min-w-0 flex-1">
        <span>The last one</span>
        <span className="tabular truncate text-12 text-quiet">
          {dateSaid(dateHere(at_ms))}, {clockSaid(at_ms)}
        </span>
      </p>
      <Button measure="small" icon={Download} onClick={() => download(made)}>
        Download
      </Button>
    </div>
  );
}

async function newest(game_id: string): Promise<Job | null> {
  const { items } = await answered(api.GET("/api/jobs", { params: { query: { limit: 100 } } }));
  return items.find((job) => job.kind === "compile" && job.state === "done" && job.game_id === game_id) ?? null;
}
