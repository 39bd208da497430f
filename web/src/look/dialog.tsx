import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { type ReactNode, useRef } from "react";
import { IconButton } from "./button.tsx";

interface DialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  /** What it is about, read out with the title. */
  readonly description?: ReactNode;
  readonly children?: ReactNode;
  /** The buttons, what to do next last. */
  readonly actions?: ReactNode;
  /** Something is under way: it closes by its own buttons only. */
  readonly held?: boolean;
}

/** A question or a form over the page; on a phone it comes from below. Escape and a press beside it close it. */
export function Dialog({ open, onOpenChange, title, description, children, actions, held = false }: DialogProps) {
  const before = useRef<Element | null>(null);
  const begin = (event: Event) => {
    before.current = document.activeElement;
    focusFirstField(event);
  };
  const giveBack = (event: Event) => {
    event.preventDefault(); // it knows only a trigger of its own kind, and would lose the focus
    if (before.current instanceof HTMLElement) before.current.focus();
  };
  const keep = (event: Event) => {
    if (held) event.preventDefault();
  };
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fade fixed inset-0 z-40 bg-scrim" />
        <div className="pointer-events-none fixed inset-0 z-40 grid place-items-end tablet:place-items-center tablet:p-6">
          <Radix.Content
            {...(description ? {} : { "aria-describedby": undefined })}
            onOpenAutoFocus={begin}
            onCloseAutoFocus={giveBack}
            onEscapeKeyDown={keep}
            onInteractOutside={keep}
            className="sheet pointer-events-auto flex max-h-[92dvh] w-full flex-col rounded-t-plain border border-line bg-raised pb-[env(safe-area-inset-bottom)] shadow-float outline-none tablet:max-w-120 tablet:rounded-plain"
          >
            <header className="flex items-start justify-between gap-4 p-4 pb-0 tablet:p-6 tablet:pb-0">
              <div className="grid gap-1 pt-1">
                <Radix.Title className="text-20 font-strong">{title}</Radix.Title>
                {description ? <Radix.Description className="text-quiet">{description}</Radix.Description> : null}
              </div>
              {held ? null : <IconButton icon={X} label="Close" onClick={() => onOpenChange(false)} />}
            </header>
            {children ? <div className="overflow-y-auto p-4 tablet:px-6">{children}</div> : <div className="h-4" />}
            {actions ? (
              <footer className="flex flex-wrap justify-end gap-2 border-t border-line p-4 tablet:px-6 max-tablet:[&>button]:flex-1">
                {actions}
              </footer>
            ) : null}
          </Radix.Content>
        </div>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Begin with what is to be filled in; else with the dialog itself, which is read out, not with the button that closes it. */
function focusFirstField(event: Event) {
  event.preventDefault();
  const dialog = event.target as HTMLElement;
  const field = dialog.querySelector<HTMLElement>("input, textarea, select") ?? dialog;
  field.focus();
  if (field instanceof HTMLInputElement) field.select(); // typing begins anew; an arrow key goes on with what is there
}
