import { type LucideIcon, RefreshCw, WifiOff } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "./button.tsx";

interface EmptyStateProps {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly text: ReactNode;
  /** What to do next, first. */
  readonly actions?: ReactNode;
}

/** What stands where nothing is yet: what will be here, and how it gets here. */
export function EmptyState({ icon: Icon, title, text, actions }: EmptyStateProps) {
  return (
    <section className="grid justify-items-center gap-4 rounded-plain border border-line border-dashed px-6 py-12 text-center">
      <span className="grid size-14 place-items-center rounded-full bg-selected text-go">
        <Icon aria-hidden size={26} strokeWidth={1.75} />
      </span>
      <div className="grid max-w-100 gap-1">
        <h2 className="text-20 font-strong">{title}</h2>
        <p className="text-pretty text-quiet">{text}</p>
      </div>
      {actions ? <div className="flex flex-wrap justify-center gap-2">{actions}</div> : null}
    </section>
  );
}

interface NotReadProps {
  readonly title: string;
  /** Why, and what now. */
  readonly text: string;
  readonly isTrying: boolean;
  readonly onAgain: () => void;
}

/** What stands where something could not be read. */
export function NotRead({ title, text, isTrying, onAgain }: NotReadProps) {
  const again = (
    <Button icon={RefreshCw} busy={isTrying} onClick={onAgain}>
      Try again
    </Button>
  );
  return <EmptyState icon={WifiOff} title={title} text={text} actions={again} />;
}
