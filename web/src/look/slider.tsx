import { Slider as Radix } from "radix-ui";
import { useId } from "react";

interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly step: number;
  /** The value in words, shown and read out: "0:12.40", "1.5×". */
  readonly said: (value: number) => string;
  /** While it moves. */
  readonly onChange: (value: number) => void;
  /** Once it has come to rest: what is saved. */
  readonly onCommit?: (value: number) => void;
  readonly disabled?: boolean;
}

/** A number within bounds, by dragging or by the arrow keys (Page up and down: ten steps, Home and End: the bounds). */
export function Slider({ label, value, least, most, step, said, onChange, onCommit, disabled }: SliderProps) {
  const name = useId();
  return (
    <div className="grid gap-1">
      <div className="flex justify-between gap-2 text-12">
        <span id={name} className="font-strong">
          {label}
        </span>
        <output className="text-quiet">{said(value)}</output>
      </div>
      <Radix.Root
        value={[value]}
        min={least}
        max={most}
        step={step}
        disabled={disabled ?? false}
        onValueChange={([next]) => next !== undefined && onChange(next)}
        onValueCommit={([next]) => next !== undefined && onCommit?.(next)}
        className="relative flex h-8 touch-none select-none items-center data-disabled:opacity-50 pointer-coarse:h-11"
      >
        <Radix.Track className="h-1 flex-1 rounded-full bg-line">
          <Radix.Range className="absolute h-1 rounded-full bg-accent" />
        </Radix.Track>
        <Radix.Thumb
          aria-labelledby={name}
          aria-valuetext={said(value)}
          className="touchable block size-5 rounded-full border-2 border-surface bg-accent shadow-float"
        />
      </Radix.Root>
    </div>
  );
}
