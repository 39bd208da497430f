/**
 * Text: where it may be cut, for banners, cards and names in any script.
 *
 * The rules of reel/text.py: extended grapheme clusters from the general categories and a few ranges, where coarser
 * joined rather than divided; line breaks after spaces, after hyphens and dashes before no digit, between ideographs
 * and kana; closing punctuation never begins a line, opening never ends one. Not Intl.Segmenter: its tables change with
 * the browser, and these lines have to break as the export's do.
 */

/** The width of a line of text, in the unit of `max_width`. Asked for whole lines: shaping makes widths not add up. */
export type Measure = (line: string) => number;

export const ELLIPSIS = "…";

const SPACES = " \t\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u200b\u205f\u3000";
const HYPHENS = "-\u2010\u2012\u2013\u2014";
const GLUE = "\u00a0\u2007\u202f\u2060\ufeff";
const NOT_FIRST =
  `${GLUE}!%),.:;?]}’”»…‰℃` +
  "、。〉》」』】〕〗〙〛〜々〻ゝゞーヽヾ・ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ" +
  "！％），．：；？］｝～｡｣､･ｰﾞﾟ";
const NOT_LAST = `${GLUE}([{‘“«〈《「『【〔〖〘〚（［｛｢$￥¥£€`;

const ZWJ = "\u200d";
// The viramas that join two consonants: UAX #29, rule GB9c
const LINKERS = ["\u094d", "\u09cd", "\u0acd", "\u0b4d", "\u0c4d", "\u0d4d", "\u17d2"];
const MARK = /^\p{M}/u;
const LETTER = /^\p{Lo}/u;
const DIGIT = /^\p{Nd}/u;
const BREAKING = /^[\p{Cc}\p{Zl}\p{Zp}]/u;
// Besides the marks: joiners, vowels that are letters by category, skin tones, flag tags
const EXTENDING = /^(?:\u200c|\u200d|[\u0e33\u0eb3\uff9e\uff9f]|[\u{1f3fb}-\u{1f3ff}]|[\u{e0020}-\u{e007f}])/u;
const PICTOGRAPH =
  /^[©®‼⁉™ℹⓂ〰〽㊗㊙\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\u{1f000}-\u{1f1e5}\u{1f200}-\u{1f3fa}\u{1f400}-\u{1faff}]/u;
// Two signs that make one syllable
const HANGUL =
  /^(?:[\u1100-\u115f\ua960-\ua97c][\u1100-\u11a7\ua960-\ua97c\ud7b0-\ud7c6가-힣]|[\u1160-\u11a7\ud7b0-\ud7c6가-힣][\u1160-\u11ff\ud7b0-\ud7fb]|[\u11a8-\u11ff\ud7cb-\ud7fb]{2})/u;
const REGIONAL = /^[\u{1f1e6}-\u{1f1ff}]/u;
const IDEOGRAPH =
  /^[\u2e80-\u2fdf\u3001-\u312f\u3190-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff9f\uffe0-\uffe6\u{20000}-\u{3ffff}]/u;
// What Python calls white space: not JavaScript's \s, which has U+FEFF and lacks U+001C to U+001F and U+0085
const WHITE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const WHITE_RUN = new RegExp(`[${WHITE}]+`, "u");
const WHITE_ENDS = new RegExp(`^[${WHITE}]+|[${WHITE}]+$`, "gu");

/** Return the text in characters as people see them; joined they are the text again. */
export function clusters(text: string): readonly string[] {
  const found: string[] = [];
  for (const character of text) {
    const last = found.at(-1);
    if (last !== undefined && joins(last, character)) found[found.length - 1] = last + character;
    else found.push(character);
  }
  return found;
}

/**
 * Return the text in lines of at most `max_width`, without the spaces at which they broke.
 *
 * Line feeds in the text stay, empty lines too. No cluster is divided, so one that is wider than the line stands alone
 * in it. What is more than `max_lines` is left out, and the last line then ends with an ellipsis.
 */
export function breakLines(
  text: string,
  max_width: number,
  measure: Measure,
  max_lines: number | null = null,
): readonly string[] {
  const lines = text.split("\n").flatMap((paragraph) => [...linesOf(paragraph, max_width, measure)]);
  if (max_lines === null || lines.length <= max_lines) return lines;
  return [...lines.slice(0, max_lines - 1), shortened(lines[max_lines - 1] ?? "", max_width, measure)];
}

