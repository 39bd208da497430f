import { useMutation } from "@tanstack/react-query";
import { Archive, Download, Trash2 } from "lucide-react";
import { useEffect, useState } from "react";
import { sentenceOf } from "../api/errors.ts";
import { hasEnded } from "../editing/jobs.ts";
import { Banner } from "../look/banner.tsx";
import { Button } from "../look/button.tsx";
import { Switch } from "../look/choice.tsx";
import { Dialog } from "../look/dialog.tsx";
import { TextField } from "../look/field.tsx";
import { Progress } from "../look/progress.tsx";
import { useJobs } from "../shell/jobs.ts";
import { dateHere, dateSaid } from "../shell/times.ts";
import { phaseSaid } from "../shell/words.ts";
import { type Account, deleteAccount, pack, useAccount, usePacked } from "./account.ts";
import { Section } from "./section.tsx";

const WORD = "delete";

/** Taking everything away, and deleting it. */
export function YourData() {
  const [deletes, setDeletes] = useState(false);
  const account = useAccount();
  return (
    <>
      <Section
        title="Take everything with you"
        text="One archive with your games, clips, projects and reels, readable without us: a document, clip lists and videos."
      >
        <Pack />
      </Section>
      <Section title="Delete the account" text="Everything goes, on all devices, for good.">
        <div>
          <Button icon={Trash2} onClick={() => setDeletes(true)}>
            Delete the account
          </Button>
        </div>
      </Section>
      {deletes ? <DeleteAccount account={account.data} onClose={() => setDeletes(false)} /> : null}
    </>
  );
}

function Pack() {
  const packed = usePacked();
  const [originals, take] = useState(false);
  const begin = useMutation({ mutationFn: () => pack(originals) });
  const job = packed.data;
  const shown = useJobs(({ known }) => (job ? known.get(job.id) : undefined));
  const { refetch } = packed;
  const ended = shown ? hasEnded(shown.heard) && shown.heard.settled : false;
  useEffect(() => {
    if (ended) void refetch();
  }, [ended, refetch]);
  const works = job && (job.state === "queued" || job.state === "running" || job.state === "cancelling");
  return (
    <div className="grid gap-4">
      {works ? (
        <Progress
          label={shown ? phaseSaid(shown) : "Packing everything"}
          done={shown && shown.heard.total > 0 ? shown.heard.done : null}
          total={shown && shown.heard.total > 0 ? shown.heard.total : null}
        />
      ) : (
        <>
          {job?.state === "done" ? (
            <div className="flex flex-wrap items-center gap-3">
              <a
                href={`/api/media/download/${job.id}?download=true`}
                download
                className="inline-flex h-10 items-center gap-2 rounded-plain bg-accent px-4 font-strong text-on-accent hover:bg-accent-hover pointer-coarse:h-11"
              >
                <Download aria-hidden size={18} />
                Download the archive
              </a>
              <p className="text-quiet">
                Packed on {dateSaid(dateHere(Date.parse(job.created_at)))}; it is kept for a week.
              </p>
            </div>
          ) : null}
          {job?.state === "failed" ? (
            <Banner tone="loss" title="It was not packed." text={String(job.error?.message ?? "")} />
          ) : null}
          <div className="max-w-120">
            <Switch label="With the footage itself" hint="It may be many GB." on={originals} onChange={take} />
          </div>
          <div>
            <Button icon={Archive} busy={begin.isPending} onClick={() => begin.mutate()}>
              {job?.state === "done" ? "Pack it anew" : "Pack everything"}
            </Button>
          </div>
        </>
      )}
      {begin.isError ? <Banner tone="loss" title="It was not packed." text={sentenceOf(begin.error)} /> : null}
    </div>
  );
}

function DeleteAccount({ account, onClose }: { readonly account: Account | undefined; readonly onClose: () => void }) {
  const [typed, type] = useState("");
  const remove = useMutation({ mutationFn: deleteAccount });
  const meant = typed.trim().toLowerCase() === WORD;
  return (
    <Dialog
      open
      held={remove.isPending}
      onOpenChange={(open) => open || onClose()}
      title="Delete the account?"
      description={goesSaid(account)}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button
            kind="danger"
            submits
            form="delete-account"
            busy={remove.isPending}
            blocked={meant ? null : `Type “${WORD}” first.`}
          >
            Delete everything
          </Button>
        </>
      }
    >
      <form
        id="delete-account"
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (meant) remove.mutate();
        }}
      >
        <TextField
          label={`Type “${WORD}”`}
          autoComplete="off"
          autoCapitalize="none"
          value={typed}
          onChange={({ target }) => type(target.value)}
        />
        {remove.isError ? <Banner tone="loss" title="Not everything is gone." text={sentenceOf(remove.error)} /> : null}
      </form>
    </Dialog>
  );
}

function goesSaid(account: Account | undefined): string {
  const { games = 0, clips = 0, projects = 0, reels = 0 } = account?.usage ?? {};
  const said = [
    counted(games, "game"),
    counted(clips, "clip"),
    counted(projects, "project"),
    counted(reels, "reel"),
  ].join(", ");
  return `At once and for good: ${said}, all footage, all share links, all devices, the recovery code. What is being made is stopped. There is no way back; pack everything first if you want to keep it.`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
