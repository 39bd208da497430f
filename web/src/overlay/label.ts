/** The player's label: a tag above the spotlight, moving with it, else in the lower corner (media/label.py). */

import { radians, type Size } from "../reel/geometry.ts";
import { COLOURS } from "../reel/light.ts";
import type { Ellipse } from "../reel/spotlight.ts";
import { LINE, widthOf, wrapped, write } from "./lettering.ts";
import type { Mark } from "./marks.ts";

const TEXT = 0.0215; // of the picture's mean side
const LEAST_TEXT_PX = 10;
const WIDEST = 0.6; // of the picture's width
const MOST_LINES = 2;
const MARGIN = 0.035; // of the picture's shorter side
// Of the text's size, all below
const PADDING = [0.62, 0.22] as const;
const STRIPE = 0.2;
const RADIUS = 0.34;
const POINTER = [0.34, 0.3] as const;
const GAP = 0.3;

const GROUND = "#0B100E";
const OPACITY = 0.9;
const LIGHT = "#FFFFFF";
const ACCENT = "#3DDC84";

/** A label's lines, and where its tag lies in the output. */
export interface Tag {
  readonly lines: readonly string[];
  readonly size_px: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** From the tag's left edge; null without a spotlight. */
  readonly pointer: number | null;
}

type Measure = (text: string, size_px: number) => number;

/** Return where a player's tag lies; null without a name. */
export function tagOf(name: string, output: Size, ellipse: Ellipse | null, measure: Measure = widthOf): Tag | null {
  const size_px = Math.max(Math.sqrt(output.width * output.height) * TEXT, LEAST_TEXT_PX);
  const widest = output.width * WIDEST;
  const lines = name.trim() ? wrapped(name.trim(), size_px, widest, MOST_LINES) : [];
  if (lines.length === 0) return null;
  const across = Math.min(Math.max(...lines.map((line) => measure(line, size_px))), widest);
  const margin = Math.min(output.width, output.height) * MARGIN;
  const height = (2 * PADDING[1] + lines.length * LINE) * size_px;
  if (!ellipse) {
    const width = (STRIPE + 2 * PADDING[0]) * size_px + across;
    return { lines, size_px, left: margin, top: output.height - margin - height, width, height, pointer: null };
  }
  const width = 2 * PADDING[0] * size_px + across;
  const turn = radians(ellipse.rotation_deg);
  const above = ellipse.y - Math.hypot(ellipse.rx * Math.sin(turn), ellipse.ry * Math.cos(turn));
  const left = held(ellipse.x - width / 2, margin, output.width - margin - width);
  const room = (RADIUS + POINTER[0]) * size_px;
  const lowest = output.height - margin - height - POINTER[1] * size_px;
  const top = held(above - (GAP + POINTER[1]) * size_px - height, margin, lowest);
  return { lines, size_px, left, top, width, height, pointer: held(ellipse.x - left, room, width - room) };
}

/** Draw a mark's label, as faint as the mark is. */
export function drawLabel(brush: CanvasRenderingContext2D, mark: Mark, output: Size, scale: number): void {
  const tag = tagOf(mark.label, output, mark.ellipse);
  if (!tag) return;
  const hue = mark.look ? COLOURS[mark.look.colour] : null;
  const { left, top, width, height, size_px, pointer } = tag;
  brush.setTransform(scale, 0, 0, scale, 0, 0);
  brush.globalAlpha = Math.min(mark.opacity, 1);
  brush.beginPath();
  brush.roundRect(left, top, width, height, RADIUS * size_px);
  if (pointer !== null) {
    const [half, down] = [POINTER[0] * size_px, POINTER[1] * size_px];
    brush.moveTo(left + pointer - half, top + height - 1);
    brush.lineTo(left + pointer + half, top + height - 1);
    brush.lineTo(left + pointer, top + height + down);
    brush.closePath();
  }
  const faint = brush.globalAlpha;
  brush.globalAlpha = faint * OPACITY;
  brush.fillStyle = hue ?? GROUND;
  brush.fill("nonzero");
  brush.globalAlpha = faint;
  const stripe = pointer === null ? STRIPE * size_px : 0;
  if (stripe) {
    brush.save();
    brush.beginPath();
    brush.roundRect(left, top, width, height, RADIUS * size_px);
    brush.clip();
    brush.fillStyle = ACCENT;
    brush.fillRect(left, top, stripe, height);
    brush.restore();
  }
  brush.fillStyle = hue ? GROUND : LIGHT;
  const inside = width - stripe - 2 * PADDING[0] * size_px;
  const box = { left: left + stripe + PADDING[0] * size_px, top: top + PADDING[1] * size_px, width: inside };
  write(brush, tag.lines, size_px, box);
  brush.globalAlpha = 1;
}

function held(at: number, least: number, most: number): number {
  return Math.max(Math.min(at, most), least);
}
