import { useMutation, useQuery } from "@tanstack/react-query";
import { Copy, LinkIcon } from "lucide-react";
import { useState } from "react";
import { sentenceOf } from "../api/errors.ts";
import { Banner } from "../look/banner.tsx";
import { Button } from "../look/button.tsx";
import { Choice, Switch } from "../look/choice.tsx";
import { Dialog } from "../look/dialog.tsx";
import { TextField } from "../look/field.tsx";
import { copyText } from "./copying.ts";
import { firstNameOf, makeShare, type Reel, type Shared } from "./reels.ts";
import { openSaid } from "./saying.ts";

const MOST_NAME = 60; // characters, as the API takes them
const DAYS = [
  { value: "1", label: "1 day" },
  { value: "7", label: "A week" },
  { value: "30", label: "30 days" },
  { value: "365", label: "A year" },
];

interface NewLinkProps {
  readonly reel: Reel;
  readonly onClose: () => void;
}

/** A link to be: for how long, what it says of the player, whether the film may be saved. Its address is told once. */
export function NewLink({ reel, onClose }: NewLinkProps) {
  const first = useQuery({ queryKey: ["first name", reel.id], queryFn: () => firstNameOf(reel) });
  const [name, say] = useState<string | null>(null);
  const [days, last] = useState("30");
  const [download, allow] = useState(false);
  const shown_name = name ?? first.data ?? "";
  const make = useMutation({
    mutationFn: () => makeShare(reel.id, { days: Number(days), download, shown_name: shown_name.trim() }),
  });
  if (make.data) return <Made shared={make.data} onClose={onClose} />;
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title="Make a link"
      description="Whoever has it watches the newest version, without an account. Search engines are kept out."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="go" icon={LinkIcon} submits form="new-link" busy={make.isPending}>
            Make the link
          </Button>
        </>
      }
    >
      <form
        id="new-link"
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <TextField
          label="Name on the page"
          hint="All that strangers read of the player. A first name is enough; empty says nothing."
          maxLength={MOST_NAME}
          autoComplete="off"
          value={shown_name}
          onChange={({ target }) => say(target.value)}
        />
        <div className="grid content-start gap-1">
          <span aria-hidden className="text-12 font-strong">
            Opens for
          </span>
          <Choice label="Opens for" value={days} options={DAYS} onChange={last} />
        </div>
        <Switch label="May be saved" hint="Else the page only plays it." on={download} onChange={allow} />
        {make.isError ? <Banner tone="loss" title="There is no link." text={sentenceOf(make.error)} /> : null}
      </form>
    </Dialog>
  );
}

function Made({ shared, onClose }: { readonly shared: Shared; readonly onClose: () => void }) {
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title="The link is ready"
      description={`${openSaid(shared)}. Copy it now: it is kept in this browser only.`}
      actions={
        <>
          <Button onClick={onClose}>Done</Button>
          <Button kind="go" icon={Copy} onClick={() => void copyText(shared.url)}>
            Copy the link
          </Button>
        </>
      }
    >
      <div className="grid justify-items-center gap-4">
        <img
          alt="QR code of the link"
          src={`data:image/svg+xml;utf8,${encodeURIComponent(shared.qr_svg)}`}
          className="size-48 rounded-plain"
        />
        <TextField
          label="Link"
          readOnly
          className="w-full"
          value={shared.url}
          onFocus={({ target }) => target.select()}
        />
      </div>
    </Dialog>
  );
}
