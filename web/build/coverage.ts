/** Which characters a font has: its character map (OpenType, `cmap`), in the formats that fonts of today have, 4 and 12. */

/** Code points, both ends included. */
export type Range = readonly [first: number, last: number];

/** Return the characters of an OpenType font, in order, as ranges that are apart. Throws for one without a known map. */
export function coverage(font: Buffer): readonly Range[] {
  const cmap = table(font, "cmap");
  const maps = Array.from({ length: cmap.readUInt16BE(2) }, (_, n) => cmap.subarray(cmap.readUInt32BE(4 + 8 * n + 4)));
  const whole = maps.find((map) => map.readUInt16BE(0) === 12);
  const plane = maps.find((map) => map.readUInt16BE(0) === 4);
  if (whole) return joined(groups(whole));
  if (plane) return joined(segments(plane));
  throw new Error("The font's character map is of no known format.");
}

/** Return what of `ranges`, in order and apart, is not in `others`. */
export function without(ranges: readonly Range[], others: readonly Range[]): readonly Range[] {
  const taken = joined(others);
  const rest: Range[] = [];
  let next = 0;
  for (const [first, last] of ranges) {
    let from = first;
    while ((taken[next]?.[1] ?? last) < first) next += 1;
    for (let at = next; from <= last; at += 1) {
      const [begin, end] = taken[at] ?? [last + 1, last + 1];
      if (begin > from) rest.push([from, Math.min(begin - 1, last)]);
      if (begin > last) break;
      from = Math.max(from, end + 1);
    }
  }
  return rest;
}

function table(font: Buffer, tag: string): Buffer {
  for (let at = 12; at < 12 + 16 * font.readUInt16BE(4); at += 16) {
    if (font.toString("latin1", at, at + 4) === tag) return font.subarray(font.readUInt32BE(at + 8));
  }
  throw new Error(`The font has no ${tag}.`);
}

function groups(map: Buffer): Range[] {
  return Array.from({ length: map.readUInt32BE(12) }, (_, n) => [
    map.readUInt32BE(16 + 12 * n),
    map.readUInt32BE(16 + 12 * n + 4),
  ]);
}

function segments(map: Buffer): Range[] {
  const twice = map.readUInt16BE(6);
  const [ends, starts] = [14, 16 + twice];
  const found: Range[] = [];
  for (let at = 0; at < twice; at += 2) {
    const [first, last] = [map.readUInt16BE(starts + at), map.readUInt16BE(ends + at)];
    const [delta, place] = [map.readUInt16BE(starts + twice + at), starts + 2 * twice + at];
    const offset = map.readUInt16BE(place);
    for (let code = first; code <= last && code !== 0xffff; code += 1) {
      const glyph = offset === 0 ? code : map.readUInt16BE(place + offset + 2 * (code - first));
      if (glyph !== 0 && (glyph + delta) % 0x10000 !== 0) found.push([code, code]);
    }
  }
  return found;
}

function joined(ranges: readonly Range[]): readonly Range[] {
  const made: [number, number][] = [];
  for (const [first, last] of [...ranges].sort(([a], [b]) => a - b)) {
    const before = made.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else made.push([first, last]);
  }
  return made;
}
