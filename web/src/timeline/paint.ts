/** Painting the detail strip: ruler, clips and sound, only what is in sight. */

import { spacing } from "../editing/ruler.ts";
import { saidMoment } from "../editing/said.ts";
import { NARROWEST_PX } from "../editing/strip.ts";
import type { View } from "../editing/view.ts";
import { RATINGS, type RatingValue } from "../reel/annotation.ts";
import { firstNotBefore } from "../reel/timing.ts";
import type { Colours } from "./colours.ts";
import { loudest } from "./energy.ts";
import type { Scene, TimelineClip } from "./scene.ts";
import { DETAIL_PX, FLAG_PX, GAP_PX, laneHeight, laneTop, RULER_PX, SOUND_PX, TRACK_PX } from "./sizes.ts";

const FONT = '600 12px Inter, "Inter fallback", sans-serif';
const SMALL = '450 11px Inter, "Inter fallback", sans-serif';
const RADIUS_PX = 5;
const TEXT_LEFT_PX = 8;
/** A moment is written beside its line, where the playhead's flag leaves it to be read. */
const LABEL_LEFT_PX = FLAG_PX / 2 + 2;
/** Narrower a clip says nothing, and a handle is not drawn. */
const SYMBOL_PX = 26;
const NAME_PX = 72;
const HANDLE_PX = 8;
const BAR_PX = 2;

/** Give a canvas its size on the screen, in the device's pixels; return its brush, measured in CSS pixels. */
export function brushOf(
  canvas: HTMLCanvasElement,
  width_px: number,
  height_px: number,
): CanvasRenderingContext2D | null {
  const scale = Math.min(globalThis.devicePixelRatio || 1, 3);
  const [width, height] = [Math.round(width_px * scale), Math.round(height_px * scale)];
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const brush = canvas.getContext("2d");
  brush?.setTransform(scale, 0, 0, scale, 0, 0);
  return brush;
}

/** Paint the detail strip. */
export function paintDetail(brush: CanvasRenderingContext2D, scene: Scene, view: View, colours: Colours): void {
  brush.clearRect(0, 0, view.width_px, DETAIL_PX);
  brush.fillStyle = colours.surface;
  brush.fillRect(0, RULER_PX, view.width_px, TRACK_PX + SOUND_PX);
  paintSound(brush, scene, view, colours);
  paintRuler(brush, scene, view, colours);
  paintParts(brush, scene, view, colours);
  paintClips(brush, scene, view, colours);
}

function paintRuler(
  brush: CanvasRenderingContext2D,
  { clock, zero_tick = 0 }: Scene,
  view: View,
  colours: Colours,
): void {
  const [step_s, parts] = spacing(view.px_per_tick * clock.ticks_per_s);
  const every = (step_s / parts) * clock.ticks_per_s;
  const first = Math.max(Math.ceil((view.start_pts + zero_tick) / every), 0);
  const last = Math.floor((view.start_pts + zero_tick + view.width_px / view.px_per_tick) / every);
  brush.font = SMALL;
  brush.textBaseline = "middle";
  for (let n = first; n <= last; n += 1) {
    const px = Math.round((n * every - zero_tick - view.start_pts) * view.px_per_tick);
    const labelled = n % parts === 0;
    brush.fillStyle = labelled ? colours.outline : colours.line;
    brush.fillRect(px, labelled ? RULER_PX - 8 : RULER_PX - 5, 1, labelled ? 8 : 5);
    if (!labelled) continue;
    brush.fillStyle = colours.quiet;
    brush.fillText(
      saidMoment((n / parts) * step_s, step_s < 1 ? 1 : 0),
      Math.max(px + LABEL_LEFT_PX, FLAG_PX + 3),
      RULER_PX / 2 - 1,
    );
  }
}

/** Where a part of the game ends and the next begins. */
function paintParts(brush: CanvasRenderingContext2D, { clock }: Scene, view: View, colours: Colours): void {
  brush.fillStyle = colours.outline;
  for (const { begins } of clock.parts) {
    const px = Math.round((begins - view.start_pts) * view.px_per_tick);
    if (begins > 0 && px >= 0 && px <= view.width_px) brush.fillRect(px, RULER_PX, 1, DETAIL_PX - RULER_PX);
  }
}

