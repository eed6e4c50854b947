import { expect, test } from "vitest";
import { dayAfter, daysBetween, shortDay } from "./days";

test("a day is named short, whatever zone the reader is in", () => {
  expect(shortDay("2026-11-03")).toBe("3 Nov");
});

test("days go on over the end of a month and a year", () => {
  expect(dayAfter("2026-12-31")).toBe("2027-01-01");
  expect(daysBetween("2028-02-28", "2028-03-01")).toEqual(["2028-02-28", "2028-02-29", "2028-03-01"]);
  expect(daysBetween("2026-03-02", "2026-03-01")).toEqual([]);
});
