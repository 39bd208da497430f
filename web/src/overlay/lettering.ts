/** Text on a canvas as the export sets it (media/lettering.py): the same font, the same breaks, the same lines. */

import "@fonts/scripts.css";
import { breakLines, shortened } from "../reel/text.ts";

/** From one baseline to the next, of the size. */
export const LINE = 1.36;
/** From a line's top to its baseline, of the size. */
export const ASCENT = 1;
/** Inter's weight in labels and cards (media/typeface.py). */
const BOLD = 680;

const probe: { brush: CanvasRenderingContext2D | null } = { brush: null };

/** Return the font of a size, as a canvas takes it: what Inter has not is drawn by the fonts that the export has. */
export function fontOf(size_px: number): string {
  return `${BOLD} ${size_px}px Inter, "Reel scripts", "Inter fallback", "Noto Sans", system-ui, sans-serif`;
}

/** Return how wide a line of text is. */
export function widthOf(text: string, size_px: number): number {
  probe.brush ??= document.createElement("canvas").getContext("2d");
  if (!probe.brush) return 0;
  probe.brush.font = fontOf(100);
  return (probe.brush.measureText(text).width * size_px) / 100;
}

/** Return the text in lines of at most `max_width`; more than `max_lines` end in an ellipsis. */
export function wrapped(text: string, size_px: number, max_width: number, max_lines?: number): readonly string[] {
  const measure = (line: string) => widthOf(line, size_px);
  const lines = text.split("\n").flatMap((paragraph) => [...breakLines(paragraph, max_width, measure)]);
  if (max_lines === undefined || lines.length <= max_lines) return lines;
  return [...lines.slice(0, max_lines - 1), shortened(lines[max_lines - 1] ?? "", max_width, measure)];
}

/** Write lines below each other in the middle of a box. */
export function write(
  brush: CanvasRenderingContext2D,
  lines: readonly string[],
  size_px: number,
  box: { readonly left: number; readonly top: number; readonly width: number },
): void {
  brush.font = fontOf(size_px);
  brush.textAlign = "center";
  brush.textBaseline = "alphabetic";
  brush.fontKerning = "normal";
  lines.forEach((line, number) => {
    brush.direction = isRtl(line) ? "rtl" : "ltr";
    brush.fillText(line, box.left + box.width / 2, box.top + size_px * (number * LINE + ASCENT));
  });
}

/** Say whether a line runs from right to left: its first letter decides (media/bidi.py). */
export function isRtl(line: string): boolean {
  const first = /\p{L}/u.exec(line)?.[0] ?? "";
  return /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u.test(first);
}

/** See to it that the font is there; call `then` when it is, and when the font of one more script is. */
export function whenLettered(then: () => void, until: AbortSignal): void {
  if (!document.fonts) return;
  void document.fonts.load(fontOf(20)).then(then, () => undefined); // without it the fallback stands
  document.fonts.addEventListener("loadingdone", then, { signal: until });
}
