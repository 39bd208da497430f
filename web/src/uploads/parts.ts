/** The parts of one file: several at a time, each to an address that is signed shortly before. */

import { answered, api, type Shown } from "../api/client.ts";
import { putPart } from "./put_part.ts";

type Upload = Shown<"UploadOut">;

/** Parts of all files that are on their way at once: enough to fill a line, few enough not to starve the rest. */
const MOST_AT_ONCE = 4;
const SIGNED_AT_ONCE = 8;

const waiting: (() => void)[] = [];
let taken = 0;

/** Send the parts that have not arrived; tell how many bytes of the file have. Raises what stops the first part. */
export async function sendParts(file: File, upload: Upload, signal: AbortSignal, sent: (bytes: number) => void) {
  const arrived = new Set(upload.arrived_parts);
  const left = Array.from({ length: upload.part_count }, (_, index) => index + 1).filter((part) => !arrived.has(part));
  const going = new Map<number, number>();
  let whole = upload.arrived_bytes;
  const tell = () => sent([...going.values()].reduce((sum, bytes) => sum + bytes, whole));
  tell();
  const ends = new AbortController();
  const both = AbortSignal.any([signal, ends.signal]);
  const urls = signer(upload.id, left, both);
  const one = async () => {
    for (let part = left.shift(); part !== undefined; part = left.shift()) {
      const body = file.slice((part - 1) * upload.part_bytes, part * upload.part_bytes);
      await inLine(both, async () => {
        const number = part as number;
        await putPart(await urls(number), body, both, (bytes) => {
          going.set(number, Math.min(bytes, body.size));
          tell();
        });
        going.delete(number);
        whole += body.size;
        tell();
      });
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(MOST_AT_ONCE, left.length) }, one));
  } finally {
    ends.abort(); // the others of this file stop with the first that failed
  }
}

/** Return what says where a part goes; several are asked for at once. */
function signer(upload_id: string, parts: readonly number[], signal: AbortSignal): (part: number) => Promise<string> {
  const order = [...parts];
  const known = new Map<number, Promise<string>>();
  return (part) => {
    const there = known.get(part);
    if (there) return there;
    const at = order.indexOf(part);
    const wanted = order.slice(at, at + SIGNED_AT_ONCE);
    const asked = answered(
      api.POST("/api/uploads/{upload_id}/parts", {
        params: { path: { upload_id } },
        body: { parts: wanted },
        signal,
      }),
    );
    for (const one of wanted) {
      const url = asked.then(({ parts: told }) => told.find(({ part: number }) => number === one)?.url ?? "");
      url.catch(() => undefined); // who waits for it hears of it
      known.set(one, url);
    }
    return known.get(part) as Promise<string>;
  };
}

async function inLine(signal: AbortSignal, act: () => Promise<void>): Promise<void> {
  if (taken >= MOST_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  taken += 1;
  try {
    signal.throwIfAborted();
    await act();
  } finally {
    taken -= 1;
    waiting.shift()?.();
  }
}
