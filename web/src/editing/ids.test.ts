import fc from "fast-check";
import { expect, test } from "vitest";
import { fullJitter } from "./backoff.ts";
import { uuidMaker } from "./ids.ts";

// The API's own pattern: endpoints/models.py
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("ids are UUIDs of version 7, rise in the order in which they are made, and say when", () => {
  const clocks = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(clocks, fc.infiniteStream(fc.uint8Array({ minLength: 10, maxLength: 10 })), (steps, random) => {
      let now = 1_763_800_000_000;
      const make = uuidMaker(
        () => now,
        () => random.next().value,
      );
      const ids = steps.map((step) => {
        now += step;
        return make();
      });
      expect(ids.every((id) => UUID.test(id) && id[14] === "7")).toBe(true);
      expect([...ids].sort()).toEqual(ids);
      expect(new Set(ids).size).toBe(ids.length);
      const first = Number.parseInt((ids[0] as string).replace("-", "").slice(0, 12), 16);
      expect(first).toBe(1_763_800_000_000 + (steps[0] ?? 0));
    }),
  );
});

test("five thousand ids in one millisecond still rise", () => {
  const make = uuidMaker(
    () => 5,
    (count) => new Uint8Array(count).fill(255),
  );
  const ids = Array.from({ length: 5000 }, make);
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(5000);
});

test("waiting is between its bounds, and its bound doubles", () => {
  const bounds = { least_ms: 250, most_ms: 15_000 };
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.nat(5000), random, (failures, share) => {
      const ms = fullJitter(failures, share, bounds);
      expect(ms).toBeGreaterThanOrEqual(250);
      expect(ms).toBeLessThanOrEqual(Math.min(15_000, 500 * 2 ** failures));
    }),
  );
  expect([0, 1, 5, 9].map((failures) => fullJitter(failures, 0.9999999, bounds))).toEqual([500, 1000, 15_000, 15_000]);
});
