import { expect, test } from "vitest";
import { clipName, RATINGS, type RatingValue, spanAround, spanAt, TAGS } from "./annotation.ts";
import { bannerLayout } from "./banner.ts";
import { cropAt, defaultCrop, enlargement, madeShare } from "./crop.ts";
import { ReelError } from "./errors.ts";
import { exact, type Fraction } from "./fraction.ts";
import { bounds, displayedSize, rounded, toPixels } from "./geometry.ts";
import { differences, FILES, holdTo, type Inputs } from "./golden.ts";
import { valueAt } from "./keyframes.ts";
import * as light from "./light.ts";
import { framesShown, outputAt, outputDuration, pieces, sourceAt } from "./speed.ts";
import { inPicture, isOutside, spotlightAt, toOutput } from "./spotlight.ts";
import { breakLines, clusters, cut, type Measure } from "./text.ts";
import { boundaries, newest, nominalRate, projectRate, rescale, type Span, snap, span, toPts } from "./timing.ts";
import { readTsv, type TsvRow, writeTsv } from "./tsv.ts";

const HELD = [
  "timing",
  "geometry",
  "annotation",
  "keyframes",
  "crop",
  "spotlight",
  "light",
  "speed",
  "banner",
  "text",
  "names",
  "tsv",
];

test("every file of vectors is read", () => {
  expect([...HELD].sort()).toEqual([...FILES].sort());
});

test("a difference is seen", () => {
  expect(differences({ a: [1, 0.5] }, { a: [1, 0.5 + 9e-7] })).toEqual([]);
  expect(differences({ a: [1, 0.5] }, { a: [1, 0.5 + 2e-6] })).toHaveLength(1);
  expect(differences([1, 2], [1, 2, 3])).toHaveLength(1);
  expect(differences(3, 4)).toHaveLength(1);
  expect(differences(null, { a: 1 })).toHaveLength(1);
  expect(differences(undefined, [])).toHaveLength(1);
});

holdTo("timing", {
  to_pts: ({ at_s, time_base }) => toPts(at_s, time_base),
  rescale: ({ pts, source, target }) => rescale(pts, source, target),
  nominal_rate: ({ frame_pts, time_base }) => nominalRate(frame_pts, time_base).toTerms(),
  project_rate: ({ rates }) => projectRate(rates).toTerms(),
  boundaries: ({ durations, rate }) => boundaries(durations, rate),
  snap: ({ pts, frame_pts }) => snap(pts, frame_pts),
  newest: ({ at, frame_pts }) => newest(at, frame_pts),
});

holdTo("geometry", {
  to_pixels: ({ window, size }) => {
    const pixels = toPixels(window, size);
    const box = bounds(pixels);
    return { pixels, bounds: [box.x0, box.y0, box.x1, box.y1], rounded: rounded(pixels) };
  },
  displayed_size: ({ coded, quarter_turns, sample_aspect }) => displayedSize(coded, quarter_turns, sample_aspect),
});

const outcome = (found: () => Span) => {
  try {
    const { in_pts, out_pts } = found();
    return [in_pts, out_pts];
  } catch (refusal) {
    return refusal instanceof ReelError ? { code: refusal.code } : refusal;
  }
};

holdTo("annotation", {
  ratings: ({ rating }: { rating: RatingValue }) => {
    const { symbol, name, colour } = RATINGS[rating];
    return { symbol, name, colour };
  },
  tags: ({ position }) => TAGS[position],
  span_around: ({ playhead_pts, source, time_base, lead_s, lag_s }) =>
    outcome(() => spanAround(playhead_pts, span(source[0], source[1]), time_base, lead_s, lag_s)),
  span_at: ({ start_s, duration_s, source, time_base }) =>
    outcome(() => spanAt(start_s, duration_s, span(source[0], source[1]), time_base)),
});

holdTo("keyframes", {
  value_at: ({ keys, pts }) => valueAt(keys, pts, (key: Inputs) => key.values),
});

holdTo("crop", {
  crop_at: ({ keys, pts, aspect, source, rotation_deg }) => cropAt({ keys }, pts, aspect, source, rotation_deg),
  default_crop: ({ aspect, source, rotation_deg }) => defaultCrop(aspect, source, 7, rotation_deg).keys[0]?.h,
  enlargement: ({ h, source, output }) => {
    const factor = enlargement({ h }, source, output);
    return { enlargement: factor, made_share: madeShare(factor) };
  },
});

holdTo("spotlight", {
  spotlight_at: ({ pts, time_base, frozen_pts, ...region }) => spotlightAt(region, pts, time_base, frozen_pts),
  to_output: ({ ellipse, window, source, output }) => {
    const { opacity: _, ...seen } = toOutput({ rotation_deg: 0, opacity: 1, ...ellipse }, window, source, output);
    return { ...seen, outside: isOutside(seen, output) };
  },
  in_picture: ({ ellipse, output }) => ({ opacity: inPicture(ellipse, output).opacity }),
});

holdTo("light", {
  look: ({ name }) => (light as Inputs)[name.toUpperCase()],
  colours: ({ colour }: { colour: keyof typeof light.COLOURS }) => light.COLOURS[colour],
  share_inside: ({ reach }) => light.shareInside(reach),
  share_of_arc: ({ bearing_deg }) => light.shareOfArc(bearing_deg),
  stroke_px: ({ size }) => light.strokePx(size),
  ground: ({ body }) => light.ground(body),
});

const cutUp = (inputs: Inputs) => pieces(span(inputs.span[0], inputs.span[1]), inputs.speeds);

holdTo("speed", {
  pieces: (inputs) => ({
    pieces: cutUp(inputs).map((piece) => ({ ...piece.span, rate: piece.rate.toTerms() })),
    output_duration: outputDuration(cutUp(inputs), inputs.time_base).toTerms(),
  }),
  source_at: (inputs) => sourceAt(inputs.output_s, cutUp(inputs), inputs.time_base).toTerms(),
  output_at: (inputs) => outputAt(inputs.pts, cutUp(inputs), inputs.time_base).toTerms(),
  frames_shown: (inputs) => framesShown(inputs.frame_pts, inputs.time_base, cutUp(inputs), inputs.rate, inputs.count),
});

holdTo("banner", {
  banner_layout: ({ picture, shrink }) => bannerLayout(picture, shrink),
});

const measured = (advances: Readonly<Record<string, number>>): Measure => {
  return (line) => clusters(line).reduce((width, cluster) => width + (advances[cluster] ?? 1), 0);
};

holdTo("text", {
  clusters: ({ text }) => clusters(text),
  break_lines: ({ text, max_width, advances, max_lines }) =>
    breakLines(text, max_width, measured(advances ?? {}), max_lines ?? null),
  cut: ({ text, most }) => cut(text, most),
});

holdTo("names", {
  clip_name: ({ rating, tags, notes }) => clipName(rating, tags, notes),
});

const terms = (row: TsvRow) => ({ ...row, start_s: row.start_s.toTerms(), duration_s: row.duration_s.toTerms() });
const fractions = (row: Inputs): TsvRow & { start_s: Fraction } => ({
  ...row,
  start_s: exact(row.start_s),
  duration_s: exact(row.duration_s),
});

holdTo("tsv", {
  read_tsv: ({ text }) => readTsv(text).map(terms),
  write_tsv: ({ rows }) => writeTsv(rows.map(fractions)),
});
