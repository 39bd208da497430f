import { CloudOff, Info, type LucideIcon, OctagonAlert, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "./classes.ts";

type Tone = "plain" | "doubt" | "loss" | "offline";

const TONES: Readonly<Record<Tone, { readonly icon: LucideIcon; readonly ground: string; readonly colour: string }>> = {
  plain: { icon: Info, ground: "bg-selected", colour: "text-go" },
  doubt: { icon: TriangleAlert, ground: "bg-doubtful", colour: "text-doubt" },
  loss: { icon: OctagonAlert, ground: "bg-lost", colour: "text-loss" },
  offline: { icon: CloudOff, ground: "bg-doubtful", colour: "text-doubt" },
};

interface BannerProps {
  readonly tone?: Tone;
  /** What is so. */
  readonly title: string;
  /** Why, and what is kept. */
  readonly text?: ReactNode;
  /** What now. */
  readonly actions?: ReactNode;
}

/** Something that is so until it is dealt with or goes away by itself: above what it is about. */
export function Banner({ tone = "plain", title, text, actions }: BannerProps) {
  const { icon: Icon, ground, colour } = TONES[tone];
  return (
    <section
      aria-label={title}
      aria-live={tone === "loss" ? "assertive" : "polite"}
      className={classes(
        "flex flex-wrap items-center gap-x-4 gap-y-2 rounded-plain border border-line px-4 py-2",
        ground,
      )}
    >
      <div className="flex min-w-60 flex-1 items-start gap-3 py-1.5">
        <Icon aria-hidden size={20} className={classes("shrink-0", colour)} />
        <p>
          <span className="font-strong">{title}</span> {text ? <span className="text-quiet">{text}</span> : null}
        </p>
      </div>
      {actions ? <div className="flex flex-wrap gap-2">{actions}</div> : null}
    </section>
  );
}
