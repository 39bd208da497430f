import { useMutation } from "@tanstack/react-query";
import { Copy, RefreshCw } from "lucide-react";
import { useEffect, useState } from "react";
import { answered, api } from "../api/client.ts";
import { sentenceOf } from "../api/errors.ts";
import { refreshSession } from "../api/session.ts";
import { saidMoment } from "../editing/said.ts";
import { Banner } from "../look/banner.tsx";
import { Button } from "../look/button.tsx";
import { Dialog } from "../look/dialog.tsx";
import { Loading, Skeleton } from "../look/skeleton.tsx";
import { useToasts } from "../look/toast.tsx";

interface SecondDeviceProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** A link into this account for another device, as a picture to point its camera at: once, within ten minutes. */
export function SecondDevice({ open, onOpenChange }: SecondDeviceProps) {
  const link = useMutation({
    mutationFn: () => answered(api.POST("/api/session/links")),
    onSuccess: refreshSession,
  });
  const { mutate, reset } = link;
  useEffect(() => {
    if (open) mutate();
    else reset();
  }, [open, mutate, reset]);
  const left_s = useSecondsUntil(link.data?.expires_at);
  const over = left_s !== null && left_s <= 0;
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Use another device"
      description="Point its camera here. It opens this account there; it works once, for one device."
    >
      <div className="grid justify-items-center gap-4">
        {link.isError ? (
          <Banner tone="loss" title="There is no link now." text={sentenceOf(link.error)} />
        ) : link.data ? (
          <>
            <img
              alt="QR code of the link"
              src={`data:image/svg+xml;utf8,${encodeURIComponent(link.data.qr_svg)}`}
              className={`size-60 rounded-plain ${over ? "opacity-20" : ""}`}
            />
            <p className="text-quiet">
              {over ? (
                "This link is too old now."
              ) : (
                <>
                  Good for <output>{saidMoment(left_s ?? 600)}</output>
                </>
              )}
            </p>
          </>
        ) : (
          <Loading label="Making a link">
            <Skeleton className="mb-9 size-60" />
          </Loading>
        )}
        {link.data && isOnlyHere(link.data.url) ? (
          <Banner
            tone="doubt"
            title="Other devices cannot reach this machine yet."
            text={
              <>
                Start it with <code>./run up --lan</code>, and make the link then.
              </>
            }
          />
        ) : null}
        <div className="flex flex-wrap justify-center gap-2">
          {over || link.isError ? (
            <Button icon={RefreshCw} onClick={() => mutate()}>
              Make a new link
            </Button>
          ) : link.data ? (
            <Button icon={Copy} onClick={() => void copy(link.data.url)}>
              Copy the link
            </Button>
          ) : null}
        </div>
      </div>
    </Dialog>
  );
}

async function copy(url: string): Promise<void> {
  const { tell } = useToasts.getState();
  try {
    await navigator.clipboard.writeText(url);
    tell({ title: "Copied", tone: "done" });
  } catch {
    tell({ title: "It could not be copied", text: url, tone: "loss" });
  }
}

/** Return the whole seconds until a moment; null while there is none. */
function useSecondsUntil(moment: string | undefined): number | null {
  const [now_ms, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!moment) return;
    setNow(Date.now());
    const ticking = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(ticking);
  }, [moment]);
  return moment ? Math.round((Date.parse(moment) - now_ms) / 1000) : null;
}

function isOnlyHere(url: string): boolean {
  return /^(localhost|127\.|\[::1\])/.test(new URL(url).host);
}
