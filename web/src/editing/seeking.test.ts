import fc from "fast-check";
import { expect, test } from "vitest";
import { AT_REST, middleOf, ptsShown, type Seeking, settled, stepped, want } from "./seeking.ts";

test("one seek is in flight, and the newest wish comes next", () => {
  const acts = fc.array(fc.oneof(fc.double({ min: 0, max: 100, noNaN: true }), fc.constant("settled" as const)));
  fc.assert(
    fc.property(acts, (said) => {
      let seeking: Seeking = AT_REST;
      let player: number | null = null; // what the player is at, null when it rests
      let [wish, shown]: [number | null, number | null] = [null, null];
      const settle = () => {
        shown = player;
        const step = settled(seeking);
        [seeking, player] = [step.seeking, step.seek_s];
      };
      for (const one of said) {
        if (one !== "settled") {
          const step = want(seeking, one);
          if (step.seek_s !== null) {
            expect(player).toBeNull();
            player = step.seek_s;
          }
          [seeking, wish] = [step.seeking, one];
        } else if (player !== null) settle();
      }
      for (let left = 2; player !== null && left > 0; left -= 1) settle();
      expect([player, shown]).toEqual([null, wish]);
    }),
  );
});

test("the middle of a frame is inside it, and the player's word for it finds it again", () => {
  const stamps = fc
    .uniqueArray(fc.integer({ min: -500, max: 10 ** 6 }), { minLength: 1, maxLength: 60 })
    .map((found) => found.sort((a, b) => a - b));
  const bases = fc.constantFrom<readonly [number, number]>([1, 90_000], [1, 1000], [1001, 30_000]);
  fc.assert(
    fc.property(stamps, fc.nat(), bases, (frame_pts, pick, base) => {
      const pts = frame_pts[pick % frame_pts.length] as number;
      const zero = frame_pts[0] as number;
      const middle = middleOf(pts, frame_pts, base, zero);
      const ticks = (middle * base[1]) / base[0] + zero;
      expect(ticks).toBeGreaterThan(pts);
      expect(ticks).toBeLessThan(frame_pts[frame_pts.indexOf(pts) + 1] ?? Number.POSITIVE_INFINITY);
      const said = ((pts - zero) * base[0]) / base[1]; // a frame's own time, as requestVideoFrameCallback says it
      expect(ptsShown(said, frame_pts, base, zero)).toBe(pts);
    }),
  );
});

test("steps go from frame to frame and stop at the ends", () => {
  const frame_pts = [0, 33, 67, 100];
  expect([-1, 0, 1, 9].map((by) => stepped(67, by, frame_pts))).toEqual([33, 67, 100, 100]);
  expect([stepped(70, 1, frame_pts), stepped(-5, -1, frame_pts), stepped(5, 1, [])]).toEqual([100, 0, 5]);
});
