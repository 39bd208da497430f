import { useSyncExternalStore } from "react";

/** --breakpoint-desk of look.css: from here on the places stand in a rail at the left. */
const DESK = "(min-width: 1120px)";

/** Say whether the window is as wide as a desk's. What only looks different asks the stylesheet instead. */
export function useIsDesk(): boolean {
  return useSyncExternalStore(follow, () => matchMedia(DESK).matches);
}

function follow(tell: () => void): () => void {
  const query = matchMedia(DESK);
  query.addEventListener("change", tell);
  return () => query.removeEventListener("change", tell);
}
