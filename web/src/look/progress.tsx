import { Progress as Radix } from "radix-ui";

interface ProgressProps {
  /** What is going on: "Framing clip 3 of 8". */
  readonly label: string;
  /** How much is done, of how much; null while that is not known: then nothing is claimed. */
  readonly done: number | null;
  readonly total: number | null;
  /** What else is known, behind it: "48 fps", "2 min left". */
  readonly said?: string;
}

/** How far something is: what was counted, never what was guessed from the time. */
export function Progress({ label, done, total, said }: ProgressProps) {
  const known = done !== null && total !== null && total > 0;
  const share = known ? Math.min(Math.max(done / total, 0), 1) : null;
  const percent = share === null ? null : Math.floor(share * 100);
  return (
    <div className="grid gap-1">
      <div className="flex justify-between gap-4 text-12">
        <span className="truncate font-strong">{label}</span>
        <output className="shrink-0 text-quiet">
          {[said, percent === null ? null : `${percent} %`].filter(Boolean).join(" · ")}
        </output>
      </div>
      <Radix.Root
        value={percent}
        aria-label={label}
        {...(known ? { "aria-valuetext": `${done} of ${total}` } : {})}
        className="h-1 overflow-hidden rounded-full bg-line"
      >
        <Radix.Indicator
          className={
            share === null
              ? "slides h-full w-1/3 rounded-full bg-outline"
              : "h-full origin-left rounded-full bg-accent transition-transform duration-(--calm) ease-out"
          }
          style={share === null ? undefined : { transform: `scaleX(${share})` }}
        />
      </Radix.Root>
    </div>
  );
}
