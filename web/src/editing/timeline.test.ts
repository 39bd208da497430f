import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Span, span } from "../reel/timing.ts";
import { marks } from "./ruler.ts";
import { saidDuration, saidMoment } from "./said.ts";
import { snapped, snappedSpan } from "./snapping.ts";
import { between, boxes, FINGER_PX, hitAt, NARROWEST_PX, type Placed, stripOf } from "./strip.ts";
import {
  CLOSEST_PX_PER_S,
  fitted,
  following,
  inSight,
  momentAt,
  panned,
  ptsAt,
  pxOf,
  resized,
  revealing,
  type View,
  zoomed,
} from "./view.ts";

const TICKS = 90_000;
const GAME = span(1000, 1000 + 2 * 3600 * TICKS); // two hours, beyond 2^29 ticks

interface Scene {
  readonly source: Span;
  readonly view: View;
}

/** A source that may begin before 0 or beyond 32 bits, and any view of it. */
const scenes: fc.Arbitrary<Scene> = fc
  .record({
    start: fc.constantFrom(0, -90_001, 1000, 2 ** 40),
    lasts: fc.integer({ min: 1, max: 4 * 3600 * TICKS }),
    width: fc.integer({ min: 1, max: 4000 }),
    factor: fc.double({ min: 0.5, max: 1e6, noNaN: true }),
    about: fc.double({ min: 0, max: 1, noNaN: true }),
    by: fc.double({ min: -1e7, max: 1e7, noNaN: true }),
  })
  .map(({ start, lasts, width, factor, about, by }) => {
    const source = span(start, start + lasts);
    const close = zoomed(fitted(source, width), factor, about * width, source, TICKS);
    return { source, view: panned(close, by, source) };
  });

function isInside({ view, source }: Scene): boolean {
  const { from, to } = inSight(view);
  const slack = 1e-6 * (source.out_pts - source.in_pts) + 1e-3;
  return from >= source.in_pts - slack && to <= source.out_pts + slack;
}

describe("a view", () => {
  test("shows nothing but its source, however it is moved", () => {
    fc.assert(
      fc.property(scenes, fc.integer({ min: 1, max: 4000 }), fc.integer(), ({ source, view }, width, pts) => {
        const moved = [view, resized(view, width, source), following(view, pts, source)];
        expect(moved.filter((one) => !isInside({ view: one, source }))).toEqual([]);
      }),
    );
  });

  test("takes a moment to a pixel and back", () => {
    fc.assert(
      fc.property(scenes, fc.double({ min: 0, max: 1, noNaN: true }), ({ source, view }, share) => {
        const pts = Math.floor(source.in_pts + share * (source.out_pts - source.in_pts));
        expect(Math.abs(momentAt(view, pxOf(view, pts)) - pts)).toBeLessThan(
          1e-3 + (1e-6 * view.width_px) / view.px_per_tick,
        );
        const px = share * view.width_px;
        expect(Math.abs(pxOf(view, ptsAt(view, px)) - px)).toBeLessThanOrEqual(view.px_per_tick / 2 + 1e-3);
      }),
    );
  });

  test("zooms about the pointer: what is under it stays, unless an end of the source is in the way", () => {
    fc.assert(
      fc.property(scenes, fc.double({ min: 1, max: 50, noNaN: true }), fc.nat(4000), ({ source, view }, factor, at) => {
        const px = Math.min(at, view.width_px);
        const near = zoomed(view, factor, px, source, TICKS);
        expect(Math.abs(momentAt(near, px) - momentAt(view, px)) * view.px_per_tick).toBeLessThan(0.01);
      }),
    );
  });

  test("is never farther than the whole nor closer than a frame as wide as a finger", () => {
    const whole = fitted(GAME, 1200);
    expect(zoomed(whole, 0.01, 600, GAME, TICKS)).toEqual(whole);
    const close = zoomed(whole, 1e9, 600, GAME, TICKS);
    expect(close.px_per_tick * TICKS).toBeCloseTo(CLOSEST_PX_PER_S);
    expect((close.px_per_tick * TICKS) / 60).toBe(44);
  });

  test("is brought to a clip, and stays where it is when the clip is in sight", () => {
    const view = panned(zoomed(fitted(GAME, 1200), 100, 0, GAME, TICKS), 40_000, GAME);
    const { from, to } = inSight(view);
    const middle = Math.floor((from + to) / 2);
    expect(revealing(view, span(middle, middle + TICKS), GAME)).toEqual(view);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 7190 }), fc.integer({ min: 1, max: 10 }), (start_s, lasts_s) => {
        const clip = span(GAME.in_pts + start_s * TICKS, GAME.in_pts + (start_s + lasts_s) * TICKS);
        const shown = revealing(view, clip, GAME);
        expect(pxOf(shown, clip.in_pts)).toBeGreaterThanOrEqual(-1e-6);
        expect(pxOf(shown, clip.out_pts)).toBeLessThanOrEqual(shown.width_px + 1e-6);
      }),
    );
  });

  test("follows the playhead by pages: it stands still until the playhead nears its end", () => {
    const view = zoomed(fitted(GAME, 1200), 100, 0, GAME, TICKS);
    expect(following(view, momentAt(view, 1000), GAME)).toEqual(view);
    const turned = following(view, Math.floor(momentAt(view, 1150)), GAME);
    expect(pxOf(turned, Math.floor(momentAt(view, 1150)))).toBeCloseTo(100);
  });
});

