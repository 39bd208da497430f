/** How a call goes out: within a time, a write under a key of its own, and again where no answer came. */

import { fullJitter } from "../editing/backoff.ts";
import { noteReached } from "./connection.ts";
import { Unreachable } from "./errors.ts";

const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD"]);
const LASTS_MS = 30_000; // a write may wait for the store; the slowest measured took 6 s
const TRIES = 3;
const BOUNDS = { least_ms: 250, most_ms: 4000 };

/**
 * Send a request; return the answer, whatever it says. A write carries an Idempotency-Key, so that it is done once
 * however often it is sent. Raises Unreachable, or what the caller's own signal was ended with.
 */
export async function send(request: Request): Promise<Response> {
  const headers = new Headers(request.headers);
  if (!SAFE.has(request.method) && !headers.has("Idempotency-Key")) headers.set("Idempotency-Key", newKey());
  for (let tries = 1; ; tries += 1) {
    const answer = await tried(new Request(request.clone(), { headers }));
    if (answer instanceof Response) {
      const again = answer.status === 503 && tries < TRIES;
      if (!again) return answer;
    } else if (tries >= TRIES || !navigator.onLine) throw answer;
    await pause(fullJitter(tries, Math.random(), BOUNDS), request.signal);
  }
}

/** Not crypto.randomUUID: a page of the home network has no https, and there it is missing. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function tried(request: Request): Promise<Response | Unreachable> {
  const ends = AbortSignal.timeout(LASTS_MS);
  try {
    const answer = await fetch(request, { signal: AbortSignal.any([request.signal, ends]) });
    noteReached(answer.status !== 502 && answer.status !== 504);
    return answer;
  } catch (error) {
    if (request.signal.aborted) throw error;
    noteReached(false);
    return new Unreachable(error);
  }
}

/** Wait; raises at once what the signal is ended with. */
export function pause(wait_ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const ended = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", ended);
      resolve();
    }, wait_ms);
    signal?.addEventListener("abort", ended, { once: true });
  });
}
