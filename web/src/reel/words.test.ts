import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MOST_NAME, MOST_NOTES, MOST_TAG, RATING_VALUES, spanAt, withEdge } from "./annotation.ts";
import { Fraction } from "./fraction.ts";
import { refusalOf } from "./refusal.ts";
import { breakLines, clusters, cut, ELLIPSIS, length, stripped } from "./text.ts";
import { durationPts, span, within } from "./timing.ts";
import {
  COLUMNS,
  MOST_BYTES,
  MOST_LINE,
  MOST_ROWS,
  readTime,
  readTsv,
  readTsvBytes,
  rowOf,
  type TsvRow,
  writeTsv,
} from "./tsv.ts";

const oneEach = (line: string) => clusters(line).length;
const scripts = fc
  .array(fc.constantFrom(..."ab-–. ,\n\u00a0e\u0301日本「」、ー한글هدف👨👩\u200d👍🏽🇩🇪कष\u094d\u200b"), {
    maxLength: 60,
  })
  .map((characters) => characters.join(""));
const widths = fc.integer({ min: 1, max: 12 });
const anyText = fc.string({ unit: "binary" });

describe("text", () => {
  test("is its clusters, joined", () => {
    fc.assert(fc.property(anyText, (text) => clusters(text).join("") === text));
  });

  test("breaks into lines at most as wide as they may be, losing nothing but spaces, dividing no cluster", () => {
    // A mark that follows a zero-width space is one cluster with it, and stays when the space goes.
    const words = (text: string) =>
      clusters(text)
        .map((cluster) => cluster.replaceAll("\u200b", ""))
        .filter((cluster) => !" \n".includes(cluster));
    fc.assert(
      fc.property(scripts, widths, (text, width) => {
        const lines = breakLines(text, width, oneEach);
        expect(Math.max(...lines.map(oneEach))).toBeLessThanOrEqual(width);
        expect(lines.flatMap(words)).toEqual(words(text.replace(/^[ \u200b\n]+|[ \u200b\n]+$/g, "")));
      }),
    );
  });

  test("that is too long ends with an ellipsis, and no other line does", () => {
    fc.assert(
      fc.property(scripts, widths, fc.integer({ min: 1, max: 4 }), (text, width, most) => {
        const [whole, limited] = [breakLines(text, width, oneEach), breakLines(text, width, oneEach, most)];
        if (whole.length <= most) {
          expect(limited).toEqual(whole);
          return;
        }
        expect(limited.slice(0, -1)).toEqual(whole.slice(0, most - 1));
        const last = limited.at(-1) as string;
        expect(last.endsWith(ELLIPSIS) && whole[most - 1]?.startsWith(last.slice(0, -1))).toBe(true);
        expect(oneEach(last)).toBeLessThanOrEqual(width);
      }),
    );
  });

  test("that is cut is a beginning and short enough", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 0, max: 50 }), (text, most) => {
        expect(length(cut(text, most))).toBeLessThanOrEqual(most);
      }),
    );
  });
});

const HEADER = COLUMNS.join("\t");
const GOOD = "0:03\t4\tGoal\tThe winner\t6\tLeft foot";
const plain = fc.string({ unit: "binary" }).map((text) => stripped(text.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu, "")));
const upTo = (most: number, text: string) => stripped([...text].slice(0, most).join(""));
const rows: fc.Arbitrary<TsvRow> = fc.record({
  start_s: fc.integer({ min: 0, max: 86_400_000 }).map((ms) => new Fraction(ms, 1000)),
  duration_s: fc.integer({ min: 1000, max: 60_000 }).map((ms) => new Fraction(ms, 1000)),
  rating: fc.constantFrom(...RATING_VALUES),
  tags: fc.uniqueArray(
    plain.map((text) => upTo(MOST_TAG, stripped(text.replaceAll(",", "")))).filter((tag) => tag !== ""),
    { maxLength: 4 },
  ),
  name: plain.map((text) => upTo(MOST_NAME, text)),
  notes: plain.map((text) => upTo(MOST_NOTES, text)),
});