describe("a ruler", () => {
  test("has labels far enough apart to be read, at moments people count in", () => {
    fc.assert(
      fc.property(scenes, ({ source, view }) => {
        const found = marks(view, TICKS, source.in_pts);
        const labels = found.filter(({ label }) => label !== null);
        labels.slice(1).forEach(({ px }, index) => {
          expect(px - (labels[index]?.px ?? 0)).toBeGreaterThanOrEqual(72 - 1e-3);
        });
        expect(found.length).toBeLessThanOrEqual((view.width_px / 72 + 2) * 7);
        expect(found.every(({ px }) => px >= -1e-3 && px <= view.width_px + 1e-3)).toBe(true);
      }),
    );
  });

  test("says the time since the first shown frame", () => {
    const view = fitted(GAME, 1200);
    const said = marks(view, TICKS, GAME.in_pts)
      .map(({ label }) => label)
      .filter(Boolean);
    expect(said).toEqual([
      "0:00",
      "10:00",
      "20:00",
      "30:00",
      "40:00",
      "50:00",
      "1:00:00",
      "1:10:00",
      "1:20:00",
      "1:30:00",
      "1:40:00",
      "1:50:00",
      "2:00:00",
    ]);
    const close = zoomed(view, 4000, 0, GAME, TICKS);
    expect(
      marks(close, TICKS, GAME.in_pts)
        .slice(0, 3)
        .map(({ label }) => label),
    ).toEqual(["0:00.0", null, "0:00.2"]);
  });
});

test("times are said as people read them", () => {
  expect([0, 59.999, 60, 3599.9, 3600, 5025.4].map((at) => saidMoment(at))).toEqual([
    "0:00",
    "0:59",
    "1:00",
    "59:59",
    "1:00:00",
    "1:23:45",
  ]);
  expect([0.29, 62.405, -0.5, -0.001].map((at) => saidMoment(at, 2))).toEqual([
    "0:00.29",
    "1:02.40",
    "−0:00.50",
    "0:00.00",
  ]);
  expect([10, 59.94, 59.96, 83].map(saidDuration)).toEqual(["10.0 s", "59.9 s", "1:00", "1:23"]);
});

const clipLists: fc.Arbitrary<readonly Placed[]> = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 1, max: 9000 })), { maxLength: 60 })
  .map((found) => found.map(([start, lasts], n) => ({ id: `c${n}`, in_pts: start, out_pts: start + lasts })));

