import { Switch as RadixSwitch, ToggleGroup } from "radix-ui";
import { type ReactNode, useId } from "react";

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly options: readonly { readonly value: T; readonly label: ReactNode; readonly name?: string }[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** One of two to five things, all in sight. */
export function Choice<T extends string>({ label, options, value, onChange }: ChoiceProps<T>) {
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={value}
      onValueChange={(next) => next && onChange(next as T)}
      className="inline-flex gap-1 rounded-plain border border-line bg-surface p-1"
    >
      {options.map((option) => (
        <ToggleGroup.Item
          key={option.value}
          value={option.value}
          aria-label={option.name}
          className="h-8 min-w-11 flex-1 rounded-plain px-3 font-strong text-quiet text-14 transition-colors duration-(--quick) ease-out hover:text-text aria-checked:bg-selected aria-checked:text-go pointer-coarse:h-11"
        >
          {option.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly hint?: string;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
}

/** Something that is on or off, at once. */
export function Switch({ label, hint, on, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div className="flex items-center justify-between gap-4 pointer-coarse:min-h-11">
      <label htmlFor={id} className="grid cursor-pointer">
        <span className="font-strong">{label}</span>
        {hint ? <span className="text-12 text-quiet">{hint}</span> : null}
      </label>
      <RadixSwitch.Root
        id={id}
        checked={on}
        onCheckedChange={onChange}
        className="touchable h-6 w-10 shrink-0 rounded-full bg-outline p-0.5 transition-colors duration-(--quick) ease-out data-[state=checked]:bg-accent"
      >
        <RadixSwitch.Thumb className="block size-5 rounded-full bg-ground transition-transform duration-(--quick) ease-out data-[state=checked]:translate-x-4" />
      </RadixSwitch.Root>
    </div>
  );
}
