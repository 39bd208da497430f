/** The places of the editor that one goes to from anywhere, in the order of the work. Only what is there stands here. */

import { CalendarDays, CircleUserRound, Clapperboard, Film, type LucideIcon } from "lucide-react";

export interface Place {
  readonly path: string;
  readonly label: string;
  readonly icon: LucideIcon;
}

export const PLACES: readonly Place[] = [
  { path: "/", label: "Games", icon: CalendarDays },
  { path: "/projects", label: "Projects", icon: Clapperboard },
  { path: "/gallery", label: "Gallery", icon: Film },
  { path: "/account", label: "Account", icon: CircleUserRound },
];
