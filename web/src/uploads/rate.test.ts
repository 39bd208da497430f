import { expect, test } from "vitest";
import { leftOf, type Marks, marked, rateOf } from "./rate.ts";

function after(...marks: readonly (readonly [number, number])[]): Marks {
  return marks.reduce<Marks>((all, [at_ms, done]) => marked(all, at_ms, done), []);
}

test("nothing is said before it is known", () => {
  expect([rateOf([]), leftOf([], 100), rateOf(after([0, 0], [500, 50]))]).toEqual([null, null, null]);
});

test("it is what went in the last seconds", () => {
  const marks = after([0, 0], [1000, 10_000], [2000, 20_000]);
  expect([rateOf(marks), leftOf(marks, 50_000)]).toEqual([10_000, 3]);
  const slower = after([0, 0], [1000, 90_000], [10_000, 90_000], [14_000, 94_000]);
  expect(rateOf(slower)).toBe(1000);
});

test("a part that is sent again does not count as going back", () => {
  expect(rateOf(after([0, 0], [1000, 10_000], [2000, 4000], [3000, 8000]))).toBe(4000);
});

test("nothing moves: no time is promised", () => {
  expect(leftOf(after([0, 5], [4000, 5]), 10)).toBeNull();
});
