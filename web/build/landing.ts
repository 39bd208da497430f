// The landing page: its files as they are, with the font and the icon that the editor has too, in a folder of the build.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

const SHOWN = /^_headers$|\.(html|css|js|jpg|mp4)$/;

/** Puts what `folder` shows, and the files of `beside`, into landing/ of the build: the root of a site of its own. */
export function landing(folder: string, beside: readonly string[]): Plugin {
  return {
    name: "landing",
    apply: "build",
    generateBundle() {
      const ours = readdirSync(folder).filter((name) => SHOWN.test(name));
      for (const path of [...ours.map((name) => join(folder, name)), ...beside]) {
        const name = path.slice(path.lastIndexOf("/") + 1);
        this.emitFile({ type: "asset", fileName: `landing/${name}`, source: readFileSync(path) });
      }
    },
  };
}
