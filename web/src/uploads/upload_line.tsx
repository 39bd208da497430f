import { FolderOpen, Pause, Play, RotateCcw, X } from "lucide-react";
import { useRef } from "react";
import { sentenceOf } from "../api/errors.ts";
import { Button, IconButton } from "../look/button.tsx";
import { Progress } from "../look/progress.tsx";
import { useToasts } from "../look/toast.tsx";
import { forget, isMoving, type Uploading, useLocalFile } from "./store.ts";
import { beginAgain, giveUp, goOn, pauseUpload, resume } from "./uploading.ts";
import { paceOf, standingSaid } from "./words.ts";

/** One upload: how far it is, and what can be done about it. */
export function UploadLine({ upload }: { readonly upload: Uploading }) {
  const { id, name, standing, sentBytes, sizeBytes, fault } = upload;
  const counted = standing !== "checking" && standing !== "joining";
  return (
    <div className="grid grid-cols-1 gap-2">
      <div className="flex items-center gap-1">
        <div className="min-w-0 flex-1 pr-1">
          <Progress label={standingSaid(upload)} done={counted ? sentBytes : null} total={counted ? sizeBytes : null} />
          <p className="flex justify-between gap-3 pt-1 text-12 text-quiet">
            <span className="truncate">{name}</span>
            <span className="tabular shrink-0">{paceOf(upload)}</span>
          </p>
        </div>
        {standing === "sending" || standing === "unreached" ? (
          <IconButton icon={Pause} label="Pause" measure="small" onClick={() => pauseUpload(id)} />
        ) : null}
        {standing === "paused" ? (
          <IconButton icon={Play} label="Go on" measure="small" onClick={() => void goOn(id)} />
        ) : null}
        {isMoving(upload) || standing === "paused" || standing === "lost" || standing === "failed" ? (
          <IconButton
            icon={X}
            label={standing === "failed" ? "Dismiss" : "Give up this upload"}
            measure="small"
            onClick={() => void given(upload)}
          />
        ) : null}
      </div>
      {fault ? <p className="text-12 text-loss">{fault}</p> : null}
      {standing === "lost" || (standing === "failed" && upload.fingerprint) ? <FileAgain upload={upload} /> : null}
      {standing === "failed" && !upload.fingerprint ? <BeginAgain id={id} /> : null}
    </div>
  );
}

/** The server never heard of it, but the file is at hand. */
function BeginAgain({ id }: { readonly id: string }) {
  const here = useLocalFile(id) !== undefined;
  if (!here) return null;
  return (
    <div>
      <Button measure="small" icon={RotateCcw} onClick={() => void beginAgain(id)}>
        Try again
      </Button>
    </div>
  );
}

/** The file is not at hand: open it again, or let the person choose it. */
function FileAgain({ upload }: { readonly upload: Uploading }) {
  const input = useRef<HTMLInputElement>(null);
  const here = useLocalFile(upload.id) !== undefined && upload.standing === "failed";
  const ask = async () => {
    if ((here || upload.reopens) && (await goOn(upload.id))) return;
    input.current?.click();
  };
  return (
    <div>
      <input
        ref={input}
        type="file"
        accept="video/*,.mkv,.ts,.mts,.m2ts"
        hidden
        aria-label={`Choose ${upload.name} again`}
        onChange={({ target }) => {
          const [file] = target.files ?? [];
          if (file) void resume(upload.id, file);
          target.value = "";
        }}
      />
      <Button measure="small" icon={here ? RotateCcw : upload.reopens ? Play : FolderOpen} onClick={() => void ask()}>
        {here ? "Try again" : upload.reopens ? "Go on" : "Choose the file again"}
      </Button>
    </div>
  );
}

async function given(upload: Uploading): Promise<void> {
  if (upload.standing === "failed" && !upload.fingerprint) return forget(upload.id, true);
  try {
    await giveUp(upload.id);
  } catch (error) {
    useToasts.getState().tell({ title: "It could not be given up", text: sentenceOf(error), tone: "loss" });
  }
}
