import { Check, type LucideIcon } from "lucide-react";
import { DropdownMenu as Radix } from "radix-ui";
import { Fragment, type ReactElement, useRef } from "react";
import { classes } from "./classes.ts";
import { Keys } from "./keys.tsx";

/** One line of a menu. */
export interface MenuItem {
  readonly id: string;
  readonly label: string;
  readonly icon?: LucideIcon;
  readonly keys?: string;
  /** It takes something away. */
  readonly loses?: boolean;
  /** It is one of several choices: whether it is the one. */
  readonly chosen?: boolean;
  /** Why it cannot be done now. */
  readonly blocked?: string | null;
  readonly onSelect: () => void;
}

interface MenuProps {
  /** What opens it: one button. */
  readonly trigger: ReactElement;
  /** Groups of lines, a hairline between them. */
  readonly groups: readonly (readonly MenuItem[])[];
  readonly align?: "start" | "end";
  readonly side?: "bottom" | "right";
}

/** A list of things to do, opened by a button, walked with the arrow keys or by first letters. */
export function Menu({ trigger, groups, align = "end", side = "bottom" }: MenuProps) {
  // What was chosen is done once the button has the focus again: a dialog that it opens gives the focus back to it.
  const chosen = useRef<(() => void) | null>(null);
  const doChosen = () => {
    const act = chosen.current;
    chosen.current = null;
    if (act) setTimeout(act);
  };
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          side={side}
          sideOffset={6}
          collisionPadding={8}
          onCloseAutoFocus={doChosen}
          className="rise z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-52 overflow-y-auto rounded-plain border border-line bg-raised p-1 shadow-float"
        >
          {groups.map((group, index) => (
            <Fragment key={group[0]?.id ?? index}>
              {index > 0 ? <Radix.Separator className="-mx-1 my-1 h-px bg-line" /> : null}
              {group.map((item) => (
                <Line key={item.id} item={item} onSelect={() => (chosen.current = item.onSelect)} />
              ))}
            </Fragment>
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface LineProps {
  readonly item: MenuItem;
  readonly onSelect: () => void;
}

function Line({ item, onSelect }: LineProps) {
  const Icon = item.icon;
  const look = classes(
    "flex min-h-9 cursor-pointer select-none items-center gap-3 rounded-plain px-3 outline-none pointer-coarse:min-h-11",
    "data-highlighted:bg-hover data-disabled:cursor-not-allowed",
    item.loses && "text-loss",
  );
  const inside = (
    <>
      {Icon ? <Icon aria-hidden size={18} className={item.loses ? "" : "text-quiet"} /> : null}
      <span className="grid flex-1 py-1">
        <span className={classes(item.blocked && "opacity-60")}>{item.label}</span>
        {item.blocked ? <span className="text-12 text-quiet">{item.blocked}</span> : null}
      </span>
      {item.keys ? <Keys keys={item.keys} /> : null}
      {item.chosen ? <Check aria-hidden size={18} className="text-go" /> : null}
    </>
  );
  const common = { className: look, onSelect, disabled: Boolean(item.blocked) };
  if (item.chosen === undefined) return <Radix.Item {...common}>{inside}</Radix.Item>;
  return (
    <Radix.CheckboxItem {...common} checked={item.chosen}>
      {inside}
    </Radix.CheckboxItem>
  );
}
