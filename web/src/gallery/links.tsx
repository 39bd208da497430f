import { useMutation } from "@tanstack/react-query";
import { Copy, LinkIcon, Unlink } from "lucide-react";
import { useState } from "react";
import { sentenceOf } from "../api/errors.ts";
import { Banner } from "../look/banner.tsx";
import { Button, IconButton } from "../look/button.tsx";
import { Dialog } from "../look/dialog.tsx";
import { Skeleton } from "../look/skeleton.tsx";
import { useToasts } from "../look/toast.tsx";
import { copyText } from "./copying.ts";
import { NewLink } from "./new_link.tsx";
import { Panel } from "./panel.tsx";
import { addressOf, type Reel, revokeShare, type Share, useShares } from "./reels.ts";
import { openSaid, watchedSaid } from "./saying.ts";

/** The links to a reel: whoever has one may watch, until it is over or taken back. */
export function Links({ reel }: { readonly reel: Reel }) {
  const shares = useShares(reel.id);
  const [makes, setMakes] = useState(false);
  return (
    <Panel title="Share links" id="links">
      {shares.isError ? (
        <Banner tone="doubt" title="The links are not here yet." text={sentenceOf(shares.error)} />
      ) : shares.data === undefined ? (
        <Skeleton className="h-10" />
      ) : shares.data.length === 0 ? (
        <p className="text-quiet">Nobody but you sees this reel. A link shows it to whoever has the link.</p>
      ) : (
        <ul className="grid divide-y divide-line">
          {shares.data.map((share) => (
            <li key={share.id} className="py-3 first:pt-0 last:pb-0">
              <Line share={share} />
            </li>
          ))}
        </ul>
      )}
      <Button icon={LinkIcon} onClick={() => setMakes(true)}>
        Make a link
      </Button>
      {makes ? <NewLink reel={reel} onClose={() => setMakes(false)} /> : null}
    </Panel>
  );
}

function Line({ share }: { readonly share: Share }) {
  const [asks, setAsks] = useState(false);
  const copy = useMutation({
    mutationFn: () => addressOf(share),
    onSuccess: (shared) => {
      if (shared) void copyText(shared.url);
      else {
        const text = "Only the browser that made it can tell its address again. Make a new link here.";
        useToasts.getState().tell({ title: "This link was made elsewhere", text });
      }
    },
    onError: (error) =>
      useToasts.getState().tell({ title: "It was not copied", text: sentenceOf(error), tone: "loss" }),
  });
  const name = share.shown_name ? `“${share.shown_name}”` : "no name";
  return (
    <div className="flex items-start gap-2">
      <div className={`grid min-w-0 flex-1 gap-0.5 ${share.open ? "" : "text-quiet"}`}>
        <p className="truncate font-strong">
          Shows {name}
          {share.download ? ", may be saved" : ""}
        </p>
        <p className="tabular text-12 text-quiet">{openSaid(share)}</p>
        <p className="tabular text-12 text-quiet">{watchedSaid(share)}</p>
      </div>
      {share.open ? (
        <>
          <IconButton
            icon={Copy}
            label={`Copy the link that shows ${name}`}
            busy={copy.isPending}
            onClick={() => copy.mutate()}
          />
          <IconButton icon={Unlink} label={`Revoke the link that shows ${name}`} onClick={() => setAsks(true)} />
        </>
      ) : null}
      {asks ? <Revoke share={share} onClose={() => setAsks(false)} /> : null}
    </div>
  );
}

function Revoke({ share, onClose }: { readonly share: Share; readonly onClose: () => void }) {
  const revoke = useMutation({ mutationFn: () => revokeShare(share), onSuccess: onClose });
  return (
    <Dialog
      open
      held={revoke.isPending}
      onOpenChange={(open) => open || onClose()}
      title="Revoke this link?"
      description="Whoever has it sees nothing any more. It cannot be opened again; a new one can be made."
      actions={
        <>
          <Button onClick={onClose}>Keep it open</Button>
          <Button kind="danger" busy={revoke.isPending} onClick={() => revoke.mutate()}>
            Revoke
          </Button>
        </>
      }
    >
      {revoke.isError ? <Banner tone="loss" title="It is still open." text={sentenceOf(revoke.error)} /> : null}
    </Dialog>
  );
}