function paintSound(brush: CanvasRenderingContext2D, { clock, pictures }: Scene, view: View, colours: Colours): void {
  const middle = RULER_PX + TRACK_PX + SOUND_PX / 2;
  const px_s = 1 / (view.px_per_tick * clock.ticks_per_s);
  brush.fillStyle = colours.outline;
  brush.globalAlpha = 0.8;
  for (const { source_id, begins, ends } of clock.parts) {
    const energy = pictures.get(source_id)?.energy;
    if (!energy) continue;
    const from = Math.max(Math.floor((begins - view.start_pts) * view.px_per_tick), 0);
    const to = Math.min(Math.ceil((ends - view.start_pts) * view.px_per_tick), view.width_px);
    for (let px = from - (from % (BAR_PX + 1)); px < to; px += BAR_PX + 1) {
      const at_s = (view.start_pts - begins + px / view.px_per_tick) / clock.ticks_per_s;
      const half = Math.max((loudest(energy, at_s, at_s + px_s * (BAR_PX + 1)) / 255) * (SOUND_PX / 2 - 4), 0.5);
      brush.fillRect(px, middle - half, BAR_PX, half * 2);
    }
  }
  brush.globalAlpha = 1;
}

function paintClips(brush: CanvasRenderingContext2D, scene: Scene, view: View, colours: Colours): void {
  const { strip, selected } = scene;
  const slack = NARROWEST_PX / view.px_per_tick;
  const [from, to] = [view.start_pts - slack, view.start_pts + view.width_px / view.px_per_tick + slack];
  let chosen: TimelineClip | null = null;
  for (let at = firstNotBefore(strip.reaches, Math.floor(from)); at < strip.clips.length; at += 1) {
    const clip = strip.clips[at] as TimelineClip;
    if (clip.in_pts > to) break;
    if (clip.out_pts < from) continue;
    if (clip.id === selected) chosen = clip;
    else paintClip(brush, scene, view, colours, clip);
  }
  if (chosen) paintClip(brush, scene, view, colours, chosen); // over its neighbours
}

function paintClip(
  brush: CanvasRenderingContext2D,
  { strip, selected }: Scene,
  view: View,
  colours: Colours,
  clip: TimelineClip,
): void {
  const height = Math.max(laneHeight(strip.lane_count) - GAP_PX, 2);
  const top = laneTop(strip.lanes.get(clip.id) ?? 0, strip.lane_count) + GAP_PX / 2;
  let left = (clip.in_pts - view.start_pts) * view.px_per_tick;
  let width = (clip.out_pts - clip.in_pts) * view.px_per_tick;
  if (width < NARROWEST_PX) [left, width] = [left - (NARROWEST_PX - width) / 2, NARROWEST_PX];
  const is_selected = clip.id === selected;

  brush.fillStyle = colours[`rating-${clip.rating}`];
  round(brush, left, top, width, height);
  brush.fill();
  if (width >= SYMBOL_PX && height >= 14) paintWords(brush, clip, left, top, width, height, colours, is_selected);
  if (!is_selected) return;
  brush.strokeStyle = colours.text;
  brush.lineWidth = 2;
  round(brush, left, top, width, height);
  brush.stroke();
  brush.fillStyle = colours.text;
  const grip = Math.min(HANDLE_PX, Math.max(width / 4, 2));
  round(brush, left - 1, top, grip, height);
  brush.fill();
  round(brush, left + width - grip + 1, top, grip, height);
  brush.fill();
}

/** The rating's symbol, and the name where it has room: the colour never stands alone. */
function paintWords(
  brush: CanvasRenderingContext2D,
  { rating, label }: TimelineClip,
  left: number,
  top: number,
  width: number,
  height: number,
  colours: Colours,
  is_selected: boolean,
): void {
  brush.save();
  brush.beginPath();
  brush.rect(left, top, width - (is_selected ? HANDLE_PX : 4), height);
  brush.clip();
  brush.fillStyle = colours[`on-rating-${rating}`];
  brush.font = FONT;
  brush.textBaseline = "middle";
  const begin = Math.max(left, 0) + TEXT_LEFT_PX + (is_selected ? HANDLE_PX / 2 : 0); // stays in sight while it is long
  brush.fillText(symbolOf(rating), begin, top + height / 2 + 0.5);
  if (width >= NAME_PX) brush.fillText(label, begin + 22, top + height / 2 + 0.5);
  brush.restore();
}

function symbolOf(rating: RatingValue): string {
  return RATINGS[rating].symbol;
}

function round(brush: CanvasRenderingContext2D, left: number, top: number, width: number, height: number): void {
  brush.beginPath();
  brush.roundRect(left, top, width, height, Math.min(RADIUS_PX, width / 2, height / 2));
}
