/**
 * Drawing what lies on a frame, as the export draws it (media/spotlight.py): light, fill, stroke. Everything is given in
 * the output's pixels; the brush's scale brings it to the canvas.
 */

import type { Spotlight } from "../project/document.ts";
import { radians, type Size } from "../reel/geometry.ts";
import { COLOURS, DIMMED, FEATHER, FILL, ground, RIM, shareInside, shareOfArc, strokePx } from "../reel/light.ts";
import type { Ellipse } from "../reel/spotlight.ts";
import { drawLabel } from "./label.ts";
import { drawLit, type Picture } from "./lit.ts";
import type { Mark } from "./marks.ts";

export type Brush = CanvasRenderingContext2D;

/** A radius below it is drawn as this. */
const SMALLEST_PX = 1;
/** How far the dark rim reaches beyond the stroke, in widths of it. */
const RIM_WIDTHS = 1.2;
/** The ground's arc is bolder at the front than a stroke: it has no other side. */
const ARC_WEIGHT = 1.7;
const STOPS = 24;
const RIM_STEPS = 8;

/** Draw marks onto a canvas that covers the picture: `scale` canvas pixels an output pixel. */
export function drawMarks(brush: Brush, marks: readonly Mark[], output: Size, scale: number, picture: Picture): void {
  brush.setTransform(1, 0, 0, 1, 0, 0);
  brush.clearRect(0, 0, brush.canvas.width, brush.canvas.height);
  for (const mark of marks) {
    if (mark.look && mark.ellipse) drawSpotlight(brush, mark.ellipse, mark.look, output, scale, picture);
    if (mark.label) drawLabel(brush, mark, output, scale);
  }
  brush.setTransform(1, 0, 0, 1, 0, 0);
  brush.globalAlpha = 1;
}

function drawSpotlight(
  brush: Brush,
  given: Ellipse,
  look: Spotlight,
  output: Size,
  scale: number,
  picture: Picture,
): void {
  const opacity = Math.min(given.opacity, 1);
  if (!(opacity > 0)) return;
  const ellipse = drawable(given);
  if (look.effect !== "none") {
    const lifts = look.effect !== "dark";
    if (look.effect !== "bright") dim(brush, ellipse, opacity, output, scale, lifts);
    if (lifts) drawLit(brush, ellipse, opacity, output, scale, picture, insideStops);
  }
  const hue = COLOURS[look.colour];
  if (hue === null || !(look.stroke || look.fill)) return;
  const isArc = look.shape === "ground";
  const ring = isArc ? drawable(ground(ellipse)) : ellipse;
  const half = Math.min(strokePx(output) * (isArc ? ARC_WEIGHT : 1), ring.rx, ring.ry) / 2;
  if (look.fill) fill(brush, ring, hue, FILL * opacity, scale, isArc);
  if (!look.stroke) return;
  if (isArc) strokeArc(brush, ring, hue, half, opacity, scale);
  else strokeBody(brush, ring, hue, half, opacity, scale);
}

function drawable(ellipse: Ellipse): Ellipse {
  return { ...ellipse, rx: Math.max(ellipse.rx, SMALLEST_PX), ry: Math.max(ellipse.ry, SMALLEST_PX) };
}

/** Bring the brush into the ellipse's own terms: its reach is then the distance from the origin. */
export function intoEllipse(brush: Brush, { x, y, rx, ry, rotation_deg }: Ellipse, scale: number): void {
  const [along, across] = [Math.cos(radians(rotation_deg)) * scale, Math.sin(radians(rotation_deg)) * scale];
  brush.setTransform(along * rx, across * rx, -across * ry, along * ry, x * scale, y * scale);
}

/** Give a gradient the share that is lit at each reach, as an opacity that `of` makes of it. */
export function insideStops(gradient: CanvasGradient, of: (share: number) => string): void {
  for (let stop = 0; stop <= STOPS; stop += 1) {
    const at = stop / STOPS;
    gradient.addColorStop(at, of(shareInside(FEATHER[0] + (FEATHER[1] - FEATHER[0]) * at)));
  }
}

/** Take half of the light away outside; everywhere if what is lit is drawn anew anyway. */
function dim(brush: Brush, ellipse: Ellipse, opacity: number, output: Size, scale: number, everywhere: boolean): void {
  const dark = (1 - DIMMED) * opacity;
  brush.setTransform(scale, 0, 0, scale, 0, 0);
  brush.beginPath();
  brush.rect(0, 0, output.width, output.height);
  if (everywhere) brush.fillStyle = `rgb(0 0 0 / ${dark})`;
  else {
    const gradient = brush.createRadialGradient(0, 0, FEATHER[0], 0, 0, FEATHER[1]);
    insideStops(gradient, (share) => `rgb(0 0 0 / ${dark * (1 - share)})`);
    brush.fillStyle = gradient;
    intoEllipse(brush, ellipse, scale);
  }
  brush.fill();
}

/** Lay the colour over the inside; on the ground it is densest at the front and gone at the back. */
function fill(brush: Brush, ring: Ellipse, hue: string, opacity: number, scale: number, isArc: boolean): void {
  trace(brush, ring, scale);
  if (isArc) {
    intoEllipse(brush, ring, scale);
    const gradient = brush.createLinearGradient(0, -1, 0, 1);
    gradient.addColorStop(0, tinted(hue, 0));
    gradient.addColorStop(1, tinted(hue, opacity));
    brush.fillStyle = gradient;
  } else brush.fillStyle = tinted(hue, opacity);
  brush.fill();
}

