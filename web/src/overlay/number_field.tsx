import { type ReactNode, useEffect, useState } from "react";
import { TextField } from "../look/field.tsx";

interface NumberFieldProps {
  readonly label: string;
  /** As it is shown. */
  readonly value: string;
  readonly hint?: ReactNode;
  /** Take what was typed; return what is wrong with it, in a sentence. */
  readonly onTake: (text: string) => string | null;
  /** The arrow keys up and down, by so many steps. */
  readonly onStep?: (by: number) => void;
}

/** A number that is typed, or stepped with the arrow keys; taken when one has gone on. */
export function NumberField({ label, value, hint, onTake, onStep }: NumberFieldProps) {
  const [text, setText] = useState(value);
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => {
    setText(value);
    setFault(null);
  }, [value]);
  const take = () => {
    if (text !== value) setFault(onTake(text));
  };
  return (
    <TextField
      label={label}
      value={text}
      error={fault}
      hint={hint}
      inputMode="decimal"
      className="min-w-0 [&_input]:tabular [&_input]:px-2"
      onChange={(event) => setText(event.target.value)}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === "Enter") take();
        if (event.key === "Escape") setText(value);
        const by = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
        if (by !== 0 && onStep) {
          event.preventDefault();
          onStep(by * (event.shiftKey ? 10 : 1));
        }
      }}
    />
  );
}

/** Return the number that was typed, with a point or a comma; null for what is none. */
export function numberOf(text: string): number | null {
  const found = Number.parseFloat(text.replace(",", ".").replace(/[%s\s]+$/u, ""));
  return Number.isFinite(found) ? found : null;
}
