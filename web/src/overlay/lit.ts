/** The light inside a spotlight: the picture itself, lifted, laid over where it is lit (media/spotlight.py, _Lights). */

import { radians, type Size } from "../reel/geometry.ts";
import { FEATHER, LIFT, LIFT_CHROMA } from "../reel/light.ts";
import type { Ellipse } from "../reel/spotlight.ts";

/** The picture below the canvas, to be read; null while there is none. */
export type Picture = HTMLVideoElement | HTMLCanvasElement | null;

/** More pixels of it are not worked out: a large light is drawn a little softer. */
const MOST_PIXELS = 220_000;

type Stops = (gradient: CanvasGradient, of: (share: number) => string) => void;

let sheet: OffscreenCanvas | null = null;

/** Lay the lifted picture over the inside of an ellipse of the output, feathered. */
export function drawLit(
  brush: CanvasRenderingContext2D,
  ellipse: Ellipse,
  opacity: number,
  output: Size,
  scale: number,
  picture: Picture,
  stops: Stops,
): void {
  const box = boxAround(ellipse, output);
  const read = picture && sizeOf(picture);
  if (!box || !picture || !read) return;
  const fine = Math.min(scale, Math.sqrt(MOST_PIXELS / (box.width * box.height)));
  const [width, height] = [Math.ceil(box.width * fine), Math.ceil(box.height * fine)];
  sheet ??= new OffscreenCanvas(1, 1);
  [sheet.width, sheet.height] = [width, height];
  const inner = sheet.getContext("2d", { willReadFrequently: true });
  if (!inner) return;
  const per = read.width / output.width;
  const from = [box.left * per, box.top * per, box.width * per, box.height * per] as const;
  inner.drawImage(picture, ...from, 0, 0, box.width * fine, box.height * fine);
  const image = inner.getImageData(0, 0, width, height);
  lift(image.data, opacity);
  inner.putImageData(image, 0, 0);
  const turn = radians(ellipse.rotation_deg);
  const [along, across] = [Math.cos(turn) * fine, Math.sin(turn) * fine];
  const { rx, ry } = ellipse;
  inner.globalCompositeOperation = "destination-in";
  inner.setTransform(
    along * rx,
    across * rx,
    -across * ry,
    along * ry,
    (ellipse.x - box.left) * fine,
    (ellipse.y - box.top) * fine,
  );
  const gradient = inner.createRadialGradient(0, 0, FEATHER[0], 0, 0, FEATHER[1]);
  stops(gradient, (share) => `rgb(0 0 0 / ${share})`);
  inner.fillStyle = gradient;
  inner.fillRect(-2, -2, 4, 4);
  brush.setTransform(scale, 0, 0, scale, 0, 0);
  brush.drawImage(sheet, 0, 0, box.width * fine, box.height * fine, box.left, box.top, box.width, box.height);
}

/** Lift pixels (RGBA, 0 to 255) in place: the luma by an exponent, the chroma by a factor, both as far as `opacity`. */
export function lift(pixels: Uint8ClampedArray, opacity: number): void {
  const chroma = 1 + (LIFT_CHROMA - 1) * opacity;
  const table = lumaTable(opacity);
  for (let at = 0; at < pixels.length; at += 4) {
    const [red, green, blue] = [pixels[at] as number, pixels[at + 1] as number, pixels[at + 2] as number];
    const luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    const lifted = table[Math.round(luma * 4)] as number;
    pixels[at] = lifted + (red - luma) * chroma;
    pixels[at + 1] = lifted + (green - luma) * chroma;
    pixels[at + 2] = lifted + (blue - luma) * chroma;
  }
}

const tables = new Map<number, Float32Array>();

function lumaTable(opacity: number): Float32Array {
  const there = tables.get(opacity);
  if (there) return there;
  if (tables.size > 64) tables.clear();
  const table = Float32Array.from({ length: 1021 }, (_, at) => {
    const part = at / 1020;
    return 255 * (part + (part ** LIFT - part) * opacity);
  });
  tables.set(opacity, table);
  return table;
}

function boxAround({ x, y, rx, ry, rotation_deg }: Ellipse, output: Size) {
  const [along, across] = [Math.cos(radians(rotation_deg)), Math.sin(radians(rotation_deg))];
  const wide = Math.hypot(rx * along, ry * across) * FEATHER[1];
  const tall = Math.hypot(rx * across, ry * along) * FEATHER[1];
  const [left, top] = [Math.max(Math.floor(x - wide), 0), Math.max(Math.floor(y - tall), 0)];
  const width = Math.min(Math.ceil(x + wide), output.width) - left;
  const height = Math.min(Math.ceil(y + tall), output.height) - top;
  return width > 0 && height > 0 ? { left, top, width, height } : null;
}

function sizeOf(picture: HTMLVideoElement | HTMLCanvasElement): Size | null {
  const isVideo = "videoWidth" in picture;
  const size = isVideo
    ? { width: picture.videoWidth, height: picture.videoHeight }
    : { width: picture.width, height: picture.height };
  const ready = !isVideo || picture.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
  return ready && size.width > 0 ? size : null;
}
