import { ArrowLeft, Clapperboard, Download, Ellipsis, Film, Pencil, RefreshCw, Trash2, WifiOff } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { isRefusal, sentenceOf } from "../api/errors.ts";
import { Button, IconButton } from "../look/button.tsx";
import { EmptyState } from "../look/empty.tsx";
import { Menu } from "../look/menu.tsx";
import { Loading, Skeleton } from "../look/skeleton.tsx";
import { useScreenTitle } from "../shell/title.ts";
import { DraftSign } from "./card.tsx";
import { DeleteReel } from "./delete_reel.tsx";
import { OtherFiles } from "./files.tsx";
import { save } from "./handing_over.ts";
import { Links } from "./links.tsx";
import { Panel } from "./panel.tsx";
import { type Reel, useReel, type Version } from "./reels.ts";
import { RenameReel } from "./rename_reel.tsx";
import { lengthSaid, titleOf, whenSaid } from "./saying.ts";
import { SmallCopy } from "./small_copy.tsx";
import { ToPhone } from "./to_phone.tsx";
import { Versions } from "./versions.tsx";

/** One reel: watched, saved, shared; with all its versions and what else there is of it. */
export function ReelPage({ id }: { readonly id: string }) {
  const reel = useReel(id);
  useScreenTitle(reel.data?.name || "Reel");
  const navigate = useNavigate();
  if (reel.data) return <Shown reel={reel.data} />;
  if (reel.isError) {
    const gone = isRefusal(reel.error, "not_found", "bad_field");
    return (
      <div className="mx-auto w-full max-w-160 p-4 pt-16">
        <h1 className="sr-only">Reel</h1>
        <EmptyState
          icon={gone ? Film : WifiOff}
          title={gone ? "This reel is gone" : "The reel is not here yet"}
          text={
            gone ? "It was deleted, maybe on another device. Its project can make it again." : sentenceOf(reel.error)
          }
          actions={
            gone ? (
              <Button kind="go" onClick={() => void navigate("/gallery")}>
                To the gallery
              </Button>
            ) : (
              <Button icon={RefreshCw} busy={reel.isFetching} onClick={() => void reel.refetch()}>
                Try again
              </Button>
            )
          }
        />
      </div>
    );
  }
  return (
    <Loading label="Loading the reel">
      <div className="mx-auto grid w-full max-w-360 gap-6 p-4 desk:grid-cols-[1fr_400px] desk:p-8">
        <Skeleton className="h-[70dvh]" />
        <Skeleton className="h-60" />
      </div>
    </Loading>
  );
}

function Shown({ reel }: { readonly reel: Reel }) {
  const [asked, ask] = useState<"rename" | "delete" | null>(null);
  const [older, watch] = useState<Version | null>(null);
  const navigate = useNavigate();
  const shown = older ?? reel.newest;
  return (
    <div className="mx-auto grid w-full max-w-400 items-start gap-6 p-4 tablet:p-6 desk:grid-cols-[minmax(0,1fr)_400px] desk:p-8">
      <div className="grid grid-cols-1 gap-4 desk:sticky desk:top-[calc(var(--head)+32px)]">
        <div className="flex items-center gap-2">
          <Link
            to="/gallery"
            aria-label="To the gallery"
            className="touchable grid size-10 shrink-0 place-items-center rounded-plain hover:bg-hover"
          >
            <ArrowLeft aria-hidden size={20} />
          </Link>
          <h1 className="flex min-w-0 flex-1 text-20 tablet:text-28">
            <bdi className="truncate">{titleOf(reel)}</bdi>
          </h1>
          {shown.draft ? <DraftSign /> : null}
          <Menu
            trigger={<IconButton icon={Ellipsis} label="More for this reel" />}
            groups={[
              [{ id: "rename", label: "Rename", icon: Pencil, onSelect: () => ask("rename") }],
              [{ id: "delete", label: "Delete reel", icon: Trash2, loses: true, onSelect: () => ask("delete") }],
            ]}
          />
        </div>
        {/* biome-ignore lint/a11y/useMediaCaption: what is heard is the pitch */}
        <video
          key={shown.media}
          src={shown.media}
          poster={older ? undefined : `${reel.poster}?version=${reel.newest.version}`}
          controls
          playsInline
          preload="metadata"
          aria-label={`${reel.name || "The reel"}, version ${shown.version}`}
          className="max-h-[calc(100dvh-var(--head)-160px)] min-h-60 w-full rounded-plain bg-picture object-contain"
          style={{ aspectRatio: shown.aspect.replace(":", "/") }}
        />
        <p className="tabular text-quiet">
          {lengthSaid(shown)} · {older ? `version ${older.version}, ` : ""}
          {whenSaid(shown.created_at)}
        </p>
      </div>
      <div className="grid grid-cols-1 gap-4">
        <Panel title="Save">
          <div className="grid gap-2">
            <Button kind="go" icon={Download} onClick={() => save(reel.media)}>
              Download
            </Button>
            <ToPhone media={reel.media} name={reel.name} />
            <SmallCopy reel={reel} />
          </div>
        </Panel>
        <Links reel={reel} />
        <Panel title="Versions">
          <Versions reel={reel} shown={shown} onWatch={(version) => watch(version)} />
        </Panel>
        <OtherFiles reel={reel} />
        <Panel title="Project">
          {reel.project_id ? (
            <Button icon={Clapperboard} onClick={() => void navigate(`/projects/${reel.project_id}`)}>
              Open the project
            </Button>
          ) : (
            <p className="text-quiet">The project that this reel was made of is deleted. The reel stays.</p>
          )}
        </Panel>
      </div>
      {asked === "rename" ? <RenameReel reel={reel} onClose={() => ask(null)} /> : null}
      {asked === "delete" ? (
        <DeleteReel reel={reel} onClose={() => ask(null)} onGone={() => void navigate("/gallery")} />
      ) : null}
    </div>
  );
}
