import { useMutation, useQuery } from "@tanstack/react-query";
import { Scissors } from "lucide-react";
import { useState } from "react";
import { sentenceOf } from "../api/errors.ts";
import { type Game, useGames } from "../api/games.ts";
import { Banner } from "../look/banner.tsx";
import { Button } from "../look/button.tsx";
import { Dialog } from "../look/dialog.tsx";
import { Skeleton } from "../look/skeleton.tsx";
import { dateSaid, sizeSaid } from "../shell/times.ts";
import { type Account, freedBy, keepOnlyClips, useAccount } from "./account.ts";
import { Section } from "./section.tsx";

type Kind = Exclude<keyof Account["stored"], "total_bytes">;

const KINDS: readonly (readonly [Kind, string])[] = [
  ["footage_bytes", "Footage, with what the editor plays of it"],
  ["reels_bytes", "Finished reels"],
  ["framings_bytes", "Framed videos and drafts"],
  ["segments_bytes", "Framed pieces, to be used again"],
  ["raw_clips_bytes", "Raw clips"],
  ["downloads_bytes", "Annotated videos and archives"],
  ["history_bytes", "History, to undo a disaster"],
  ["other_bytes", "Everything else"],
];

/** How much of the store is taken, by what it is, and how room is made. */
export function Storage() {
  const account = useAccount();
  const games = useGames();
  const [cut, setCut] = useState<Game | null>(null);
  const filmed = (games.data ?? []).filter(({ sources }) => sources.some(({ state }) => state === "ready"));
  return (
    <Section title="Storage">
      {account.isError ? (
        <Banner tone="doubt" title="The meter is not here yet." text={sentenceOf(account.error)} />
      ) : account.data ? (
        <Meter account={account.data} />
      ) : (
        <Skeleton className="h-40" />
      )}
      {filmed.length > 0 ? (
        <div className="grid gap-2">
          <h3 className="text-14">Make room</h3>
          <p className="max-w-160 text-pretty text-quiet">
            “Keep only my clips” cuts a game's footage down to its clips, with 10 s around each. It cannot be undone.
          </p>
          <ul className="grid divide-y divide-line">
            {filmed.map((game) => (
              <li key={game.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2">
                <p className="min-w-0 flex-1 truncate">
                  <bdi className="font-strong">{titleOf(game)}</bdi>
                  <span className="tabular text-quiet"> · {sizeSaid(sizeOf(game))}</span>
                </p>
                <Button measure="small" icon={Scissors} onClick={() => setCut(game)}>
                  Keep only my clips
                </Button>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      {cut ? <KeepOnlyClips game={cut} onClose={() => setCut(null)} /> : null}
    </Section>
  );
}

function Meter({ account }: { readonly account: Account }) {
  const { stored, quota, usage } = account;
  const most = Math.max(...KINDS.map(([kind]) => stored[kind]), 1);
  const held = KINDS.filter(([kind]) => stored[kind] > 0);
  return (
    <div className="grid gap-4">
      <p>
        <span className="tabular font-strong text-20">{sizeSaid(stored.total_bytes)}</span>
        <span className="text-quiet"> in all</span>
        {quota.footage_bytes === null ? null : (
          <span className="tabular text-quiet">
            , {sizeSaid(usage.footage_bytes)} of {sizeSaid(quota.footage_bytes)} of footage
          </span>
        )}
      </p>
      {held.length === 0 ? <p className="text-quiet">Nothing is kept yet.</p> : null}
      <ul className="grid gap-3">
        {held.map(([kind, label]) => (
          <li key={kind} className="grid gap-1">
            <p className="flex justify-between gap-4">
              <span className="min-w-0">{label}</span>
              <span className="tabular shrink-0 text-quiet">{sizeSaid(stored[kind])}</span>
            </p>
            <div aria-hidden className="h-1 rounded-full bg-line">
              <div
                className="h-full min-w-1 rounded-full bg-accent"
                style={{ width: `${(100 * stored[kind]) / most}%` }}
              />
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}

function KeepOnlyClips({ game, onClose }: { readonly game: Game; readonly onClose: () => void }) {
  const estimate = useQuery({ queryKey: ["account", "freed", game.id], queryFn: () => freedBy(game.id), staleTime: 0 });
  const cut = useMutation({ mutationFn: () => keepOnlyClips(game.id), onSuccess: onClose });
  const against = cut.error ?? estimate.error;
  return (
    <Dialog
      open
      held={cut.isPending}
      onOpenChange={(open) => open || onClose()}
      title={`Keep only the clips of ${titleOf(game)}?`}
      description="The rest of the footage goes, for good. Clips, projects and reels stay as they are."
      actions={
        <>
          <Button onClick={onClose}>Keep it all</Button>
          <Button
            kind="danger"
            busy={cut.isPending}
            blocked={estimate.isError ? sentenceOf(estimate.error) : estimate.isPending ? "One moment." : null}
            onClick={() => cut.mutate()}
          >
            Keep only the clips
          </Button>
        </>
      }
    >
      {against ? (
        <Banner tone="doubt" title="This cannot be done." text={sentenceOf(against)} />
      ) : (
        <p className="tabular">
          {estimate.data === undefined ? "Working it out…" : `It makes about ${sizeSaid(estimate.data)} free.`}
        </p>
      )}
    </Dialog>
  );
}

function titleOf({ opponent, match_date, created_at }: Game): string {
  return opponent || `Game of ${dateSaid(match_date ?? created_at.slice(0, 10))}`;
}

function sizeOf({ sources }: Game): number {
  return sources.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
}
