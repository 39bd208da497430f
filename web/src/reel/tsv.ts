/**
 * Clip lists as tab-separated text: the form in which clips come in and go out.
 *
 *     start_time  rating  tags  clip_name  clip_duration  notes
 *
 * The rules of reel/tsv.py. Written: UTF-8, one line feed a row, start_time as M:SS.mmm, clip_duration in seconds, tags
 * joined by commas. Read: the columns in any order, found by their names; a byte order mark, any line ends, blank
 * lines; UTF-16 with its mark. Only start_time and clip_duration are required. There are no escapes: tabs and line
 * breaks inside a name, a tag or notes are spaces, when read and when written.
 */

import {
  DEFAULT_RATING,
  LONGEST_S,
  MOST_NAME,
  MOST_NOTES,
  MOST_TAG,
  MOST_TAGS,
  RATINGS,
  type RatingValue,
  SHORTEST_S,
} from "./annotation.ts";
import { badField, type Json, ReelError } from "./errors.ts";
import { Fraction, least, most, type Terms } from "./fraction.ts";
import { cellsOf, lineOf } from "./tabbed.ts";
import { length, stripped } from "./text.ts";
import { durationPts, halfUp, type Span, seconds } from "./timing.ts";

export const COLUMNS = ["start_time", "rating", "tags", "clip_name", "clip_duration", "notes"] as const;
export const REQUIRED = ["start_time", "clip_duration"] as const;
export type Column = (typeof COLUMNS)[number];

/** 2,000 rows of the longest notes in four-byte script. */
export const MOST_BYTES = 4 * 2 ** 20;
export const MOST_ROWS = 2000;
/** Characters, in code points. */
export const MOST_LINE = 10_000;
export const LATEST_S = 24 * 3600;

/** One clip of a list: seconds from the source's first shown frame, and what is said about it. */
export interface TsvRow {
  readonly start_s: Fraction;
  readonly duration_s: Fraction;
  readonly rating: RatingValue;
  readonly tags: readonly string[];
  readonly name: string;
  readonly notes: string;
}

/** What a row needs to know of a clip. */
export interface Listed extends Span {
  readonly time_base: Terms;
  readonly rating: RatingValue;
  readonly tags: readonly string[];
  readonly name: string;
  readonly notes: string;
}

/** Read a clip list from the bytes of a file. Raises tsv_damaged as readTsv does, also for what is no text. */
export function readTsvBytes(data: Uint8Array): readonly TsvRow[] {
  if (data.length > MOST_BYTES) {
    throw damaged([fault(1, null, `the file is larger than ${MOST_BYTES / 2 ** 20} MB: this is no clip list`)]);
  }
  const text = decoded(data, encodingOf(data));
  if (text === null) throw damaged([fault(lineOfBadByte(data), null, "the file is not text in UTF-8")]);
  return readTsv(text);
}

/**
 * Read a clip list, in its own order.
 *
 * Raises tsv_damaged with every fault in `details.lines`, a list of {line, column, message}; `column` is null where the
 * line as a whole is at fault. Rows below a header that cannot be relied on are not looked at.
 */
export function readTsv(text: string): readonly TsvRow[] {
  const lines = text
    .replace(/^\ufeff/, "")
    .split(/\r\n|\n|\r/)
    .map((line, index) => ({ number: index + 1, line }))
    .filter(({ line }) => stripped(line) !== "");
  const [header, ...rest] = lines;
  if (!header) throw damaged([fault(1, null, "the file is empty")]);
  const columns = columnsOf(header.number, header.line);
  const faults: Fault[] = [];
  const rows = rest.slice(0, MOST_ROWS).map(({ number, line }) => rowFrom(number, line, columns, faults));
  const beyond = rest[MOST_ROWS];
  if (beyond) faults.push(fault(beyond.number, null, `there are more than ${thousands(MOST_ROWS)} clips`));
  if (faults.length) throw damaged(faults);
  return rows;
}

/** Read one time, as a list has them, into seconds. Raises bad_field. */
export function readTime(text: string, field: string): Fraction {
  const found = startFrom(stripped(text) || " ");
  if (typeof found === "string") throw badField(field, found);
  return found.value;
}

/** Write a clip list: times to the nearest millisecond, white space as the top of this file says. */
export function writeTsv(rows: readonly TsvRow[]): string {
  const lines = rows.map((row) => {
    const [tags, name, notes] = [row.tags.join(","), row.name, row.notes].map(oneLine) as [string, string, string];
    return lineOf([timeText(row.start_s), String(row.rating), tags, name, secondsText(row.duration_s), notes]);
  });
  return [lineOf(COLUMNS), ...lines].map((line) => `${line}\n`).join("");
}

/**
 * Return the row for a clip of `source`.
 *
 * Its duration is within what a list can say: a tick too short or too long is not told, and the whole of a source below
 * 1 s is written as 1 s, which `spanAt` understands.
 */
