/** A text card as the export draws it (media/card.py): words in the middle of a dark ground, as large as they fit. */

import type { Size } from "../reel/geometry.ts";
import { LINE, widthOf, wrapped, write } from "./lettering.ts";

const MIDDLE = [0x1a, 0x2a, 0x23] as const;
const FALL = 20; // how much less light there is at the edges, of each primary
const LETTERS = "#F2F7F4";
const ACCENT = "#3DDC84";
const TITLES = [0.076, 0.068, 0.06, 0.053, 0.047]; // of the picture's mean side: the text's size
const SIZES = [...TITLES, 0.042, 0.037, 0.033, 0.028];
const LEAST_PX = 6;
const MOST_OF_A_TITLE = 2; // lines a paragraph
const [ACROSS, DOWN] = [0.82, 0.72]; // of the picture: what the words may fill
const BAR = [1.4, 0.11, 0.75] as const; // of the text's size: the accent's width and height, and the gap below it
const NARROWEST = 0.6; // of the width: how far lines are evened out

interface Fitted {
  readonly size_px: number;
  readonly lines: readonly string[];
}

/** Draw a card over the whole of a canvas. */
export function drawCard(brush: CanvasRenderingContext2D, text: string, output: Size, scale: number): void {
  const said = text.trim();
  const { size_px, lines } = fitted(said, output);
  brush.setTransform(brush.canvas.width, 0, 0, brush.canvas.height, 0, 0); // its last row may be part of a pixel
  const gradient = brush.createRadialGradient(0.5, 0.44, 0, 0.5, 0.44, 0.7);
  gradient.addColorStop(0, `rgb(${MIDDLE.join(" ")})`);
  gradient.addColorStop(1, `rgb(${MIDDLE.map((part) => part - FALL).join(" ")})`);
  brush.fillStyle = gradient;
  brush.fillRect(0, 0, 1, 1);
  brush.setTransform(scale, 0, 0, scale, 0, 0);
  if (!said) return;
  const [bar_width, bar_height, gap] = BAR.map((part) => part * size_px) as [number, number, number];
  const top = (output.height - lines.length * size_px * LINE) / 2;
  brush.fillStyle = ACCENT;
  brush.beginPath();
  brush.roundRect((output.width - bar_width) / 2, top - gap, bar_width, bar_height, bar_height / 2);
  brush.fill();
  brush.fillStyle = LETTERS;
  write(brush, lines, size_px, { left: 0, top, width: output.width });
}

/** Return the largest size at which the words fit and none is divided, and their lines. */
export function fitted(text: string, output: Size): Fitted {
  const [across, down] = [output.width * ACROSS, output.height * DOWN];
  const title = MOST_OF_A_TITLE * text.split("\n").length;
  const words = text.split(/\s+/u).filter(Boolean);
  const tries = [...TITLES.map((share) => [share, title] as const), ...SIZES.map((share) => [share, null] as const)];
  for (const [share, most] of tries) {
    const size_px = sizeOf(output, share);
    const lines = wrapped(text, size_px, across);
    const whole = words.every((word) => widthOf(word, size_px) <= across);
    if (whole && lines.length <= Math.min(down / (size_px * LINE), most ?? lines.length)) {
      return { size_px, lines: evened(text, words, size_px, across, lines.length) };
    }
  }
  const size_px = sizeOf(output, SIZES.at(-1) as number);
  return { size_px, lines: wrapped(text, size_px, across, Math.max(Math.floor(down / (size_px * LINE)), 1)) };
}

/** Return the text in the narrowest lines that are no more of them: no single word is left over. */
function evened(
  text: string,
  words: readonly string[],
  size_px: number,
  across: number,
  count: number,
): readonly string[] {
  let [least, most] = [across * NARROWEST, across];
  for (let n = 0; n < 6; n += 1) {
    const middle = (least + most) / 2;
    const fits =
      wrapped(text, size_px, middle).length <= count && words.every((word) => widthOf(word, size_px) <= middle);
    [least, most] = fits ? [least, middle] : [middle, most];
  }
  return wrapped(text, size_px, most);
}

function sizeOf(output: Size, share: number): number {
  return Math.max(Math.sqrt(output.width * output.height) * share, LEAST_PX);
}
