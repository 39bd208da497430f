/** Draws a game's picture. A sprite's tiles are small: they stay sharp side by side, a large one and small ones around. */

/** The tiles of a sprite sheet that a poster shows: the large one first. */
export interface Layout {
  readonly tile_px: readonly [number, number];
  readonly columns: number;
  readonly tiles: readonly number[];
}

const WIDTH_PX = 720;
const HEIGHT_PX = 405;
const GAP_PX = 4;
const MANY = 6;
/** Fewer tiles than this are of a short film: one of them alone would be blurred, a frame of the film is not. */
const FEW = 4;

/** Return which tiles of a sheet make the poster; null where a frame of the film is better, or there is no sheet. */
export function layoutOf(sprite: Readonly<Record<string, unknown>> | undefined): Layout | null {
  const { tile_px, columns, pts } = sprite ?? {};
  const readable = Array.isArray(tile_px) && typeof columns === "number" && Array.isArray(pts) && pts.length > 0;
  if (!readable) return null;
  const [width, height] = tile_px.map(Number);
  if (!width || !height) return null;
  const count = pts.length;
  const at = (share: number) => Math.min(count - 1, Math.floor(share * count));
  if (count < FEW || width < height) return null;
  const several = count < MANY ? [0, 0.25, 0.5, 0.75] : [0.4, 0.1, 0.25, 0.55, 0.7, 0.85];
  const tiles = several.map(at);
  return { tile_px: [width, height], columns, tiles };
}

/** Draw moments of a sheet. Raises what loading it raises. */
export async function drawSheet(
  canvas: HTMLCanvasElement,
  url: string,
  layout: Layout,
  signal: AbortSignal,
): Promise<void> {
  const sheet = new Image();
  sheet.src = url;
  await sheet.decode();
  signal.throwIfAborted();
  const pen = penOf(canvas);
  const [width, height] = layout.tile_px;
  for (const [index, tile] of layout.tiles.entries()) {
    const from = [(tile % layout.columns) * width, Math.floor(tile / layout.columns) * height] as const;
    cover(pen, sheet, [...from, width, height], placeOf(index, layout.tiles.length));
  }
}

/** Draw a frame of a film, near its beginning. Raises where this browser cannot show it. */
export async function drawFrame(canvas: HTMLCanvasElement, film: File | string, signal: AbortSignal): Promise<void> {
  const video = document.createElement("video");
  const url = typeof film === "string" ? film : URL.createObjectURL(film);
  try {
    video.muted = true;
    video.preload = "auto";
    video.src = url;
    await happened(video, "loadedmetadata", signal);
    video.currentTime = Math.min(video.duration * 0.1, 30);
    await happened(video, "seeked", signal);
    if (video.videoWidth === 0) throw new Error("This browser does not show this picture."); // HEVC: sound alone
    cover(penOf(canvas), video, [0, 0, video.videoWidth, video.videoHeight], placeOf(0, 1));
  } finally {
    video.removeAttribute("src");
    video.load(); // lets go of the film: what it still asks for would be an error
    URL.revokeObjectURL(url);
  }
}

type Box = readonly [number, number, number, number];

/** Return where a tile stands: the large one takes two thirds, the others a ninth each around it. */
function placeOf(index: number, of: number): Box {
  if (of === 1) return [0, 0, WIDTH_PX, HEIGHT_PX];
  if (of === FEW) {
    const [half_w, half_h] = [(WIDTH_PX - GAP_PX) / 2, (HEIGHT_PX - GAP_PX) / 2];
    return [(index % 2) * (half_w + GAP_PX), Math.floor(index / 2) * (half_h + GAP_PX), half_w, half_h];
  }
  const [w, h] = [(WIDTH_PX - 2 * GAP_PX) / 3, (HEIGHT_PX - 2 * GAP_PX) / 3];
  const cell = (column: number, row: number): Box => [column * (w + GAP_PX), row * (h + GAP_PX), w, h];
  if (index === 0) return [0, 0, 2 * w + GAP_PX, 2 * h + GAP_PX];
  return [cell(2, 0), cell(2, 1), cell(0, 2), cell(1, 2), cell(2, 2)][index - 1] ?? cell(2, 2);
}

/** Draw a part of a picture so that it fills a place; what is too much of it is cut off on both sides. */
function cover(pen: CanvasRenderingContext2D, picture: CanvasImageSource, [x, y, w, h]: Box, place: Box): void {
  const scale = Math.max(place[2] / w, place[3] / h);
  const [seenW, seenH] = [place[2] / scale, place[3] / scale];
  pen.drawImage(picture, x + (w - seenW) / 2, y + (h - seenH) / 2, seenW, seenH, ...place);
}

function penOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  canvas.width = WIDTH_PX;
  canvas.height = HEIGHT_PX;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("This browser does not draw.");
  pen.imageSmoothingQuality = "high";
  return pen;
}

function happened(video: HTMLVideoElement, name: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { once: true, signal };
    video.addEventListener(name, () => resolve(), options);
    video.addEventListener("error", () => reject(video.error), options);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