export function rowOf(clip: Listed, source: Span): TsvRow {
  return {
    start_s: seconds(clip.in_pts - source.in_pts, clip.time_base),
    duration_s: least(most(seconds(durationPts(clip), clip.time_base), SHORTEST_S), LONGEST_S),
    rating: clip.rating,
    tags: clip.tags,
    name: clip.name,
    notes: clip.notes,
  };
}

// Faults

interface Fault {
  readonly line: number;
  readonly column: Column | null;
  readonly message: string;
}

function fault(line: number, column: Column | null, message: string): Fault {
  return { line, column, message };
}

function damaged(faults: readonly Fault[]): ReelError {
  const told = faults
    .slice(0, 3)
    .map((one) => `line ${one.line}${one.column ? `, ${one.column}` : ""}: ${one.message}`);
  if (faults.length > told.length) told.push(`and ${faults.length - told.length} more`);
  const lines: Json[] = faults.map((one) => ({ line: one.line, column: one.column, message: one.message }));
  const count = faults.length === 1 ? "a fault" : `${faults.length} faults`;
  return new ReelError("tsv_damaged", { lines }, `The clip list has ${count}: ${told.join("; ")}.`);
}

// Reading a line

function columnsOf(number: number, line: string): readonly string[] {
  const cells = cellsIn(line, MOST_LINE);
  if (typeof cells === "string") throw damaged([fault(number, null, cells)]);
  const names = cells.map(folded);
  const known: readonly string[] = COLUMNS;
  if (!names.some((name) => known.includes(name))) {
    const mark = [...";,|"].find((one) => folded(line).includes(`start_time${one}`));
    const told = mark ? `the columns are separated by ${mark} and not by tabs` : "the header is missing";
    throw damaged([fault(number, null, `${told}; the first line names the columns: ${COLUMNS.join(" ")}`)]);
  }
  const faults = [
    ...names
      .filter((name) => !known.includes(name))
      .map((name) => fault(number, null, `${quoted(name)} is not a known column`)),
    ...COLUMNS.filter((name) => names.filter((one) => one === name).length > 1).map((name) =>
      fault(number, name, "this column is there twice"),
    ),
    ...REQUIRED.filter((name) => !names.includes(name)).map((name) => fault(number, name, "this column is missing")),
  ];
  if (faults.length) throw damaged(faults);
  return names;
}

/** Read one row; what is wrong goes to `faults`, with a placeholder in its place. */
function rowFrom(number: number, line: string, columns: readonly string[], faults: Fault[]): TsvRow {
  const cells = cellsIn(line, columns.length);
  if (typeof cells === "string") {
    faults.push(fault(number, null, cells));
    return NO_ROW;
  }
  const cell = (column: Column) => cells[columns.indexOf(column)] ?? "";
  const read = <T>(column: Column, reader: (text: string) => Read<T>, otherwise: T): T => {
    const text = cell(column);
    if (!text && REQUIRED.some((one) => one === column)) faults.push(fault(number, column, "this is missing"));
    if (!text) return otherwise;
    const found = reader(text);
    if (typeof found !== "string") return found.value;
    faults.push(fault(number, column, found));
    return otherwise;
  };
  return {
    start_s: read("start_time", startFrom, NO_ROW.start_s),
    duration_s: read("clip_duration", durationFrom, NO_ROW.duration_s),
    rating: read("rating", ratingFrom, NO_ROW.rating),
    tags: read("tags", tagsFrom, NO_ROW.tags),
    name: read("clip_name", (text) => atMost(MOST_NAME, text), ""),
    notes: read("notes", (text) => atMost(MOST_NOTES, text), ""),
  };
}

const NO_ROW: TsvRow = {
  start_s: new Fraction(0),
  duration_s: SHORTEST_S,
  rating: DEFAULT_RATING,
  tags: [],
  name: "",
  notes: "",
};

function cellsIn(line: string, most_cells: number): readonly string[] | string {
  if (length(line) > MOST_LINE) return `the line is longer than ${thousands(MOST_LINE)} characters`;
  if (/(?!\t)[\p{Cc}\p{Cs}]/u.test(line)) return "there are control characters: this is not text";
  const cells = cellsOf(line);
  if (!cells) return 'a cell that begins with " has to end with " on the same line';
  if (cells.length > most_cells) return `there are ${cells.length} cells; there are ${most_cells} columns`;
  return cells.map(oneLine);
}

// Reading a cell: what it says, or what is wrong with it

type Read<T> = { readonly value: T } | string;

const TIME = /^(?:(?:([0-9]{1,2}):)?([0-9]{1,4}):(?=[0-9]{2}(?:\.|$)))?([0-9]{1,9}(?:\.[0-9]{1,9})?)$/;

