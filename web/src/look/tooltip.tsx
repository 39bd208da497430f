import { Tooltip as Radix } from "radix-ui";
import type { ReactElement, ReactNode } from "react";
import { Keys } from "./keys.tsx";

/** What all tooltips share; it stands once around the application. */
export function TooltipProvider({ children }: { readonly children: ReactNode }) {
  return (
    <Radix.Provider delayDuration={500} skipDelayDuration={200}>
      {children}
    </Radix.Provider>
  );
}

interface TooltipProps {
  /** A few words; what has to be read stands on the page. */
  readonly text: ReactNode;
  /** The keys that do the same: "Shift+ArrowLeft". */
  readonly keys?: string | undefined;
  readonly side?: "top" | "bottom" | "left" | "right";
  /** What is explained: one element that takes the focus. */
  readonly children: ReactElement;
}

/** Explain something on hover and on focus. */
export function Tooltip({ text, keys, side = "top", children }: TooltipProps) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="rise z-50 flex max-w-72 items-center gap-2 rounded-plain border border-line bg-raised px-3 py-2 text-12 text-text shadow-float"
        >
          {text}
          {keys ? <Keys keys={keys} /> : null}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
