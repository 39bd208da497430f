import { useMutation } from "@tanstack/react-query";
import { Download, MessageCircle } from "lucide-react";
import { useEffect, useState } from "react";
import { sentenceOf } from "../api/errors.ts";
import { hasEnded } from "../editing/jobs.ts";
import { Banner } from "../look/banner.tsx";
import { Button } from "../look/button.tsx";
import { Progress } from "../look/progress.tsx";
import { useJobs } from "../shell/jobs.ts";
import { phaseSaid } from "../shell/words.ts";
import { save } from "./handing_over.ts";
import { askSmallCopy, type Reel, refreshReels } from "./reels.ts";
import { smallSaid, whyFewer } from "./saying.ts";
import { ToPhone } from "./to_phone.tsx";

/** The copy for messengers: made when it is asked for, then there for as long as the reel. */
export function SmallCopy({ reel }: { readonly reel: Reel }) {
  const [asked, setAsked] = useState<string | null>(null);
  const begin = useMutation({ mutationFn: () => askSmallCopy(reel.id), onSuccess: setAsked });
  const job = useJobs(({ known }) =>
    [...known.values()].find(
      ({ job, heard }) =>
        job.id === asked || (job.kind === "small_copy" && job.reel_id === reel.id && !hasEnded(heard)),
    ),
  );
  const ended = job ? hasEnded(job.heard) : false;
  useEffect(() => {
    if (ended) void refreshReels();
  }, [ended]);
  const copy = reel.small_copy;
  if (copy) {
    const why = whyFewer(copy);
    return (
      <div className="grid gap-2">
        <Button icon={Download} onClick={() => save(copy.media)}>
          Small copy ({smallSaid(copy)})
        </Button>
        <ToPhone media={copy.media} name={reel.name} label="Share the small copy" />
        {why ? <p className="text-12 text-quiet">{why}</p> : null}
      </div>
    );
  }
  const failed = job?.heard.state === "failed" ? job.heard.message : begin.isError ? sentenceOf(begin.error) : null;
  return (
    <div className="grid gap-2">
      {job && !ended ? (
        <Progress
          label={phaseSaid(job)}
          done={job.heard.total > 0 ? job.heard.done : null}
          total={job.heard.total > 0 ? job.heard.total : null}
        />
      ) : (
        <Button icon={MessageCircle} busy={begin.isPending} onClick={() => begin.mutate()}>
          Make a small copy
        </Button>
      )}
      <p className="text-12 text-quiet">For messengers: at most 16 MB.</p>
      {failed ? <Banner tone="loss" title="There is no small copy." text={failed} /> : null}
    </div>
  );
}
