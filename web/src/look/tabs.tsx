import type { LucideIcon } from "lucide-react";
import { Tabs as Radix } from "radix-ui";
import type { ReactNode } from "react";

/** One of several views of the same thing. */
export interface Tab {
  readonly id: string;
  readonly label: string;
  readonly icon?: LucideIcon;
  readonly count?: number;
  readonly content: ReactNode;
}

interface TabsProps {
  /** What they are views of. */
  readonly label: string;
  readonly tabs: readonly Tab[];
  readonly value: string;
  readonly onChange: (id: string) => void;
}

/** Views side by side, one shown; the arrow keys go from one to the next. */
export function Tabs({ label, tabs, value, onChange }: TabsProps) {
  return (
    <Radix.Root value={value} onValueChange={onChange} className="grid grid-cols-1 gap-4">
      <Radix.List aria-label={label} className="flex gap-1 overflow-x-auto border-b border-line">
        {tabs.map(({ id, label: name, icon: Icon, count }) => (
          <Radix.Trigger
            key={id}
            value={id}
            className="-mb-px flex h-10 shrink-0 items-center gap-2 border-b-2 border-transparent px-3 font-strong text-quiet transition-colors duration-(--quick) ease-out -outline-offset-2! hover:text-text data-[state=active]:border-accent data-[state=active]:text-text pointer-coarse:h-11"
          >
            {Icon ? <Icon aria-hidden size={18} /> : null}
            {name}
            {count === undefined ? null : <span className="tabular font-normal text-12 text-quiet">{count}</span>}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map(({ id, content }) => (
        <Radix.Content key={id} value={id} className="rounded-plain">
          {content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
