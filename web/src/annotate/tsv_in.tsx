import { FileUp } from "lucide-react";
import { type ChangeEvent, type RefObject, useState } from "react";
import { sentenceOf } from "../api/errors.ts";
import { Button } from "../look/button.tsx";
import { Dialog } from "../look/dialog.tsx";
import { useToasts } from "../look/toast.tsx";
import { bringClipList, faultsOf } from "./handing_out.ts";

interface TsvInProps {
  readonly game_id: string;
  /** The field that the menu presses. */
  readonly field: RefObject<HTMLInputElement | null>;
  readonly onBrought: () => void;
}

interface Refused {
  readonly name: string;
  readonly message: string;
  readonly faults: readonly { readonly line: number; readonly message: string }[];
}

/** Bring in a clip list: all of it or nothing, and then every fault by its line. */
export function TsvIn({ game_id, field, onBrought }: TsvInProps) {
  const [refused, setRefused] = useState<Refused | null>(null);
  const bring = async (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    event.target.value = ""; // the same file again is a choice too
    if (!file) return;
    try {
      const { added, already } = await bringClipList(game_id, file);
      onBrought();
      useToasts.getState().tell({
        title: added === 1 ? "1 clip added" : `${added} clips added`,
        tone: "done",
        ...(already ? { text: already === 1 ? "1 was there already." : `${already} were there already.` } : {}),
      });
    } catch (error) {
      setRefused({ name: file.name, message: sentenceOf(error), faults: faultsOf(error) });
    }
  };
  return (
    <>
      <input
        ref={field}
        type="file"
        accept=".tsv,.txt,text/tab-separated-values,text/plain"
        hidden
        onChange={(event) => void bring(event)}
        aria-label="Clip list"
      />
      <Dialog
        open={refused !== null}
        onOpenChange={(open) => open || setRefused(null)}
        title="The list was not brought in"
        description={
          refused?.faults.length
            ? `Nothing of ${refused.name} was added. Mend these lines and bring it in again.`
            : refused?.message
        }
        actions={
          <>
            <Button onClick={() => setRefused(null)}>Close</Button>
            <Button
              kind="go"
              icon={FileUp}
              onClick={() => {
                setRefused(null);
                field.current?.click();
              }}
            >
              Choose a file
            </Button>
          </>
        }
      >
        {refused?.faults.length ? (
          <ul className="grid gap-2">
            {refused.faults.map(({ line, message }) => (
              <li key={`${line}/${message}`} className="flex gap-3">
                <span className="tabular shrink-0 text-quiet">Line {line}</span>
                <span>{message}</span>
              </li>
            ))}
          </ul>
        ) : null}
      </Dialog>
    </>
  );
}
