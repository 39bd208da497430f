/** Ids that the client makes: UUIDv7 (RFC 9562), in the order in which they were made, also within a millisecond. */

const VERSION = 0x7;
const COUNTER_MOST = 0xfff;

/** Return a maker of ids. `random` returns so many random bytes, as crypto.getRandomValues does. */
export function uuidMaker(now_ms: () => number, random: (count: number) => Uint8Array): () => string {
  let [last_ms, counter] = [0, 0];
  return () => {
    const bytes = random(10);
    const now = Math.floor(now_ms());
    if (now > last_ms) {
      // Begins low, so that a clip list of two thousand rows brought in at once still counts up
      [last_ms, counter] = [now, ((bytes[8] ?? 0) * 256 + (bytes[9] ?? 0)) % 0x400];
    } else if (counter < COUNTER_MOST) {
      counter += 1;
    } else {
      [last_ms, counter] = [last_ms + 1, 0]; // a clock that stands or goes back: ahead of it, never twice
    }
    const time = hex(last_ms, 12);
    const variant = hex(0x80 | ((bytes[0] ?? 0) & 0x3f), 2);
    const rest = [...bytes.subarray(1, 8)].map((byte) => hex(byte, 2)).join("");
    return `${time.slice(0, 8)}-${time.slice(8)}-${VERSION}${hex(counter, 3)}-${variant}${rest.slice(0, 2)}-${rest.slice(2)}`;
  };
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
