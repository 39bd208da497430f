/** Sprites: small pictures of a source, on one sheet, each of a moment. */

import { firstNotBefore } from "../reel/timing.ts";

/** What stands on a sheet (media/sprite.py): tiles of one size, row by row, and the pts that each shows. */
export interface Sheet {
  readonly tile_px: readonly [width: number, height: number];
  readonly columns: number;
  readonly pts: readonly number[];
}

/** Read what a source's facts say of its sheet; null for what is none. */
export function sheetFrom(said: unknown): Sheet | null {
  if (typeof said !== "object" || said === null) return null;
  const { tile_px, columns, pts } = said as Record<string, unknown>;
  const numbers = (list: unknown): list is number[] => Array.isArray(list) && list.every(Number.isFinite);
  if (!numbers(tile_px) || !numbers(pts) || typeof columns !== "number" || pts.length === 0) return null;
  const [width = 0, height = 0] = tile_px;
  return width > 0 && height > 0 && columns > 0 ? { tile_px: [width, height], columns, pts } : null;
}

/** Return the number of the tile whose moment is nearest. */
export function tileAt({ pts }: Sheet, at: number): number {
  const after = firstNotBefore(pts, at);
  const [before, next] = [pts[after - 1], pts[after]];
  if (before === undefined) return 0;
  return next === undefined || at - before < next - at ? after - 1 : after;
}

/** Return where a tile lies on the sheet, in its pixels. */
export function tileX({ tile_px, columns }: Sheet, tile: number): number {
  return (tile % columns) * tile_px[0];
}

export function tileY({ tile_px, columns }: Sheet, tile: number): number {
  return Math.floor(tile / columns) * tile_px[1];
}
