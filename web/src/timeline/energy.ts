/** Audio energy at every zoom: the loudest level of any stretch, without looking at all of it. */

/** Levels 0…255, `per_s` of them a second; each tier holds the louder of two of the one below. */
export interface Energy {
  readonly per_s: number;
  readonly tiers: readonly Uint8Array[];
}

/** Read what peaks.json says (media/peaks.py, schema 1); null for what is none. */
export function energyFrom(said: unknown): Energy | null {
  if (typeof said !== "object" || said === null) return null;
  const { per_s, levels } = said as Record<string, unknown>;
  if (typeof per_s !== "number" || !(per_s > 0) || !Array.isArray(levels)) return null;
  return energyOf(Uint8Array.from(levels as number[]), per_s);
}

export function energyOf(levels: Uint8Array, per_s: number): Energy {
  const tiers = [levels];
  for (let below = levels; below.length > 1; ) {
    const above = new Uint8Array(Math.ceil(below.length / 2));
    for (let at = 0; at < above.length; at += 1) above[at] = Math.max(below[2 * at] ?? 0, below[2 * at + 1] ?? 0);
    tiers.push(above);
    below = above;
  }
  return { per_s, tiers };
}

/** Return the loudest level in [from_s, to_s), 0…255; at most four values are looked at. */
export function loudest({ per_s, tiers }: Energy, from_s: number, to_s: number): number {
  const [first, last] = [Math.max(from_s * per_s, 0), to_s * per_s];
  const tier = Math.min(Math.max(Math.floor(Math.log2(Math.max(last - first, 1))) - 1, 0), tiers.length - 1);
  const levels = tiers[tier];
  if (!levels) return 0;
  const wide = 2 ** tier;
  let found = 0;
  const end = Math.min(Math.ceil(last / wide), levels.length);
  for (let at = Math.floor(first / wide); at < end; at += 1) found = Math.max(found, levels[at] ?? 0);
  return found;
}
