import { expect, test } from "vitest";
import { calendarOf, freezesOf } from "./calendar";

const waves = [
  { start: "2027-01-04", end: "2027-01-31" },
  { start: "2027-02-01", end: "2027-02-28" },
];

test("the axis covers whole months, and says the year in January", () => {
  expect(calendarOf(waves)?.months.map((month) => month.label)).toEqual(["Jan 2027", "Feb"]);
});

test("a wave lies where its days are, its last day included", () => {
  const calendar = calendarOf(waves);
  expect(calendar?.place({ start: "2027-02-01", end: "2027-02-28" })?.left).toBeCloseTo(31 / 59);
  expect(calendar?.place({ start: "2027-01-01", end: "2027-02-28" })).toEqual({ left: 0, width: 1 });
});

test("a freeze is cut at the ends of the axis, and left out beyond them", () => {
  const calendar = calendarOf(waves);
  expect(calendar?.place({ start: "2026-12-01", end: "2027-01-31" })).toEqual({ left: 0, width: 31 / 59 });
  expect(calendar?.place({ start: "2027-03-01", end: "2027-03-05" })).toBeNull();
});

test("an axis crosses the turn of a year", () => {
  const months = calendarOf([{ start: "2026-12-07", end: "2027-01-03" }])?.months.map((month) => month.label);
  expect(months).toEqual(["Dec", "Jan 2027"]);
});

test("without waves there is no axis", () => {
  expect(calendarOf([])).toBeNull();
});

test("freezes are read from the configuration of the flow", () => {
  const freezes = [{ start: "2027-01-20", end: "2027-02-05", scope: "all" }, { start: 3 }];
  expect(freezesOf({ freezes })).toEqual([{ start: "2027-01-20", end: "2027-02-05", scope: "all" }]);
  expect(freezesOf(undefined)).toEqual([]);
});
