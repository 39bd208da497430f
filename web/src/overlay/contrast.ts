/** How well a spotlight's colours stand off the grass under it: measured in the picture, as WCAG measures contrast. */

import { contrast } from "../look/contrast.ts";
import { radians, type Size } from "../reel/geometry.ts";
import { COLOURS, ground } from "../reel/light.ts";
import type { Colour, Ellipse, Shape } from "../reel/spotlight.ts";

/** Below it a line is easily missed: what WCAG asks of graphics. */
export const ENOUGH = 3;
/** The band along the outline that is looked at, in reaches. */
const [FROM, TO] = [0.82, 1.3];
const SIDE_PX = 96;

/** Return how far each colour stands off the picture under the outline, 1 to 21; null where nothing can be read. */
export function contrastsUnder(
  video: HTMLVideoElement | null,
  ellipse: Ellipse,
  shape: Shape,
  output: Size,
): ReadonlyMap<Colour, number> | null {
  const ring = shape === "ground" ? ground(ellipse) : ellipse;
  const under = video && pixelsUnder(video, ring, output);
  const mean = under ? meanInBand(under.data, SIDE_PX, TO) : null;
  return mean === null ? null : contrastsWith(mean);
}

/** Return the contrast of every colour with one that is given as #rrggbb. */
export function contrastsWith(under: string): ReadonlyMap<Colour, number> {
  const found = new Map<Colour, number>();
  for (const [name, hue] of Object.entries(COLOURS))
    if (hue) found.set(name as Colour, contrast(hue.toLowerCase(), under));
  return found;
}

/** Return the mean colour, as #rrggbb, of the band along the circle in a square of pixels that reaches to `reach`. */
export function meanInBand(pixels: Uint8ClampedArray, side: number, reach: number): string | null {
  const sums = [0, 0, 0];
  let count = 0;
  for (let at = 0; at < side * side; at += 1) {
    const across = (((at % side) + 0.5) / side) * 2 - 1;
    const down = ((Math.floor(at / side) + 0.5) / side) * 2 - 1;
    const away = Math.hypot(across, down) * reach;
    if (away < FROM || away > TO || pixels[4 * at + 3] === 0) continue;
    for (let part = 0; part < 3; part += 1) sums[part] = (sums[part] ?? 0) + (pixels[4 * at + part] ?? 0);
    count += 1;
  }
  if (count === 0) return null;
  return `#${sums
    .map((sum) =>
      Math.round(sum / count)
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
}

let sheet: OffscreenCanvas | null = null;

/** Return the picture around an ellipse, turned and stretched until that is a circle. */
function pixelsUnder(video: HTMLVideoElement, ring: Ellipse, output: Size): ImageData | null {
  if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || video.videoWidth === 0) return null;
  sheet ??= new OffscreenCanvas(SIDE_PX, SIDE_PX);
  const brush = sheet.getContext("2d", { willReadFrequently: true });
  if (!brush) return null;
  const half = SIDE_PX / 2;
  brush.setTransform(1, 0, 0, 1, 0, 0);
  brush.clearRect(0, 0, SIDE_PX, SIDE_PX);
  brush.translate(half, half);
  brush.scale(half / (ring.rx * TO), half / (ring.ry * TO));
  brush.rotate(-radians(ring.rotation_deg));
  brush.translate(-ring.x, -ring.y);
  brush.drawImage(video, 0, 0, output.width, output.height);
  return brush.getImageData(0, 0, SIDE_PX, SIDE_PX);
}
