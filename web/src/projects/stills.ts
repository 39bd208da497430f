/** Stills: single frames of sources, sharp enough for a card, drawn one after another and kept while the page is open. */

import { mediaUrl } from "../api/client.ts";
import type { Source } from "../api/games.ts";
import type { Terms } from "../reel/fraction.ts";
import { rescale } from "../reel/timing.ts";
import { type Sheet, sheetFrom, tileAt, tileX, tileY } from "../timeline/sprites.ts";

/** A moment of a source, on whatever clock it was said. */
export interface Moment {
  readonly pts: number;
  readonly time_base: Terms;
}

const WIDTH_PX = 640;
/** As many as a long list of projects shows. */
const MOST_KEPT = 60;
const PATIENCE_MS = 8000;

const kept = new Map<string, HTMLCanvasElement>();
let last: Promise<unknown> = Promise.resolve();

/** Return a frame of a source that is drawn already; null if it is not. */
export function stillThere(source: Source, moment: Moment): HTMLCanvasElement | null {
  return kept.get(nameOf(source, moment)) ?? null;
}

/** Draw a frame of a source. Raises where this browser cannot show it, or nobody waits for it any more. */
export function drawStill(source: Source, moment: Moment, signal: AbortSignal): Promise<HTMLCanvasElement> {
  const turn = last.then(() => drawn(source, moment, signal));
  last = turn.catch(() => undefined); // the next has its turn whatever became of this one
  return turn;
}

/** Draw the tile of a source's sheet that is nearest to a moment. Raises what loading it raises. */
export async function drawTile(canvas: HTMLCanvasElement, source: Source, moment: Moment, signal: AbortSignal) {
  const sheet = sheetFrom(source.facts?.sprite);
  if (!sheet) return;
  const image = new Image();
  image.src = mediaUrl("sprite", source.id);
  await image.decode();
  signal.throwIfAborted();
  paintTile(canvas, image, sheet, tileAt(sheet, onClockOf(source, moment)));
}

/** Copy a still onto a canvas that is shown. */
export function show(canvas: HTMLCanvasElement, still: HTMLCanvasElement): void {
  canvas.width = still.width;
  canvas.height = still.height;
  canvas.getContext("2d")?.drawImage(still, 0, 0);
}

async function drawn(source: Source, moment: Moment, signal: AbortSignal): Promise<HTMLCanvasElement> {
  signal.throwIfAborted();
  const there = stillThere(source, moment);
  if (there) return there;
  const made = await frameOf(source, moment, AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]));
  kept.set(nameOf(source, moment), made);
  for (const name of [...kept.keys()].slice(0, -MOST_KEPT)) kept.delete(name);
  return made;
}

async function frameOf(source: Source, moment: Moment, signal: AbortSignal): Promise<HTMLCanvasElement> {
  const video = document.createElement("video");
  try {
    video.muted = true;
    video.preload = "auto";
    video.src = mediaUrl(source.plays ?? "original", source.id);
    await happened(video, "loadedmetadata", signal);
    video.currentTime = secondsOf(source, moment);
    await happened(video, "seeked", signal);
    if (video.videoWidth === 0) throw new Error("This browser does not show this picture."); // HEVC: sound alone
    const canvas = document.createElement("canvas");
    canvas.width = Math.min(WIDTH_PX, video.videoWidth);
    canvas.height = Math.round((canvas.width * video.videoHeight) / video.videoWidth);
    const pen = canvas.getContext("2d");
    if (!pen) throw new Error("This browser does not draw.");
    pen.imageSmoothingQuality = "high";
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    return canvas;
  } finally {
    video.removeAttribute("src");
    video.load(); // lets go of the film: what it still asks for would be an error
  }
}

function paintTile(canvas: HTMLCanvasElement, image: HTMLImageElement, sheet: Sheet, tile: number): void {
  const [width, height] = sheet.tile_px;
  canvas.width = width * 2;
  canvas.height = height * 2;
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.imageSmoothingQuality = "high";
  pen.drawImage(image, tileX(sheet, tile), tileY(sheet, tile), width, height, 0, 0, canvas.width, canvas.height);
}

function onClockOf({ facts }: Source, { pts, time_base }: Moment): number {
  return facts ? rescale(pts, time_base, facts.time_base) : pts;
}

/** The film begins with its first frame that is shown. */
function secondsOf(source: Source, moment: Moment): number {
  const { facts } = source;
  if (!facts) return (moment.pts * moment.time_base[0]) / moment.time_base[1];
  return ((onClockOf(source, moment) - facts.in_pts) * facts.time_base[0]) / facts.time_base[1];
}

function nameOf({ id, plays }: Source, moment: Moment): string {
  return `${id} ${plays} ${moment.pts}/${moment.time_base.join(":")}`;
}

function happened(video: HTMLVideoElement, name: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { once: true, signal };
    video.addEventListener(name, () => resolve(), options);
    video.addEventListener("error", () => reject(video.error), options);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
