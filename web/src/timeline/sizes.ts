/** The timeline's heights, in CSS pixels: the same on every screen that has one. */

export const OVERVIEW_PX = 52;
export const RULER_PX = 24;
export const TRACK_PX = 48;
export const SOUND_PX = 32;
export const DETAIL_PX = RULER_PX + TRACK_PX + SOUND_PX;
/** The playhead's flag is so wide. */
export const FLAG_PX = 14;
/** A lane below the strips; a finger's is taller. */
export const LANE_PX = 28;
/** Between clips that lie over each other, and around the track. */
export const GAP_PX = 2;

/** Where a lane of the track lies: its top and its height. */
export function laneTop(lane: number, lane_count: number): number {
  return RULER_PX + GAP_PX + lane * laneHeight(lane_count);
}

export function laneHeight(lane_count: number): number {
  return (TRACK_PX - 2 * GAP_PX) / Math.max(lane_count, 1);
}

/** Return the lane at a height of the detail strip; null beside the track. */
export function laneAt(y: number, lane_count: number): number | null {
  if (y < RULER_PX || y >= RULER_PX + TRACK_PX) return null;
  const lane = Math.floor((y - RULER_PX - GAP_PX) / laneHeight(lane_count));
  return Math.min(Math.max(lane, 0), lane_count - 1);
}
