import { Redo2, Undo2 } from "lucide-react";
import { IconButton } from "./button.tsx";

/** A change by its name. */
interface Named {
  readonly label: string;
}

interface UndoRedoProps {
  readonly history: { readonly past: readonly Named[]; readonly future: readonly Named[] };
  readonly onTurn: (direction: "undo" | "redo") => void;
}

/** Take back the last change, or do it again. */
export function UndoRedo({ history: { past, future }, onTurn }: UndoRedoProps) {
  const [last, next] = [past.at(-1), future[0]];
  return (
    <>
      <IconButton
        icon={Undo2}
        label={last ? `Undo: ${last.label}` : "Undo"}
        keys="Mod+Z"
        measure="small"
        blocked={last ? null : "There is nothing to undo."}
        onClick={() => onTurn("undo")}
      />
      <IconButton
        icon={Redo2}
        label={next ? `Redo: ${next.label}` : "Redo"}
        keys="Mod+Shift+Z"
        measure="small"
        blocked={next ? null : "There is nothing to redo."}
        onClick={() => onTurn("redo")}
      />
    </>
  );
}
