/** Contrast by WCAG 2.2: how far two colours stand apart, from 1 to 21. */

/** Return the contrast of two colours (#rrggbb). Raises RangeError if one is not such a colour. */
export function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** Return the relative luminance of a colour, 0 to 1. */
export function luminance(colour: string): number {
  const channels = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour)?.slice(1);
  if (!channels) throw new RangeError(`${colour} is not a colour like #1b2622.`);
  const [red, green, blue] = channels.map((two) => linear(Number.parseInt(two, 16) / 255)) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function linear(share: number): number {
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}
