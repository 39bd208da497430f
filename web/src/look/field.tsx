import { CircleAlert } from "lucide-react";
import { type ComponentPropsWithRef, type ReactNode, useId } from "react";
import { length } from "../reel/text.ts";
import { classes } from "./classes.ts";

interface FieldProps {
  readonly label: string;
  /** What it is for, below it. */
  readonly hint?: ReactNode | undefined;
  /** What is wrong with it, and how it is mended; it takes the hint's place. */
  readonly error?: string | null | undefined;
  /** Only read out. */
  readonly labelHidden?: boolean | undefined;
}

const BOX =
  "w-full rounded-plain border bg-surface px-3 text-14 text-text placeholder:text-quiet pointer-coarse:text-16 " +
  "transition-colors duration-(--quick) ease-out disabled:opacity-50";

/** One line of text. */
export function TextField({
  label,
  hint,
  error,
  labelHidden,
  className,
  ...input
}: FieldProps & ComponentPropsWithRef<"input">) {
  const field = useField(input.id, error, hint);
  return (
    <Around {...{ label, hint, error, labelHidden, className, field }}>
      <input {...input} {...field.input} className={classes(BOX, "h-10 pointer-coarse:h-11", edge(error))} />
    </Around>
  );
}

interface TextAreaProps extends FieldProps, Omit<ComponentPropsWithRef<"textarea">, "value"> {
  readonly value: string;
  /** How many characters, as people see code points, it may have; what is left is said. */
  readonly most?: number;
}

/** Several lines of text. */
export function TextArea({ label, hint, error, labelHidden, className, most, ...input }: TextAreaProps) {
  const field = useField(input.id, error, hint);
  const left = most === undefined ? null : most - length(input.value);
  const count = left === null ? null : <output className={classes(left < 0 && "text-loss")}>{left}</output>;
  return (
    <Around {...{ label, hint, error, labelHidden, className, field, count }}>
      <textarea rows={3} {...input} {...field.input} className={classes(BOX, "resize-y py-2", edge(error))} />
    </Around>
  );
}

interface AroundProps extends FieldProps {
  readonly className?: string | undefined;
  readonly field: ReturnType<typeof useField>;
  readonly count?: ReactNode;
  readonly children: ReactNode;
}

function Around({ label, hint, error, labelHidden, className, field, count, children }: AroundProps) {
  return (
    <div className={classes("grid gap-1", className)}>
      <div className={classes("flex justify-between gap-2 text-12", labelHidden && !count && "sr-only")}>
        <label htmlFor={field.input.id} className={classes("font-strong", labelHidden && "sr-only")}>
          {label}
        </label>
        {count ? <span className="text-quiet">{count}</span> : null}
      </div>
      {children}
      {error ? (
        <p id={field.errorId} role="alert" className="flex items-start gap-1 text-12 text-loss">
          <CircleAlert aria-hidden size={16} className="shrink-0" />
          {error}
        </p>
      ) : hint ? (
        <p id={field.hintId} className="text-12 text-quiet">
          {hint}
        </p>
      ) : null}
    </div>
  );
}

function useField(given: string | undefined, error: string | null | undefined, hint: ReactNode) {
  const made = useId();
  const id = given ?? made;
  const [errorId, hintId] = [`${id}-error`, `${id}-hint`];
  const described = error ? errorId : hint ? hintId : undefined;
  return { errorId, hintId, input: { id, "aria-invalid": error ? true : undefined, "aria-describedby": described } };
}

function edge(error: string | null | undefined): string {
  return error ? "border-loss" : "border-outline";
}
