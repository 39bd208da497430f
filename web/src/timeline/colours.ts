/** The colours of the look, as a canvas takes them. */

import { useSyncExternalStore } from "react";
import { RATING_VALUES } from "../reel/annotation.ts";

const NAMES = [
  "ground",
  "surface",
  "raised",
  "hover",
  "line",
  "outline",
  "text",
  "quiet",
  "accent",
  "picture",
  "on-scrim",
  ...RATING_VALUES.map((rating) => `rating-${rating}` as const),
  ...RATING_VALUES.map((rating) => `on-rating-${rating}` as const),
] as const;

export type Colours = Readonly<Record<(typeof NAMES)[number], string>>;

let known: Colours | null = null;

/** Return the colours as they are now; another object when the theme has changed. */
export function useColours(): Colours {
  return useSyncExternalStore(follow, current);
}

function current(): Colours {
  known ??= read();
  return known;
}

/** light-dark() is worked out only where it is used: an element is coloured and asked. */
function read(): Colours {
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const found = NAMES.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color] as const;
  });
  probe.remove();
  return Object.fromEntries(found) as Colours;
}

function follow(told: () => void): () => void {
  const changed = () => {
    known = null;
    told();
  };
  const device = matchMedia("(prefers-color-scheme: light)");
  device.addEventListener("change", changed);
  const chosen = new MutationObserver(changed);
  chosen.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return () => {
    device.removeEventListener("change", changed);
    chosen.disconnect();
  };
}
