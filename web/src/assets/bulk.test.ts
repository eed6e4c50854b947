import { expect, test } from "vitest";
import { type Edits, missing, UNTOUCHED, valuesOf } from "./bulk";
import { countOf, NONE, targetOf, withAllToggled, withToggled } from "./selection";

const edits: Edits = {
  ...UNTOUCHED,
  environment: { step: "set", value: "test" },
  department: { step: "withdraw", value: "" },
};

test("only fields that are touched are set; what is taken back is null", () => {
  expect(valuesOf(edits)).toEqual({ environment: "test", department: null });
});

test("an order needs a field, a value and a reason", () => {
  expect(missing(UNTOUCHED, "why")).toMatch("at least one field");
  expect(missing({ ...edits, business_owner: { step: "set", value: " " } }, "why")).toMatch("value");
  expect(missing(edits, " ")).toMatch("Say why");
  expect(missing(edits, "The owners said so.")).toBeNull();
});

test("dropping one row of all keeps the others that are loaded", () => {
  expect(withToggled({ all: true }, "b", ["a", "b"])).toEqual({ all: false, ids: new Set(["a"]) });
});

test("all loaded rows are chosen, then none", () => {
  const chosen = withAllToggled(NONE, ["a", "b"]);
  expect(countOf(chosen, 900)).toBe(2);
  expect(withAllToggled(chosen, ["a", "b"])).toEqual(NONE);
});

test("all that match go to the server as a filter, some as ids", () => {
  expect(targetOf({ all: true }, { search: "web" })).toEqual({ filter: { search: "web" } });
  expect(targetOf({ all: false, ids: new Set(["a"]) }, {})).toEqual({ ids: ["a"] });
});
