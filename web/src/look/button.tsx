import { LoaderCircle, type LucideIcon } from "lucide-react";
import { type ComponentPropsWithRef, type MouseEvent, useId } from "react";
import { classes } from "./classes.ts";
import { Tooltip } from "./tooltip.tsx";

type Kind = "go" | "plain" | "quiet" | "danger";
type Measure = "small" | "medium";

const KINDS: Readonly<Record<Kind, string>> = {
  go: "bg-accent text-on-accent hover:bg-accent-hover aria-disabled:hover:bg-accent",
  plain: "border border-line bg-hover text-text hover:border-outline aria-disabled:hover:border-line",
  quiet: "text-text hover:bg-hover aria-disabled:hover:bg-transparent aria-pressed:bg-selected aria-pressed:text-go",
  danger: "bg-danger text-on-danger hover:bg-danger-hover aria-disabled:hover:bg-danger",
};

const BASE =
  "inline-flex shrink-0 select-none items-center justify-center gap-2 rounded-plain font-strong text-14 whitespace-nowrap " +
  "transition-colors duration-(--quick) ease-out aria-disabled:cursor-not-allowed aria-disabled:opacity-50 touchable";

interface Common extends Omit<ComponentPropsWithRef<"button">, "disabled" | "type"> {
  readonly kind?: Kind;
  readonly measure?: Measure;
  /** Why it cannot be pressed now, in a sentence; it then stays in the order of the Tab key, and says so. */
  readonly blocked?: string | null | undefined;
  /** It is at work: it keeps its width and cannot be pressed. */
  readonly busy?: boolean;
  /** The keys that do the same. */
  readonly keys?: string | undefined;
  readonly submits?: boolean;
}

interface ButtonProps extends Common {
  readonly icon?: LucideIcon;
}

/** A button with words. `go` is for what to do next: one on a screen. */
export function Button({ icon: Icon, kind = "plain", measure = "medium", className, children, ...rest }: ButtonProps) {
  const { busy, props, explained } = usePressed(rest);
  const size = measure === "small" ? "h-8 px-3" : "h-10 px-4";
  const pressed = (
    <button {...props} className={classes(BASE, KINDS[kind], size, className)}>
      {busy ? <Turning /> : Icon ? <Icon aria-hidden size={18} /> : null}
      {children}
    </button>
  );
  return explained(pressed);
}

interface IconButtonProps extends Common {
  readonly icon: LucideIcon;
  /** What it does; read out, and shown on hover and focus. */
  readonly label: string;
}

/** A button that is a picture, square, with its name in a tooltip. */
export function IconButton({
  icon: Icon,
  label,
  kind = "quiet",
  measure = "medium",
  className,
  ...rest
}: IconButtonProps) {
  const { busy, props, explained } = usePressed(rest);
  const size = measure === "small" ? "size-8" : "size-10";
  const pressed = (
    <button {...props} aria-label={label} className={classes(BASE, KINDS[kind], size, className)}>
      {busy ? <Turning /> : <Icon aria-hidden size={measure === "small" ? 18 : 20} />}
    </button>
  );
  return explained(pressed, label);
}

/** Return a button's properties: one that cannot be pressed stays where the keyboard finds it, and says why. */
function usePressed({ blocked, busy = false, keys, submits, onClick, ...rest }: Omit<Common, "kind" | "measure">) {
  const reason = useId();
  const closed = Boolean(blocked) || busy;
  const props = {
    ...rest,
    type: submits ? ("submit" as const) : ("button" as const),
    "aria-disabled": closed || undefined,
    "aria-busy": busy || undefined,
    "aria-describedby": blocked ? reason : rest["aria-describedby"],
    onClick: (event: MouseEvent<HTMLButtonElement>) => {
      if (closed) event.preventDefault();
      else onClick?.(event);
    },
  };
  const explained = (pressed: React.ReactElement, label?: string) => {
    const text = blocked ?? label;
    const whole =
      text || keys ? (
        <Tooltip text={text} keys={blocked ? undefined : keys}>
          {pressed}
        </Tooltip>
      ) : (
        pressed
      );
    return (
      <>
        {whole}
        {blocked ? (
          <span id={reason} hidden>
            {blocked}
          </span>
        ) : null}
      </>
    );
  };
  return { busy, props, explained };
}

function Turning() {
  return <LoaderCircle aria-hidden size={18} className="turns" />;
}
