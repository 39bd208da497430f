/** Painting the overview strip: the whole game, its pictures, its sound and its clips. */

import { NARROWEST_PX } from "../editing/strip.ts";
import type { Colours } from "./colours.ts";
import { loudest } from "./energy.ts";
import type { Scene } from "./scene.ts";
import { OVERVIEW_PX } from "./sizes.ts";
import { tileAt, tileX, tileY } from "./sprites.ts";

/** Where the clips stand: the better the rating, the taller; the best nearly half the strip. */
const CLIPS_PX = 22;
const SOUND_PX = 20;
const PICTURES = 0.62;

/** Paint the overview strip. It changes with the clips and the width, never while something plays or is panned. */
export function paintOverview(brush: CanvasRenderingContext2D, scene: Scene, width_px: number, colours: Colours): void {
  brush.clearRect(0, 0, width_px, OVERVIEW_PX);
  brush.fillStyle = colours.picture;
  brush.fillRect(0, 0, width_px, OVERVIEW_PX);
  const px_per_tick = width_px / scene.clock.span.out_pts;
  for (const part of scene.clock.parts) {
    const found = scene.pictures.get(part.source_id);
    const [from, to] = [part.begins * px_per_tick, part.ends * px_per_tick];
    if (found?.image && found.sheet) {
      const { image, sheet } = found;
      const wide = (OVERVIEW_PX * sheet.tile_px[0]) / sheet.tile_px[1];
      brush.save();
      brush.beginPath();
      brush.rect(from, 0, to - from, OVERVIEW_PX);
      brush.clip();
      brush.globalAlpha = PICTURES;
      for (let px = from; px < to; px += wide) {
        const tick = (Math.min(px + wide / 2, to) / px_per_tick - part.begins) / part.ticks + part.span.in_pts;
        const tile = tileAt(sheet, tick);
        const [w, h] = sheet.tile_px;
        brush.drawImage(image, tileX(sheet, tile), tileY(sheet, tile), w, h, px, 0, wide, OVERVIEW_PX);
      }
      brush.restore();
    }
    if (found?.energy) {
      brush.fillStyle = colours["on-scrim"];
      brush.globalAlpha = 0.5;
      for (let px = Math.floor(from); px < to; px += 2) {
        const at_s = (px / px_per_tick - part.begins) / scene.clock.ticks_per_s;
        const lasts_s = 2 / px_per_tick / scene.clock.ticks_per_s;
        const tall = (loudest(found.energy, at_s, at_s + lasts_s) / 255) ** 1.5 * SOUND_PX;
        brush.fillRect(px, 0, 1, tall);
      }
      brush.globalAlpha = 1;
    }
    if (part.begins > 0) {
      brush.fillStyle = colours["on-scrim"];
      brush.fillRect(Math.round(from) - 1, 0, 2, OVERVIEW_PX);
    }
  }
  paintMarks(brush, scene, px_per_tick, colours);
}

function paintMarks(brush: CanvasRenderingContext2D, scene: Scene, px_per_tick: number, colours: Colours): void {
  for (const { id, in_pts, out_pts, rating } of scene.strip.clips) {
    const width = Math.max((out_pts - in_pts) * px_per_tick, NARROWEST_PX);
    const tall = (CLIPS_PX * (rating + 1)) / 6;
    const [left, top] = [in_pts * px_per_tick, OVERVIEW_PX - tall];
    brush.fillStyle = colours.picture; // a dark edge, so that it stands off any picture
    brush.fillRect(left - 1, top - 1, width + 2, tall + 1);
    brush.fillStyle = colours[`rating-${rating}`];
    brush.fillRect(left, top, width, tall);
    brush.fillStyle = colours["on-scrim"];
    brush.fillRect(left, top, width, id === scene.selected ? 3 : 1);
  }
}
