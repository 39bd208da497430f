import { useMutation } from "@tanstack/react-query";
import { Copy, KeyRound, Printer } from "lucide-react";
import { useState } from "react";
import { sentenceOf } from "../api/errors.ts";
import { Banner } from "../look/banner.tsx";
import { Button } from "../look/button.tsx";
import { Dialog } from "../look/dialog.tsx";
import { useToasts } from "../look/toast.tsx";
import { makeCode } from "./account.ts";
import { printCode } from "./printing.ts";
import { Section } from "./section.tsx";

/** What a guest is, and the code that gets everything back when every device is lost. */
export function Recovery({ recoverable }: { readonly recoverable: boolean }) {
  const [shows, show] = useState(false);
  return (
    <Section
      title="You are a guest"
      text="No name, no e-mail, no password: this browser holds the key to your games and reels. Without another device or a recovery code, losing it loses them."
      id="recovery"
    >
      {recoverable ? (
        <p className="flex items-center gap-2">
          <KeyRound aria-hidden size={18} className="text-go" />A recovery code gets this account back.
        </p>
      ) : (
        <Banner
          tone="doubt"
          title="There is no recovery code yet."
          text="It takes a minute: print it, or copy it to where you keep passwords."
        />
      )}
      <div>
        <Button kind={recoverable ? "plain" : "go"} icon={KeyRound} onClick={() => show(true)}>
          {recoverable ? "Make a new code" : "Make a recovery code"}
        </Button>
      </div>
      {shows ? <Code replaces={recoverable} onClose={() => show(false)} /> : null}
    </Section>
  );
}

interface CodeProps {
  readonly replaces: boolean;
  readonly onClose: () => void;
}

/** The code, shown once: it closes when it is kept. */
export function Code({ replaces, onClose }: CodeProps) {
  const [first] = useState(replaces); // the first code makes the account recoverable while it is still shown
  const [kept, keep] = useState(false);
  const make = useMutation({ mutationFn: makeCode });
  const code = make.data;
  if (code === undefined) {
    return (
      <Dialog
        open
        held={make.isPending}
        onOpenChange={(open) => open || onClose()}
        title={first ? "Make a new code?" : "Make a recovery code"}
        description={
          first
            ? "The one that you have now stops working."
            : "Whoever has it comes into this account. It is shown once; keep it as you keep a key."
        }
        actions={
          <>
            <Button onClick={onClose}>Not now</Button>
            <Button kind="go" busy={make.isPending} onClick={() => make.mutate()}>
              Show the code
            </Button>
          </>
        }
      >
        {make.isError ? <Banner tone="loss" title="There is no code." text={sentenceOf(make.error)} /> : null}
      </Dialog>
    );
  }
  return (
    <Dialog
      open
      held
      onOpenChange={() => undefined}
      title="Your recovery code"
      description="It is not shown again. On any device: Account, “Enter a recovery code”."
      actions={
        <Button kind="go" blocked={kept ? null : "Say that you have kept it first."} onClick={onClose}>
          Done
        </Button>
      }
    >
      <div className="grid gap-4">
        <output className="tabular break-words rounded-plain border border-outline bg-ground p-4 text-center font-strong text-20">
          {code}
        </output>
        <div className="flex flex-wrap justify-center gap-2">
          <Button icon={Printer} onClick={() => printCode(code, location.host)}>
            Print
          </Button>
          <Button icon={Copy} onClick={() => void copied(code)}>
            Copy
          </Button>
        </div>
        <label className="flex min-h-11 cursor-pointer items-center gap-3">
          <input
            type="checkbox"
            checked={kept}
            onChange={({ target }) => keep(target.checked)}
            className="size-6 accent-(--accent)"
          />
          I have kept it
        </label>
      </div>
    </Dialog>
  );
}

async function copied(code: string): Promise<void> {
  const { tell } = useToasts.getState();
  try {
    await navigator.clipboard.writeText(code);
    tell({ title: "Copied", tone: "done" });
  } catch {
    tell({ title: "It could not be copied", text: "Write it down, or print it.", tone: "loss" });
  }
}
