import { Activity, Ban, BellRing, Check, CircleAlert, Download, X } from "lucide-react";
import { Popover as Radix } from "radix-ui";
import { sentenceOf } from "../api/errors.ts";
import { useGames } from "../api/games.ts";
import { hasEnded } from "../editing/jobs.ts";
import { IconButton } from "../look/button.tsx";
import { Switch } from "../look/choice.tsx";
import { useIsDesk } from "../look/desk.ts";
import { Progress } from "../look/progress.tsx";
import { useToasts } from "../look/toast.tsx";
import { isMoving, type Uploading, useUploads } from "../uploads/store.ts";
import { UploadLine } from "../uploads/upload_line.tsx";
import { download, downloadOf } from "./downloads.ts";
import { cancelJob, type JobShown, useJobs } from "./jobs.ts";
import { canTell, gameOf, isShown, tellWhenDone, useTelling } from "./notices.ts";
import { paceSaid, phaseSaid } from "./words.ts";

/** Everything that is under way, wherever one is: uploads of this page, jobs of this account. */
export function Tray() {
  const uploads = useUploads((state) => state.uploads);
  const known = useJobs((state) => state.known);
  const isDesk = useIsDesk();
  const jobs = [...known.values()]
    .filter(isShown)
    .sort((a, b) => Number(hasEnded(a.heard)) - Number(hasEnded(b.heard)));
  const moving = uploads.filter(isMoving).length + jobs.filter(({ heard }) => !hasEnded(heard)).length;
  const waiting = uploads.filter(({ standing }) => standing === "lost" || standing === "failed").length;
  const label = moving ? `${moving} under way` : waiting ? `${waiting} waiting for you` : "Nothing under way";
  return (
    <Radix.Root>
      <Radix.Trigger asChild>
        <button
          type="button"
          aria-label={label}
          className="touchable flex h-10 min-w-10 shrink-0 items-center justify-center gap-2 rounded-plain px-2.5 font-strong transition-colors duration-(--quick) ease-out -outline-offset-2! hover:bg-hover data-[state=open]:bg-hover desk:h-12 desk:w-full desk:flex-col desk:gap-0 desk:rounded-none"
        >
          <Activity aria-hidden size={20} className={moving ? "text-go" : waiting ? "text-doubt" : "text-quiet"} />
          {moving || waiting ? <span className="tabular text-14 desk:text-12">{moving || waiting}</span> : null}
        </button>
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align="end"
          side={isDesk ? "right" : "bottom"}
          sideOffset={6}
          collisionPadding={8}
          aria-label="Under way"
          onOpenAutoFocus={(event) => {
            event.preventDefault(); // the first button would show its tooltip
            if (event.target instanceof HTMLElement) event.target.focus();
          }}
          className="rise z-30 grid max-h-(--radix-popover-content-available-height) w-96 max-w-[calc(100vw-16px)] overflow-y-auto rounded-plain border border-line bg-raised shadow-float outline-none"
        >
          <ul className="grid divide-y divide-line">
            {uploads.map((upload: Uploading) => (
              <li key={upload.id} className="p-4">
                <UploadLine upload={upload} />
              </li>
            ))}
            {jobs.map((one) => (
              <li key={one.job.id} className="p-4">
                <JobLine shown={one} />
              </li>
            ))}
          </ul>
          {uploads.length + jobs.length === 0 ? (
            <p className="p-4 text-quiet">Uploads and what is being made stand here, with how far they are.</p>
          ) : null}
          <Tell />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function JobLine({ shown }: { readonly shown: JobShown }) {
  const { job, heard } = shown;
  useGames(); // so that the game has a name on every screen
  const ended = hasEnded(heard);
  const name = gameOf(job);
  const Icon = heard.state === "done" ? Check : heard.state === "failed" ? CircleAlert : Ban;
  if (ended) {
    const made = heard.state === "done" ? downloadOf(job) : null;
    return (
      <div className="flex items-start gap-3">
        <Icon aria-hidden size={18} className={`mt-px shrink-0 ${heard.state === "done" ? "text-go" : "text-quiet"}`} />
        <p className="grid min-w-0 flex-1">
          <span>{phaseSaid(shown)}</span>
          <span className="truncate text-12 text-quiet">{heard.state === "failed" ? heard.message : name}</span>
        </p>
        {made ? <IconButton icon={Download} label="Download" measure="small" onClick={() => download(made)} /> : null}
      </div>
    );
  }
  const known = heard.total > 0;
  const said = [job.price_credits === null ? "" : `${job.price_credits} credits`, paceSaid(heard.fps, heard.eta_s)];
  return (
    <div className="flex items-center gap-2">
      <div className="min-w-0 flex-1">
        <Progress
          label={phaseSaid(shown)}
          done={known ? heard.done : null}
          total={known ? heard.total : null}
          said={said.filter(Boolean).join(" · ")}
        />
        <p className="truncate pt-1 text-12 text-quiet">
          {[name, known ? `${heard.done} of ${heard.total}` : ""].filter(Boolean).join(" · ")}
        </p>
      </div>
      <IconButton
        icon={X}
        label="Cancel"
        measure="small"
        blocked={heard.state === "cancelling" ? "It is stopping." : null}
        onClick={() => void cancelled(job.id)}
      />
    </div>
  );
}

async function cancelled(id: string): Promise<void> {
  try {
    await cancelJob(id);
  } catch (error) {
    useToasts.getState().tell({ title: "It goes on", text: sentenceOf(error), tone: "loss" });
  }
}

function Tell() {
  const tells = useTelling((state) => state.tells);
  if (!canTell()) return null;
  const turn = async (on: boolean) => {
    if ((await tellWhenDone(on)) !== on) {
      const text = "This browser does not let this page show notifications. Its settings can change that.";
      useToasts.getState().tell({ title: "Notifications are blocked", text });
    }
  };
  return (
    <div className="flex items-center gap-3 border-t border-line p-4">
      <BellRing aria-hidden size={18} className="shrink-0 text-quiet" />
      <div className="flex-1">
        <Switch label="Tell me when it is done" on={tells} onChange={(on) => void turn(on)} />
      </div>
    </div>
  );
}
