import { shownKeys } from "../editing/hotkeys.ts";
import { IS_MAC } from "./mac.ts";

const SHOWN: Readonly<Record<string, string>> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  Backspace: "⌫",
  Space: "Space",
  Delete: "Del",
};

/** A key or several at once, "Shift+ArrowLeft", as they are printed on them. */
export function Keys({ keys }: { readonly keys: string }) {
  return (
    <span className="inline-flex shrink-0 gap-1">
      {shownKeys(keys, IS_MAC)
        .split(/\+(?=.)/)
        .map((key) => (
          <kbd
            key={key}
            className="inline-flex h-5 min-w-5 items-center justify-center rounded-plain border border-line bg-surface px-1 font-sans text-12 text-quiet"
          >
            {SHOWN[key] ?? key}
          </kbd>
        ))}
    </span>
  );
}
