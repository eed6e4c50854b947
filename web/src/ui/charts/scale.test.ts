import { expect, test } from "vitest";
import { apart, fitted, labelled, niceStep, scaleOf, spanStep, stacked, ticksTo } from "./scale";

test("a step is 1, 2 or 5 times a power of ten", () => {
  expect(niceStep(10, 5)).toBe(2);
  expect(niceStep(11, 5)).toBe(5);
  expect(niceStep(480, 5)).toBe(100);
  expect(niceStep(0.4, 5)).toBeCloseTo(0.1);
});

test("what is counted has no ticks between whole numbers", () => {
  expect(scaleOf(2, 100, { quantity: "count" }).ticks).toEqual([0, 1, 2]);
  expect(scaleOf(0, 100, { quantity: "count" }).ticks).toEqual([0, 1]);
});

test("spans of time are stepped in the units of a clock", () => {
  expect(spanStep(100, 5)).toBe(30);
  expect(spanStep(4 * 3600, 5)).toBe(3600);
  expect(spanStep(10 * 86_400, 5)).toBe(2 * 86_400);
  expect(spanStep(2, 5)).toBe(0.5);
});

test("ticks reach over the largest value and are not spoilt by binary fractions", () => {
  expect(ticksTo(0.55, 0.1)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]);
});

test("a scale begins at nought and ends at its last tick", () => {
  const scale = scaleOf(9, 300, { quantity: "count" });
  expect([scale(0), scale(10), scale.max]).toEqual([0, 300, 10]);
});

test("as many labels are written as there is room for, and the last one always", () => {
  expect(labelled(5, 500, 60)).toEqual([0, 1, 2, 3, 4]);
  expect(labelled(30, 300, 50)).toEqual([4, 9, 14, 19, 24, 29]);
  expect(labelled(0, 300, 50)).toEqual([]);
});

test("the parts of a stack follow each other", () => {
  expect(stacked([2, 0, 3])).toEqual([
    { from: 0, to: 2 },
    { from: 2, to: 2 },
    { from: 2, to: 5 },
  ]);
});

test("a text is cut to the room there is", () => {
  expect(fitted("readiness", 100)).toBe("readiness");
  expect(fitted("recommendation generation", 80)).toBe("recommenda…");
});

test("labels that would lie over each other are moved apart and stay inside", () => {
  expect(apart([50, 52, 10], 14, [0, 100])).toEqual([50, 64, 10]);
  expect(apart([98, 99], 14, [0, 100])).toEqual([86, 100]);
});
