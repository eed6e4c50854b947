import { expect, test } from "vitest";
import { filterOf, isNarrowed, queryOf } from "./filters";

test("the address says which flows are listed", () => {
  const filter = filterOf({ status: ["failed", "paused"], type: "discovery", q: "vCenter", mine: "yes" });
  expect(queryOf(filter)).toEqual({
    limit: 100,
    status: ["failed", "paused"],
    flow_type: ["discovery"],
    search: "vCenter",
    created_by: "me",
  });
});

test("a state that no flow can be in is left out of the question", () => {
  expect(queryOf(filterOf({ status: "asleep" }))).toEqual({ limit: 100 });
});

test("an address without filters narrows nothing", () => {
  expect(isNarrowed(filterOf({}))).toBe(false);
  expect(isNarrowed(filterOf({ q: "plan" }))).toBe(true);
});