function strokeBody(brush: Brush, ring: Ellipse, hue: string, half: number, opacity: number, scale: number): void {
  trace(brush, ring, scale);
  brush.setTransform(scale, 0, 0, scale, 0, 0);
  const rim = half * 2 * RIM_WIDTHS;
  let left = 1; // of the light under the rim so far, from outside in
  for (let step = RIM_STEPS; step >= 1; step -= 1) {
    const wanted = 1 - RIM * opacity * (1 - (step - 0.5) / RIM_STEPS) ** 2;
    brush.lineWidth = 2 * (half + (rim * step) / RIM_STEPS);
    brush.strokeStyle = `rgb(0 0 0 / ${1 - wanted / left})`;
    brush.stroke();
    left = wanted;
  }
  brush.lineWidth = 2 * half;
  brush.strokeStyle = tinted(hue, opacity);
  brush.stroke();
}

/** The arc thins out and pales towards its ends, which no line of a canvas does: it is worked out pixel by pixel. */
function strokeArc(brush: Brush, ring: Ellipse, hue: string, half: number, opacity: number, scale: number): void {
  const arc = arcPixels(ring, half, opacity, scale, brush.canvas);
  if (!arc) return;
  const sheet = new OffscreenCanvas(arc.width, arc.height);
  const [red, green, blue] = rgbOf(hue);
  const image = new ImageData(arc.width, arc.height);
  for (let at = 0; at < arc.line.length; at += 1) {
    const [line, shade] = [arc.line[at] as number, arc.shade[at] as number];
    const alpha = line + shade * (1 - line);
    if (alpha === 0) continue;
    image.data[4 * at] = (red * line) / alpha;
    image.data[4 * at + 1] = (green * line) / alpha;
    image.data[4 * at + 2] = (blue * line) / alpha;
    image.data[4 * at + 3] = Math.round(alpha * 255);
  }
  sheet.getContext("2d")?.putImageData(image, 0, 0);
  brush.setTransform(1, 0, 0, 1, 0, 0);
  brush.drawImage(sheet, arc.left, arc.top);
}

/** How opaque the arc's line is in each pixel of a box, and its dark rim. */
export interface ArcPixels {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly line: Float32Array;
  readonly shade: Float32Array;
}

/** Return the pixels of the arc on the ground; null if none of it is on a canvas of that size. */
export function arcPixels(given: Ellipse, half_px: number, opacity: number, scale: number, on: Size): ArcPixels | null {
  const [rx, ry] = [given.rx * scale, given.ry * scale];
  const [x, y, half] = [given.x * scale, given.y * scale, half_px * scale];
  const rim = half * 2 * RIM_WIDTHS;
  const [along, across] = [Math.cos(radians(given.rotation_deg)), Math.sin(radians(given.rotation_deg))];
  const [wide, tall] = [Math.hypot(rx * along, ry * across), Math.hypot(rx * across, ry * along)];
  const beyond = half + rim + 1;
  const left = Math.max(Math.floor(x - wide - beyond), 0);
  const top = Math.max(Math.floor(y - tall - beyond), 0);
  const width = Math.min(Math.ceil(x + wide + beyond), on.width) - left;
  const height = Math.min(Math.ceil(y + tall + beyond), on.height) - top;
  if (!(width > 0 && height > 0)) return null;
  const [line, shade] = [new Float32Array(width * height), new Float32Array(width * height)];
  for (let row = 0; row < height; row += 1) {
    const dy = top + row + 0.5 - y;
    for (let column = 0; column < width; column += 1) {
      const dx = left + column + 0.5 - x;
      const [u, v] = [(dx * along + dy * across) / rx, (dy * along - dx * across) / ry];
      const squared = u * u + v * v;
      const away = Math.abs((squared - Math.sqrt(squared)) / Math.max(Math.hypot(u / rx, v / ry), 1e-12));
      if (away > half + rim + 0.5) continue;
      const share = shareOfArc((Math.atan2(Math.abs(u), v) * 180) / Math.PI);
      const at = row * width + column;
      const drawn = Math.min(half * share, away + 0.5) - Math.max(-half * share, away - 0.5);
      line[at] = Math.max(drawn, 0) * share * opacity;
      const faded = Math.min(Math.max(1 - (away - half * share) / rim, 0), 1);
      shade[at] = faded * faded * share * share * RIM * opacity;
    }
  }
  return { left, top, width, height, line, shade };
}

function trace(brush: Brush, { x, y, rx, ry, rotation_deg }: Ellipse, scale: number): void {
  brush.setTransform(scale, 0, 0, scale, 0, 0);
  brush.beginPath();
  brush.ellipse(x, y, rx, ry, radians(rotation_deg), 0, 2 * Math.PI);
}

function tinted(hue: string, opacity: number): string {
  const [red, green, blue] = rgbOf(hue);
  return `rgb(${red} ${green} ${blue} / ${opacity})`;
}

/** Return the parts of a colour that is written #RRGGBB, 0 to 255. */
export function rgbOf(hue: string): readonly [red: number, green: number, blue: number] {
  const whole = Number.parseInt(hue.slice(1), 16);
  return [whole >> 16, (whole >> 8) & 255, whole & 255];
}
