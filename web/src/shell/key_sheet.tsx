import { Dialog } from "../look/dialog.tsx";
import { Keys } from "../look/keys.tsx";
import { type Hotkey, useRegistry } from "./hotkeys.ts";

interface KeySheetProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** Every key that does something here, as the registry has them. */
export function KeySheet({ open, onOpenChange }: KeySheetProps) {
  const hotkeys = useRegistry(({ sets }) => sets).flatMap((set) => set.hotkeys);
  const groups = [...new Set(hotkeys.map(({ group }) => group))];
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Keys" description="They wait while you type in a field.">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what is longer than the screen has to be scrolled by keys, too */}
      <section aria-label="All keys" tabIndex={0} className="grid gap-6 rounded-plain">
        {groups.map((group) => (
          <section key={group} className="grid gap-2">
            <h3 className="text-12 text-quiet">{group}</h3>
            <dl className="grid gap-1">
              {hotkeys
                .filter((hotkey) => hotkey.group === group)
                .map((hotkey) => (
                  <Line key={hotkey.label} hotkey={hotkey} />
                ))}
            </dl>
          </section>
        ))}
      </section>
    </Dialog>
  );
}

function Line({ hotkey }: { readonly hotkey: Hotkey }) {
  return (
    <div className="flex items-center justify-between gap-4">
      <dt>{hotkey.label}</dt>
      <dd className="flex items-center gap-2 text-quiet">
        {hotkey.keys.map((keys) => (
          <Keys key={keys} keys={keys} />
        ))}
      </dd>
    </div>
  );
}
