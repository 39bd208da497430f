import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { woff2 } from "./woff2.ts";

/**
 * Make the bundled fonts into WOFF2 in `folder`, once each, and return the folder. They are the files that the export
 * draws with, so that they stand in the repository once.
 */
export function webFonts(fonts: readonly string[], folder: string): string {
  mkdirSync(folder, { recursive: true });
  for (const font of fonts) {
    const made = join(folder, `${basename(font).replace(/\.[a-z]+$/, "")}.woff2`);
    if (existsSync(made) && statSync(made).mtimeMs >= statSync(font).mtimeMs) continue;
    const unfinished = `${made}.${process.pid}`;
    writeFileSync(unfinished, woff2(readFileSync(font)));
    renameSync(unfinished, made);
  }
  return folder;
}
