/** What tells one file from another without reading it whole. */

import { sha256 } from "./sha256.ts";

const MEBIBYTE = 2 ** 20;

/**
 * Return the sha256, in hexadecimal, of the size as decimal text and the first, the middle and the last MiB of a file.
 * Raises what reading it raises: NotReadableError where it was moved or changed.
 */
export async function fingerprint(file: Blob): Promise<string> {
  const middle = Math.max(0, Math.floor(file.size / 2) - MEBIBYTE / 2);
  const parts = [
    new TextEncoder().encode(String(file.size)),
    ...(await Promise.all(
      [
        file.slice(0, MEBIBYTE),
        file.slice(middle, middle + MEBIBYTE),
        file.slice(Math.max(0, file.size - MEBIBYTE)),
      ].map(bytesOf),
    )),
  ];
  return digest(new Uint8Array(await new Blob(parts).arrayBuffer()));
}

async function bytesOf(part: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await part.arrayBuffer());
}

async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  if (!globalThis.crypto?.subtle) return sha256(bytes);
  const made = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...made].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
