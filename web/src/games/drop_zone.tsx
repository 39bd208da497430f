import { Upload } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { type Brought, droppedFiles } from "../uploads/files.ts";

interface DropZoneProps {
  readonly onDrop: (brought: readonly Brought[]) => void;
}

/** The whole screen takes files; while some are held over it, it says what it will do with them. */
export function DropZone({ onDrop }: DropZoneProps) {
  const [held, hold] = useState(false);
  const taken = useRef(onDrop);
  taken.current = onDrop;
  useEffect(() => {
    let depth = 0; // each element that the pointer goes over enters and leaves by itself
    const ends = new AbortController();
    const on = (name: "dragenter" | "dragleave" | "dragover" | "drop", act: (event: DragEvent) => void) =>
      window.addEventListener(name, (event) => hasFiles(event) && act(event), { signal: ends.signal });
    on("dragenter", () => {
      depth += 1;
      hold(true);
    });
    on("dragleave", () => {
      depth -= 1;
      if (depth <= 0) hold(false);
    });
    on("dragover", (event) => {
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
    });
    on("drop", (event) => {
      event.preventDefault();
      depth = 0;
      hold(false);
      if (event.dataTransfer) void droppedFiles(event.dataTransfer).then((brought) => taken.current(brought));
    });
    return () => ends.abort();
  }, []);
  if (!held) return null;
  return (
    <div className="fade pointer-events-none fixed inset-0 z-40 grid place-items-center bg-scrim p-6">
      <div className="sheet grid w-full max-w-120 justify-items-center gap-3 rounded-plain border-2 border-accent border-dashed bg-raised p-10 text-center">
        <Upload aria-hidden size={32} className="text-go" />
        <p className="text-20 font-strong">Drop to add</p>
        <p className="text-quiet">
          One file is a game, two are its halves. A phone video of up to a minute becomes a clip at once.
        </p>
      </div>
    </div>
  );
}

function hasFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes("Files") ?? false;
}
