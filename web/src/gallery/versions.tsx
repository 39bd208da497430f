import { Download, Play, RefreshCw } from "lucide-react";
import { sentenceOf } from "../api/errors.ts";
import { Banner } from "../look/banner.tsx";
import { Button, IconButton } from "../look/button.tsx";
import { Skeleton } from "../look/skeleton.tsx";
import { DraftSign } from "./card.tsx";
import { save } from "./handing_over.ts";
import { type Reel, useVersions, type Version } from "./reels.ts";
import { lengthSaid, whenSaid } from "./saying.ts";

interface VersionsProps {
  readonly reel: Reel;
  readonly shown: Version;
  readonly onWatch: (version: Version | null) => void;
}

/** Every export that was finished: a newer one never takes an older one's place. */
export function Versions({ reel, shown, onWatch }: VersionsProps) {
  const versions = useVersions(reel.id);
  if (versions.isError) {
    return (
      <Banner
        tone="doubt"
        title="The versions are not here yet."
        text={sentenceOf(versions.error)}
        actions={
          <Button measure="small" icon={RefreshCw} onClick={() => void versions.refetch()}>
            Try again
          </Button>
        }
      />
    );
  }
  const listed = versions.data ?? [reel.newest];
  return (
    <>
      <ul className="grid divide-y divide-line">
        {listed.map((one) => (
          <li key={one.version} className="flex items-center gap-2 py-2 first:pt-0 last:pb-0">
            <div className="grid min-w-0 flex-1">
              <p className="flex items-center gap-2">
                <span className="tabular font-strong">Version {one.version}</span>
                {one.version === reel.newest.version && reel.version_count > 1 ? (
                  <span className="text-12 text-go">newest</span>
                ) : null}
                {one.draft ? <DraftSign /> : null}
              </p>
              <p className="tabular truncate text-12 text-quiet">
                {lengthSaid(one)} · {whenSaid(one.created_at)}
              </p>
            </div>
            {one.version === shown.version ? (
              reel.version_count > 1 ? (
                <span className="px-3 text-12 text-quiet">shown</span>
              ) : null
            ) : (
              <IconButton
                icon={Play}
                label={`Watch version ${one.version}`}
                onClick={() => onWatch(one.version === reel.newest.version ? null : one)}
              />
            )}
            <IconButton icon={Download} label={`Download version ${one.version}`} onClick={() => save(one.media)} />
          </li>
        ))}
      </ul>
      {versions.isPending && reel.version_count > 1 ? <Skeleton className="h-10" /> : null}
    </>
  );
}
