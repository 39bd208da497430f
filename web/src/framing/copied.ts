/** What was copied last: it is pasted into any clip of any project, until the page is left. */

import { create } from "zustand";
import type { Copied } from "./cropping.ts";

export const useCopied = create<{ readonly copied: Copied | null }>(() => ({ copied: null }));
