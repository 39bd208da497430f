/** The places of the editor that one goes to from anywhere, in the order of the work. Only what is there stands here. */

import { CalendarDays, type LucideIcon } from "lucide-react";

export interface Place {
  readonly path: string;
  readonly label: string;
  readonly icon: LucideIcon;
}

export const PLACES: readonly Place[] = [{ path: "/", label: "Games", icon: CalendarDays }];