interface Line {
  readonly line: number;
  readonly column: string | null;
  readonly message: string;
}
const faultsIn = (text: string) => refusalOf(() => readTsv(text)).details.lines as unknown as readonly Line[];

describe("a clip list", () => {
  test("is read again as it was written, also from a spreadsheet's bytes", () => {
    fc.assert(
      fc.property(fc.array(rows, { maxLength: 5 }), fc.boolean(), (listed, little) => {
        const text = writeTsv(listed);
        expect(readTsv(text)).toEqual(listed);
        const units = [0xfeff, ...Array.from({ length: text.length }, (_, n) => text.charCodeAt(n))];
        const bytes = units.flatMap((unit) => (little ? [unit & 255, unit >> 8] : [unit >> 8, unit & 255]));
        expect(readTsvBytes(new Uint8Array(bytes))).toEqual(listed);
        expect(readTsvBytes(new TextEncoder().encode(`\ufeff${text}`))).toEqual(listed);
      }),
    );
  });

  test.each([
    ["soon\t4\t\t\t6\t", "start_time", "is not a time"],
    ["1e3\t4\t\t\t6\t", "start_time", "is not a time"],
    ["0:03,5\t4\t\t\t6\t", "start_time", "is not a time"],
    ["٠:٠٣\t4\t\t\t6\t", "start_time", "is not a time"],
    ["1:5\t4\t\t\t6\t", "start_time", "is not a time"],
    ["−0:03\t4\t\t\t6\t", "start_time", "is negative"],
    ["1:60\t4\t\t\t6\t", "start_time", "59 seconds"],
    ["1:60:00\t4\t\t\t6\t", "start_time", "59 minutes"],
    ["86401\t4\t\t\t6\t", "start_time", "24 hours"],
    ["\t4\t\t\t6\t", "start_time", "is missing"],
    ["0:03\t6\t\t\t6\t", "rating", "1 to 5"],
    ["0:03\t4.0\t\t\t6\t", "rating", "1 to 5"],
    ["0:03\t4\t\t\t0.999\t", "clip_duration", "1 to 60"],
    ["0:03\t4\t\t\t60.001\t", "clip_duration", "1 to 60"],
    ["0:03\t4\tGoal", "clip_duration", "is missing"],
    [`${GOOD}\tmore`, null, "7 cells"],
    [`0:03\t4\t\t\t6\t${"x".repeat(281)}`, "notes", "280 are allowed"],
    [`0:03\t4\t\t${"😀".repeat(81)}\t6\t`, "clip_name", "80 are allowed"],
    [`0:03\t4\t${"x".repeat(41)}\t\t6\t`, "tags", "40 are allowed"],
    [`0:03\t4\t${[...Array(21).keys()].join()}\t\t6\t`, "tags", "20 are allowed"],
    ["0:03\t4\t\ta\0b\t6\t", null, "control characters"],
    ["0:03\t4\t\t\ud800\t6\t", null, "control characters"],
    ['0:03\t4\t\t"The winner\t6\t', null, "has to end with"],
    ['0:03\t4\t\t"The" winner\t6\t', null, "has to end with"],
    ["x".repeat(MOST_LINE + 1), null, "longer than 10,000"],
  ])("names what is wrong with %j", (text, column, message) => {
    const [found] = faultsIn(`${HEADER}\n${text}\n`).filter((one) => one.column === column);
    expect([found?.line, found?.message]).toEqual([2, expect.stringContaining(message)]);
  });

  test.each([
    ["", "is empty"],
    ["\ufeff\r\n \n\t\n", "is empty"],
    [GOOD, "header is missing"],
    [`${HEADER}\n${GOOD}`.replaceAll("\t", ";"), "separated by ;"],
    [`${HEADER}\tplayer\n`, '"player" is not a known column'],
    [`${HEADER}\tnotes\n`, "twice"],
    ["clip_duration\tnotes\n6\t\n", "is missing"],
    ['"start_time\tclip_duration\n', "has to end with"],
  ])("is refused as a whole: %j", (text, message) => {
    expect(faultsIn(text)).toEqual([expect.objectContaining({ line: 1, message: expect.stringContaining(message) })]);
  });

  test("tells every fault, and the first three in words", () => {
    const refusal = refusalOf(() => readTsv(`${HEADER}\n${GOOD}\nsoon\t9\t\t\t0\t\n\n${GOOD}\n-1\t4\t\t\t6\t\n`));
    expect(refusal.message).toBe(
      'The clip list has 4 faults: line 3, start_time: "soon" is not a time; times are like 1:23, 1:23.500, 1:02:03 ' +
        'or 83.5; line 3, clip_duration: a clip lasts 1 to 60 seconds, this one "0"; line 3, rating: "9" is not a ' +
        "rating; ratings are 1 to 5; and 1 more.",
    );
  });

  test("has a most of rows and bytes", () => {
    const most = [HEADER, ...Array<string>(MOST_ROWS).fill(GOOD)].join("\n");
    expect(readTsv(most)).toHaveLength(MOST_ROWS);
    expect(faultsIn(`${most}\n${GOOD}`)).toEqual([
      { line: MOST_ROWS + 2, column: null, message: "there are more than 2,000 clips" },
    ]);
    expect(refusalOf(() => readTsvBytes(new Uint8Array(MOST_BYTES + 1))).message).toContain("larger than 4 MB");
  });

  test("names the line of bytes that are no text", () => {
    const latin = Uint8Array.from(`${HEADER}\r\n${GOOD}\r0:03\t4\t\tM\xfcller\t6\t`, (one) => one.charCodeAt(0));
    expect(refusalOf(() => readTsvBytes(latin)).message).toContain("line 3: the file is not text");
    expect(refusalOf(() => readTsvBytes(Uint8Array.of(0xff, 0xfe, 0x61))).message).toContain("line 1: the file is not");
  });

  test("is read or refused, whatever it is", () => {
    const files = fc
      .uint8Array({ maxLength: 60 })
      .map((bytes) => [bytes, Uint8Array.of(...new TextEncoder().encode(`${HEADER}\n`), ...bytes)]);
    fc.assert(
      fc.property(files, (found) => {
        for (const file of found) {
          try {
            readTsvBytes(file);
          } catch (refusal) {
            expect(refusal).toMatchObject({ code: "tsv_damaged" });
          }
        }
      }),
    );
  });

  test("gives a clip back from its row", () => {
    const source = span(500, 500 + 90_000_000);
    fc.assert(
      fc.property(rows, (row) => {
        const clip = { ...spanAt(row.start_s, row.duration_s, source, [1, 1000]), time_base: [1, 1000] as const };
        const again = rowOf({ ...clip, rating: 4, tags: [], name: "", notes: "" }, source);
        expect([again.start_s, again.duration_s]).toEqual([row.start_s, row.duration_s]);
      }),
    );
  });

  test("has times that a field reads too", () => {
    expect(readTime(" 1:02.5 ", "/start").toTerms()).toEqual([125, 2]);
    expect(refusalOf(() => readTime("", "/start")).details.field).toBe("/start");
  });
});

test("an edge that is dragged stays inside the source and leaves a clip of 1 to 60 s", () => {
  const pts = fc.integer({ min: -10_000, max: 200_000 });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 150_000 }),
      fc.tuple(pts, pts),
      pts,
      fc.constantFrom("in", "out"),
      (lasts, ends, at, edge) => {
        const source = span(0, lasts);
        const shortest = Math.min(1000, lasts);
        const in_pts = Math.max(0, Math.min(ends[0], lasts - shortest));
        const clip = span(in_pts, Math.min(lasts, in_pts + Math.max(shortest, Math.min(60_000, Math.abs(ends[1])))));
        const dragged = withEdge(clip, edge as "in" | "out", at, source, [1, 1000]);
        expect(within(dragged, source)).toBe(true);
        expect(durationPts(dragged)).toBeGreaterThanOrEqual(shortest);
        expect(durationPts(dragged)).toBeLessThanOrEqual(60_000);
        expect(edge === "in" ? dragged.out_pts : dragged.in_pts).toBe(edge === "in" ? clip.out_pts : clip.in_pts);
      },
    ),
  );
});
