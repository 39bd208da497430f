/** The places of the editor that one goes to from anywhere, in the order of the work. Only what is there stands here. */

import { CalendarDays, CircleUserRound, Clapperboard, Film, type LucideIcon } from "lucide-react";

export interface Place {
  readonly path: string;
  readonly label: string;
  readonly icon: LucideIcon;
  /** Where what belongs to it is, if not below its own address. */
  readonly below?: string;
}

export const PLACES: readonly Place[] = [
  { path: "/", label: "Games", icon: CalendarDays, below: "/games" },
  { path: "/projects", label: "Projects", icon: Clapperboard },
  { path: "/gallery", label: "Gallery", icon: Film },
  { path: "/account", label: "Account", icon: CircleUserRound },
];

/** Say whether an address is that of a place, or of something in it. */
export function isAt({ path, below = path }: Place, address: string): boolean {
  return address === path || address.startsWith(`${below}/`);
}
