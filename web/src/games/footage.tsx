import { FolderOpen, RotateCcw, Scissors } from "lucide-react";
import { useRef, useState } from "react";
import type { Game, Source } from "../api/games.ts";
import { Button } from "../look/button.tsx";
import { Progress } from "../look/progress.tsx";
import { useToasts } from "../look/toast.tsx";
import { useJobs } from "../shell/jobs.ts";
import { paceSaid, phaseSaid } from "../shell/words.ts";
import { ACCEPTED, refusalOf } from "../uploads/files.ts";
import { useUploads } from "../uploads/store.ts";
import { UploadLine } from "../uploads/upload_line.tsx";
import { bring, mendSource } from "./adding.ts";
import { faultOf, partSaid, usableSaid } from "./saying.ts";

/** What is going on with a game's footage: nothing is shown of what is ready. */
export function Footage({ game }: { readonly game: Game }) {
  const uploads = useUploads((state) => state.uploads).filter(({ gameId }) => gameId === game.id);
  const sent = new Set(uploads.map(({ id }) => id));
  const others = game.sources.filter(({ id, state }) => !sent.has(id) && state !== "ready");
  const filming = game.demo && game.sources.length === 0;
  if (uploads.length + others.length === 0 && !filming) return null;
  return (
    <div className="relative grid grid-cols-1 gap-3 border-t border-line p-4">
      {uploads.map((upload) => (
        <UploadLine key={upload.id} upload={upload} />
      ))}
      {others.map((source) => (
        <Part key={source.id} game={game} source={source} />
      ))}
      {filming ? <Work jobId={null} game={game} /> : null}
    </div>
  );
}

interface PartProps {
  readonly game: Game;
  readonly source: Source;
}

function Part({ game, source }: PartProps) {
  const fault = faultOf(source);
  if (fault) return <Faulty game={game} source={source} />;
  if (source.state === "ingesting") return <Work jobId={source.ingest_job} game={game} />;
  const said = partSaid(source.part, game.sources.length);
  if (source.state === "uploading") {
    return <p className="text-12 text-quiet">{said}: it is being uploaded in another tab, or on another device.</p>;
  }
  return (
    <div className="grid gap-2">
      <p className="text-12 text-quiet">{said}: there is no file yet. What was marked waits for it.</p>
      <Another game={game} part={source.part} label="Choose the file" />
    </div>
  );
}

/** How far the work on footage is, by the job that does it. */
function Work({ jobId, game }: { readonly jobId: string | null; readonly game: Game }) {
  const known = useJobs((state) => state.known);
  const shown = jobId ? known.get(jobId) : [...known.values()].find(({ job }) => job.game_id === game.id);
  if (!shown)
    return (
      <Progress label={game.demo ? "Filming the demo game" : "Looking the footage over"} done={null} total={null} />
    );
  const { done, total, fps, eta_s } = shown.heard;
  const counted = total > 0;
  return (
    <Progress
      label={phaseSaid(shown)}
      done={counted ? done : null}
      total={counted ? total : null}
      said={paceSaid(fps, eta_s)}
    />
  );
}

function Faulty({ game, source }: PartProps) {
  const [busy, setBusy] = useState(false);
  const fault = faultOf(source);
  if (!fault) return null;
  const mend = async (how: "accept-truncated" | "ingest") => {
    setBusy(true);
    await mendSource(source.id, how);
    setBusy(false);
  };
  return (
    <div role="alert" className="grid gap-2">
      <p className="text-14 text-loss">{fault.title}</p>
      <div className="flex flex-wrap gap-2">
        {fault.usable_s !== null ? (
          <Button measure="small" icon={Scissors} busy={busy} onClick={() => void mend("accept-truncated")}>
            Use {usableSaid(fault.usable_s)}
          </Button>
        ) : null}
        {fault.again ? (
          <Button measure="small" icon={RotateCcw} busy={busy} onClick={() => void mend("ingest")}>
            Try again
          </Button>
        ) : null}
        <Another game={game} part={source.part} label="Choose another file" discards={source} />
      </div>
    </div>
  );
}

interface AnotherProps {
  readonly game: Game;
  readonly part: number;
  readonly label: string;
  /** What has to go first. */
  readonly discards?: Source;
}

/** A file for a part of a game. */
function Another({ game, part, label, discards }: AnotherProps) {
  const input = useRef<HTMLInputElement>(null);
  const take = async (file: File) => {
    const refusal = refusalOf(file);
    if (refusal) return useToasts.getState().tell({ title: refusal, tone: "loss" });
    if (discards?.state === "failed" && !(await mendSource(discards.id, "discard"))) return;
    await bring(game.id, part, { file });
  };
  return (
    <div>
      <input
        ref={input}
        type="file"
        hidden
        accept={ACCEPTED}
        aria-label={label}
        onChange={({ target }) => {
          const [file] = target.files ?? [];
          if (file) void take(file);
          target.value = "";
        }}
      />
      <Button measure="small" icon={FolderOpen} onClick={() => input.current?.click()}>
        {label}
      </Button>
    </div>
  );
}
