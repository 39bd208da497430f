/** What the timeline shows of a reel: its pictures and its sound, put together from those of its sources. */

import { exact } from "../reel/fraction.ts";
import { OUTPUT_SIZES } from "../reel/geometry.ts";
import { energyOf, loudest } from "../timeline/energy.ts";
import type { Pictures } from "../timeline/scene.ts";
import { OVERVIEW_PX } from "../timeline/sizes.ts";
import { tileAt, tileX, tileY } from "../timeline/sprites.ts";
import { type Shot, shotAt } from "./shots.ts";

const MOST_TILES = 64;
const LEVELS_PER_S = 10;

/** Return a reel's pictures and sound; nothing where its sources have none. */
export function picturesOf(
  shots: readonly Shot[],
  frames: number,
  sources: ReadonlyMap<string, Pictures>,
): Pictures | null {
  const [first] = shots;
  if (!first) return null;
  const rate = first.rate[0] / first.rate[1];
  return { ...tiles(shots, frames, sources, first), energy: energy(shots, frames / rate, rate, sources) };
}

function tiles(
  shots: readonly Shot[],
  frames: number,
  sources: ReadonlyMap<string, Pictures>,
  { aspect }: Shot,
): Pick<Pictures, "sheet" | "image"> {
  const output = OUTPUT_SIZES[aspect];
  const height = OVERVIEW_PX * 2; // twice: for fine screens
  const width = Math.round((height * output.width) / output.height);
  const image = document.createElement("canvas");
  const pts = Array.from({ length: MOST_TILES }, (_, n) => Math.floor(((n + 0.5) * frames) / MOST_TILES));
  [image.width, image.height] = [width * MOST_TILES, height];
  const brush = image.getContext("2d");
  pts.forEach((frame, number) => {
    const shot = shotAt(shots, frame);
    const { sheet, image: sprite } = sources.get(shot?.clip.source_id ?? "") ?? NOTHING;
    if (!shot || !sheet || !sprite || !brush) return;
    const at = shot.pts(frame);
    const tile = tileAt(sheet, at);
    const window = shot.windowAt(at);
    const [wide, tall] = sheet.tile_px;
    const left = tileX(sheet, tile) + (window.cx - window.w / 2) * wide;
    const top = tileY(sheet, tile) + (window.cy - window.h / 2) * tall;
    brush.drawImage(sprite, left, top, window.w * wide, window.h * tall, number * width, 0, width, height);
  });
  return { sheet: { tile_px: [width, height], columns: MOST_TILES, pts }, image };
}

function energy(shots: readonly Shot[], lasts_s: number, rate: number, sources: ReadonlyMap<string, Pictures>) {
  const levels = Uint8Array.from({ length: Math.max(Math.ceil(lasts_s * LEVELS_PER_S), 1) }, (_, n) => {
    const frame = Math.floor((n / LEVELS_PER_S) * rate);
    const shot = shotAt(shots, frame);
    const found = sources.get(shot?.clip.source_id ?? "")?.energy;
    if (!shot?.clip.audio || !found) return 0;
    const at_s = exact(shot.pts(frame) - shot.ground.span.in_pts)
      .times(shot.ground.time_base)
      .toNumber();
    return loudest(found, at_s, at_s + 1 / LEVELS_PER_S);
  });
  return levels.some((level) => level > 0) ? energyOf(levels, LEVELS_PER_S) : null;
}

const NOTHING: Pictures = { sheet: null, image: null, energy: null };
