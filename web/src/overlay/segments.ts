/** The segments of the AI picture: pieces of the framed video that are there while the rest of it is still being made. */

import type { Shown } from "../api/client.ts";
import type { Inlay } from "../player/inlays.ts";
import type { Terms } from "../reel/fraction.ts";
import { FRAMED, segmentShows } from "./clock.ts";

export type Segment = Shown<"SegmentOut">;

/** A page of the list. One whose segments are all there is not asked for again. */
export interface Asked {
  readonly after: string | null;
  readonly items: readonly Segment[];
}

/** How far the AI picture is: which of its segments are there, of how many. */
export interface Coming {
  readonly there: readonly Segment[];
  readonly count: number;
}

/** Return the pages as they are now; of those that were asked for before only what may have changed is asked again. */
export async function pagesAnew(
  before: readonly Asked[],
  page: (after: string | null) => Promise<Shown<"Listed_SegmentOut_">>,
): Promise<readonly Asked[]> {
  const pages: Asked[] = [];
  for (let after: string | null = null; ; ) {
    const there: Asked | undefined = before[pages.length];
    const following: Asked | undefined = before[pages.length + 1];
    if (there && following && there.after === after && there.items.every(({ media }) => media)) {
      pages.push(there);
      after = following.after;
      continue;
    }
    const { items, next }: Shown<"Listed_SegmentOut_"> = await page(after);
    pages.push({ after, items });
    if (next === null) return pages;
    after = next;
  }
}

/** Return the segments that are there as a player takes them: each over the frames of the draft that it shows. */
export function inlaysOf(segments: readonly Segment[], rate: Terms): readonly Inlay[] {
  return segments.flatMap(({ begin_frame, frames, media }) => {
    if (!media) return [];
    const span = { in_pts: begin_frame, out_pts: begin_frame + frames };
    return [{ source_id: FRAMED, url: media, shows: segmentShows(begin_frame, frames, rate), ...span }];
  });
}

/** Say how far it is, in a line; empty while nobody knows. */
export function comingSaid({ there, count }: Coming): string {
  return count === 0 ? "" : `${there.length} of ${count} ${count === 1 ? "segment" : "segments"}`;
}
