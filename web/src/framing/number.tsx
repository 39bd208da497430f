import { useEffect, useState } from "react";
import { TextField } from "../look/field.tsx";

interface NumberFieldProps {
  readonly label: string;
  /** As it is said when nobody types. */
  readonly said: string;
  readonly blocked?: boolean;
  /** Take what was typed; a sentence why it cannot be, or null. */
  readonly onTake: (typed: string) => string | null;
}

/** A number to be typed: taken with Enter or when it is left, refused with a word. */
export function NumberField({ label, said, blocked = false, onTake }: NumberFieldProps) {
  const [text, setText] = useState(said);
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => {
    setText(said);
    setFault(null);
  }, [said]);
  const take = () => {
    if (text === said) return setFault(null);
    const why = onTake(text);
    setFault(why);
    if (why === null) setText(said); // what became of it comes with the next edit, if it is another
  };
  return (
    <TextField
      label={label}
      value={text}
      error={fault}
      disabled={blocked}
      inputMode="decimal"
      autoComplete="off"
      className="[&_input]:tabular min-w-0 [&_input]:px-2"
      onChange={(event) => setText(event.target.value)}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === "Enter") take();
        if (event.key === "Escape") {
          setText(said);
          setFault(null);
        }
      }}
    />
  );
}

/** Return the number that was typed, with a comma or a point; null for what is none. */
export function typedNumber(text: string): number | null {
  const bare = text
    .trim()
    .replace(/\s*(px|%|×|°)$/, "")
    .replace("−", "-")
    .replace(",", ".");
  return /^[+-]?\d+(\.\d+)?$/.test(bare) ? Number(bare) : null;
}

export const NO_NUMBER = "This is not a number.";
