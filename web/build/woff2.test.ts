import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { woff2 } from "./woff2.ts";

const FONT = readFileSync(new URL("../../media/fonts/inter.ttf", import.meta.url));

test("a font's tables come through as they were, whole and in a file of the size that it says", () => {
  const made = woff2(FONT);
  expect([made.toString("latin1", 0, 4), made.readUInt32BE(8)]).toEqual(["wOF2", made.length]);
  expect(made.readUInt32BE(4)).toBe(FONT.readUInt32BE(0));
  const compressed = made.readUInt32BE(20);
  const padding = made.length % 4 === 0 ? [0, 1, 2, 3] : [];
  const start = padding
    .map((bytes) => made.length - bytes - compressed)
    .find((at) => isBrotli(made.subarray(at, at + compressed)));
  const data = brotliDecompressSync(made.subarray(start, (start ?? 0) + compressed));
  const count = FONT.readUInt16BE(4);
  const records = Array.from({ length: count }, (_, n) => 12 + 16 * n);
  const lengths = records.map((at) => FONT.readUInt32BE(at + 12));
  expect([made.readUInt16BE(12), data.length]).toEqual([count, lengths.reduce((a, b) => a + b, 0)]);
  for (const at of records) {
    const [offset, length] = [FONT.readUInt32BE(at + 8), FONT.readUInt32BE(at + 12)];
    expect(data.includes(FONT.subarray(offset, offset + length))).toBe(true);
  }
});

function isBrotli(bytes: Buffer): boolean {
  try {
    brotliDecompressSync(bytes);
    return true;
  } catch {
    return false;
  }
}
