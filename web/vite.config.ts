import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { webFonts } from "./build/fonts.ts";
import { landing } from "./build/landing.ts";
import { EMOJI, SCRIPTS, writeFaces } from "./build/scripts.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The service behind `./run dev`; it lets pages of port 5173 in. */
const API = `http://localhost:${process.env.PORT ?? 8000}`;

const inter = here("../media/fonts/inter.ttf");
const scripts = [...SCRIPTS, EMOJI].map((name) => here(`../media/fonts/${name}`));
const fonts = webFonts([inter, ...scripts], here("node_modules/.cache/fonts"));
writeFaces(inter, scripts, fonts);

export default defineConfig({
  plugins: [react(), tailwindcss(), landing(here("landing"), [`${fonts}/inter.woff2`, here("public/icon.svg")])],
  resolve: { alias: { "@fonts": fonts } },
  server: { port: 5173, strictPort: true, proxy: { "^/(api|s)/": { target: API, changeOrigin: true } } },
  build: { outDir: "out", assetsInlineLimit: 0, sourcemap: true },
  test: {
    include: ["src/**/*.test.{ts,tsx}", "build/**/*.test.ts"],
    environment: "node",
    setupFiles: ["build/reproducible.ts"],
    restoreMocks: true,
    maxWorkers: 2,
  },
});