describe("a strip", () => {
  test("finds the clips in sight, and no others", () => {
    fc.assert(
      fc.property(
        clipLists,
        fc.integer({ min: -1000, max: 110_000 }),
        fc.integer({ min: 1, max: 30_000 }),
        (clips, from, lasts) => {
          const found = between(stripOf(clips), from, from + lasts)
            .map(({ id }) => id)
            .sort();
          const wanted = clips
            .filter(({ in_pts, out_pts }) => in_pts < from + lasts && out_pts > from)
            .map(({ id }) => id);
          expect(found).toEqual(wanted.sort());
        },
      ),
    );
  });

  test("puts clips that overlap into different lanes, as few as can be", () => {
    fc.assert(
      fc.property(clipLists, (clips) => {
        const strip = stripOf(clips);
        for (const a of clips) {
          for (const b of clips) {
            const apart = a === b || a.out_pts <= b.in_pts || b.out_pts <= a.in_pts;
            if (!apart) expect(strip.lanes.get(a.id)).not.toBe(strip.lanes.get(b.id));
          }
        }
        const crowds = clips.map(({ in_pts }) => between(strip, in_pts, in_pts + 1).length);
        expect(strip.lane_count).toBe(Math.max(1, ...crowds));
      }),
    );
  });

  test("draws what is in sight, and never narrower than can be seen", () => {
    const clips = Array.from({ length: 500 }, (_, n) => ({
      id: `c${n}`,
      in_pts: n * 14 * TICKS,
      out_pts: (n * 14 + 10) * TICKS,
    }));
    const whole = fitted(span(0, 7200 * TICKS), 1200);
    const all = boxes(stripOf(clips), whole);
    expect(all).toHaveLength(500);
    expect(Math.min(...all.map(({ x0, x1 }) => x1 - x0))).toBeGreaterThanOrEqual(NARROWEST_PX - 1e-9);
    const close = zoomed(whole, 200, 600, span(0, 7200 * TICKS), TICKS);
    expect(boxes(stripOf(clips), close).length).toBeLessThan(8);
  });

  test("has its handles under the pointer, its body between them, and nothing beside them", () => {
    const view: View = { start_pts: 0, px_per_tick: 0.1, width_px: 1000 };
    const strip = stripOf([
      { id: "a", in_pts: 1000, out_pts: 2000 },
      { id: "b", in_pts: 2000, out_pts: 3000 },
    ]);
    const parts = [85, 92, 105, 150, 195, 205, 250, 307, 309].map((px) => hitAt(strip, view, px));
    expect(parts.map((hit) => hit && `${hit.id} ${hit.part}`)).toEqual([
      null,
      "a in",
      "a in",
      "a body",
      "a out",
      "a out",
      "b body",
      "b out",
      null,
    ]);
    expect(hitAt(strip, view, 197, { selected: "b" })).toEqual({ id: "b", part: "in" });
    expect(hitAt(strip, view, 79, { reach_px: FINGER_PX })).toEqual({ id: "a", part: "in" });
  });

  test("leaves a narrow clip a body to take hold of", () => {
    const view: View = { start_pts: 0, px_per_tick: 0.1, width_px: 1000 };
    const strip = stripOf([{ id: "a", in_pts: 1000, out_pts: 1120 }]);
    expect(hitAt(strip, view, 106, { reach_px: FINGER_PX })).toEqual({ id: "a", part: "body" });
  });

  test("hits only in the lane that is pointed at", () => {
    const view: View = { start_pts: 0, px_per_tick: 0.1, width_px: 1000 };
    const strip = stripOf([
      { id: "a", in_pts: 0, out_pts: 4000 },
      { id: "b", in_pts: 1000, out_pts: 3000 },
    ]);
    expect([0, 1, 2].map((lane) => hitAt(strip, view, 200, { lane })?.id ?? null)).toEqual(["a", "b", null]);
  });
});

describe("snapping", () => {
  const view: View = { start_pts: 0, px_per_tick: 0.1, width_px: 1000 };
  const targets = [
    { pts: 1000, kind: "clip" },
    { pts: 1100, kind: "playhead" },
  ];

  test("goes to the nearest target within 8 px, and nowhere else", () => {
    const at = [900, 919, 920, 1049, 1051, 1180, 1181].map((pts) => snapped(pts, targets, view).pts);
    expect(at).toEqual([900, 919, 1000, 1000, 1100, 1100, 1181]);
    expect(snapped(1050, targets, view).target?.kind).toBe("clip");
  });

  test("moves a span by whichever edge is nearer, and keeps its length", () => {
    expect(snappedSpan({ in_pts: 990, out_pts: 1102 }, targets, view)).toEqual({
      in_pts: 988,
      out_pts: 1100,
      target: targets[1],
    });
    expect(snappedSpan({ in_pts: 300, out_pts: 700 }, targets, view)).toEqual({
      in_pts: 300,
      out_pts: 700,
      target: null,
    });
    const ends = fc.tuple(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 1, max: 900 }));
    fc.assert(
      fc.property(ends, ([in_pts, lasts]) => {
        const moved = snappedSpan({ in_pts, out_pts: in_pts + lasts }, targets, view);
        expect(moved.out_pts - moved.in_pts).toBe(lasts);
        expect(Math.abs(moved.in_pts - in_pts)).toBeLessThanOrEqual(80);
      }),
    );
  });
});
