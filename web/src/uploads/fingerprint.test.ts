import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fingerprint } from "./fingerprint.ts";
import { sha256 } from "./sha256.ts";

const MEBIBYTE = 2 ** 20;

test("our own SHA-256 is SHA-256", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(sha256(bytes)).toBe(createHash("sha256").update(bytes).digest("hex"));
    }),
  );
});

test.each([0, 1, 1000, MEBIBYTE, 2 * MEBIBYTE + 1, 5 * MEBIBYTE + 3])("of %i bytes", async (size) => {
  const bytes = new Uint8Array(size).map((_, at) => (at * 2654435761) >>> 24);
  const middle = Math.max(0, Math.floor(size / 2) - MEBIBYTE / 2);
  const expected = createHash("sha256")
    .update(String(size))
    .update(bytes.subarray(0, MEBIBYTE))
    .update(bytes.subarray(middle, middle + MEBIBYTE))
    .update(bytes.subarray(Math.max(0, size - MEBIBYTE)))
    .digest("hex");
  expect(await fingerprint(new Blob([bytes]))).toBe(expected);
});