/** Return the beginning of a line, in whole clusters, with an ellipsis: both together at most `max_width` wide. */
export function shortened(line: string, max_width: number, measure: Measure): string {
  return trimmed(fitting(clusters(line), (text) => measure(trimmed(text) + ELLIPSIS) <= max_width)) + ELLIPSIS;
}

/**
 * Return the beginning of the text, at most `most` code points: whole words, or whole clusters of a longer word.
 *
 * Any white space is one space in it.
 */
export function cut(text: string, most: number): string {
  const words = text.split(WHITE_RUN).filter((word) => word !== "");
  let kept = "";
  for (const word of words) {
    const longer = kept ? `${kept} ${word}` : word;
    if (length(longer) > most) break;
    kept = longer;
  }
  return kept || fitting(clusters(words[0] ?? ""), (beginning) => length(beginning) <= most);
}

/** Return how many code points a text has: what every limit on texts counts, here and in Python. */
export function length(text: string): number {
  return [...text].length;
}

/** Return a text without white space, in Python's sense, at its ends. */
export function stripped(text: string): string {
  return text.replace(WHITE_ENDS, "");
}

function* linesOf(paragraph: string, max_width: number, measure: Measure): Generator<string> {
  let line = "";
  for (const piece of piecesOf(trimmed(paragraph))) {
    if (measure(trimmed(line + piece)) <= max_width) {
      line += piece;
      continue;
    }
    if (line) yield trimmed(line);
    line = piece;
    for (;;) {
      const parts = clusters(trimmed(line));
      if (measure(trimmed(line)) <= max_width || parts.length <= 1) break;
      const beginning = fitting(parts, (text) => measure(text) <= max_width) || (parts[0] as string);
      yield trimmed(beginning);
      line = line.slice(beginning.length).replace(LEADING, "");
    }
  }
  yield trimmed(line);
}

/** Return the paragraph in the pieces that hold together, each with the spaces behind it. */
function* piecesOf(paragraph: string): Generator<string> {
  const parts = clusters(paragraph);
  const first = (index: number) => [...(parts[index] ?? " ")][0] as string;
  let start = 0;
  for (let at = 1; at < parts.length; at += 1) {
    if (mayBreak(first(at - 2), first(at - 1), first(at))) {
      yield parts.slice(start, at).join("");
      start = at;
    }
  }
  yield parts.slice(start).join("");
}

/** Say whether a line may end behind `last`, which `before` precedes, and the next one begin with `first`. */
function mayBreak(before: string, last: string, first: string): boolean {
  if (SPACES.includes(first) || NOT_FIRST.includes(first) || NOT_LAST.includes(last)) return false;
  if (SPACES.includes(last)) return true;
  if (HYPHENS.includes(last)) return !SPACES.includes(before) && !HYPHENS.includes(first) && !DIGIT.test(first);
  return IDEOGRAPH.test(last) || IDEOGRAPH.test(first);
}

const LEADING = new RegExp(`^[${SPACES}]+`, "u");
const ENDS = new RegExp(`^[${SPACES}]+|[${SPACES}]+$`, "gu");

function trimmed(line: string): string {
  return line.replace(ENDS, "");
}

/** Return the longest beginning, in whole parts, that fits; empty if none does. */
function fitting(parts: readonly string[], fits: (beginning: string) => boolean): string {
  let beginning = "";
  for (const part of parts) {
    if (!fits(beginning + part)) break;
    beginning += part;
  }
  return beginning;
}

/** Say whether `character` goes on with `cluster`, by the rules of UAX #29 in their order. */
function joins(cluster: string, character: string): boolean {
  const points = [...cluster];
  const last = points.at(-1) as string;
  if (last === "\r" && character === "\n") return true;
  if (BREAKING.test(last)) return false;
  if (MARK.test(character) || EXTENDING.test(character)) return true;
  if (HANGUL.test(last + character)) return true;
  if (last === ZWJ && PICTOGRAPH.test(cluster) && PICTOGRAPH.test(character)) return true;
  if (LETTER.test(character) && LINKERS.some((linker) => withoutJoiners(cluster).endsWith(linker))) return true;
  return points.length === 1 && REGIONAL.test(cluster) && REGIONAL.test(character);
}

function withoutJoiners(cluster: string): string {
  return cluster.replace(/\u200d+$/u, "");
}
