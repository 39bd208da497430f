/** The fonts of the scripts that Inter has not, as the browser takes them: each is fetched with its first character. */

import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { coverage, type Range, without } from "./coverage.ts";

/** In the order in which the export asks them (media/typeface.py): the first that has a character draws it. */
export const SCRIPTS: readonly string[] = [
  ...["arabic.ttf", "hebrew.ttf", "devanagari.ttf", "bengali.ttf", "gurmukhi.ttf", "gujarati.ttf", "tamil.ttf"],
  ...["telugu.ttf", "kannada.ttf", "malayalam.ttf", "sinhala.ttf", "thai.ttf", "lao.ttf", "khmer.ttf"],
  ...["myanmar.ttf", "armenian.ttf", "georgian.ttf", "ethiopic.ttf", "cjk.otf"],
].map((script) => `noto-sans-${script}`);
export const EMOJI = "noto-color-emoji.ttf";

/** The family of them all: after Inter in a list of fonts, before whatever the machine has. */
const FAMILY = "Reel scripts";
/** Of all of them, also where it is another: a browser looks for a character only among the faces of one weight. */
const WEIGHT = 500;
/** Of the text's size (media/typeface.py). */
const EMOJI_SIZE = "90%";

/** Write scripts.css into a folder that has the fonts as WOFF2, which draw what `first` has not. */
export function writeFaces(first: string, fonts: readonly string[], folder: string): void {
  let taken: readonly Range[] = coverage(readFileSync(first));
  const faces = fonts.map((font) => {
    const own = without(coverage(readFileSync(font)), taken);
    taken = [...taken, ...own];
    const name = basename(font).replace(/\.[a-z]+$/, "");
    const isEmoji = basename(font) === EMOJI;
    return `@font-face {
  font-family: "${FAMILY}";
  src: url("./${name}.woff2") format("woff2");
  font-weight: ${WEIGHT};
  font-display: swap;${isEmoji ? `\n  size-adjust: ${EMOJI_SIZE};` : ""}
  unicode-range: ${own.map(said).join(", ")};
}
`;
  });
  const made = join(folder, "scripts.css");
  writeFileSync(`${made}.${process.pid}`, faces.join("\n"));
  renameSync(`${made}.${process.pid}`, made); // another build may be reading it
}

function said([first, last]: Range): string {
  const [from, to] = [first, last].map((code) => code.toString(16));
  return from === to ? `u+${from}` : `u+${from}-${to}`;
}