function startFrom(cell: string): Read<Fraction> {
  const start = timeFrom(cell);
  if (typeof start === "string") return start;
  return start.value.compare(LATEST_S) > 0 ? `${quoted(cell)} is later than 24 hours` : start;
}

function durationFrom(cell: string): Read<Fraction> {
  const duration = timeFrom(cell);
  if (typeof duration === "string") return duration;
  const fits = SHORTEST_S.compare(duration.value) <= 0 && LONGEST_S.compare(duration.value) >= 0;
  return fits ? duration : `a clip lasts 1 to 60 seconds, this one ${quoted(cell)}`;
}

function timeFrom(cell: string): Read<Fraction> {
  if (/^[-−]/.test(cell) && TIME.test(cell.slice(1))) return `${quoted(cell)} is negative`;
  const match = TIME.exec(cell);
  if (!match) return `${quoted(cell)} is not a time; times are like 1:23, 1:23.500, 1:02:03 or 83.5`;
  const [, hours, minutes, second] = match;
  const value = decimal(second ?? "0");
  if (minutes && value.compare(60) >= 0) return `${quoted(cell)} has more than 59 seconds in a minute`;
  if (hours && Number(minutes) >= 60) return `${quoted(cell)} has more than 59 minutes in an hour`;
  return { value: value.plus(Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60) };
}

function decimal(text: string): Fraction {
  const [whole = "", part = ""] = text.split(".");
  return new Fraction(BigInt(whole + part), 10n ** BigInt(part.length));
}

function ratingFrom(cell: string): Read<RatingValue> {
  const said = folded(cell);
  const found = Object.values(RATINGS).find(({ value, symbol, name }) =>
    [String(value), symbol, name.toLowerCase()].includes(said),
  );
  return found ? { value: found.value } : `${quoted(cell)} is not a rating; ratings are 1 to 5`;
}

function tagsFrom(cell: string): Read<readonly string[]> {
  const tags = [...new Set(cell.split(",").map(stripped))].filter((tag) => tag !== "");
  if (tags.length > MOST_TAGS) return `there are ${tags.length} tags; ${MOST_TAGS} are allowed`;
  const long = tags.map((tag) => atMost(MOST_TAG, tag)).find((read) => typeof read === "string");
  return long ?? { value: tags };
}

function atMost(most_characters: number, text: string): Read<string> {
  if (length(text) <= most_characters) return { value: text };
  return `${quoted(text)} has ${length(text)} characters; ${most_characters} are allowed`;
}

function quoted(text: string): string {
  return length(text) <= 40 ? `"${text}"` : `"${[...text].slice(0, 39).join("")}…"`;
}

function thousands(count: number): string {
  return count.toLocaleString("en-US");
}

/** Python's casefold, as far as the names of columns and ratings can tell. */
function folded(text: string): string {
  return text.toLowerCase().replaceAll("ſ", "s").replace(/[ßẞ]/g, "ss").replace(/[ﬅﬆ]/g, "st");
}

function oneLine(text: string): string {
  return stripped(text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, " "));
}

// Writing

function timeText(at_s: Fraction): string {
  const milliseconds = halfUp(at_s.times(1000));
  const [minutes, rest] = [Math.floor(milliseconds / 60_000), milliseconds % 60_000];
  return `${minutes}:${padded(Math.floor(rest / 1000), 2)}.${padded(rest % 1000, 3)}`;
}

function secondsText(duration_s: Fraction): string {
  const milliseconds = halfUp(duration_s.times(1000));
  const text = `${Math.floor(milliseconds / 1000)}.${padded(milliseconds % 1000, 3)}`;
  return text.replace(/\.?0+$/, "");
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}

// Bytes

type Encoding = "utf-8" | "utf-16le" | "utf-16be";

function encodingOf(data: Uint8Array): Encoding {
  if (data[0] === 0xff && data[1] === 0xfe) return "utf-16le";
  return data[0] === 0xfe && data[1] === 0xff ? "utf-16be" : "utf-8";
}

function decoded(data: Uint8Array, encoding: Encoding): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(data);
  } catch (error) {
    if (error instanceof TypeError) return null; // what a fatal decoder raises
    throw error;
  }
}

/** Return the number of the first line with bytes that are no text: in UTF-8 no line end lies inside a character. */
function lineOfBadByte(data: Uint8Array): number {
  if (encodingOf(data) !== "utf-8") return 1;
  let [number, start] = [1, 0];
  for (let at = 0; at <= data.length; at += 1) {
    const byte = data[at];
    if (byte !== undefined && byte !== 0x0a && byte !== 0x0d) continue;
    if (decoded(data.subarray(start, at), "utf-8") === null) return number;
    if (byte === 0x0d && data[at + 1] === 0x0a) at += 1;
    [number, start] = [number + 1, at + 1];
  }
  return number;
}
