import { expect, test } from "vitest";
import { parseSearch } from "@/ui/search";
import { chipsOf, cleared, filterOf, sortOf, toggled } from "./filter";

test("the address becomes the filter, several values of a field together", () => {
  const search = parseSearch("environment=test&environment=production&unknown=criticality&unowned=true&search=%20web ");
  expect(filterOf(search)).toEqual({
    environment: ["test", "production"],
    unknown: ["criticality"],
    unowned: true,
    search: "web",
  });
});

test("an unknown order is the order by name", () => {
  expect(sortOf({ sort: "-cpu_cores" })).toBe("-cpu_cores");
  expect(sortOf({ sort: "colour" })).toBe("name");
});

test("choosing a value twice drops it", () => {
  const once = toggled({}, { field: "environment", value: "test" });
  expect(once).toEqual({ environment: ["test"] });
  expect(toggled(once, { field: "environment", value: "test" })).toEqual({ environment: undefined });
});

test("not known is chosen by the name of the field, an unknown owner by itself", () => {
  expect(toggled({}, { field: "datacenter", value: null })).toEqual({ unknown: ["datacenter"] });
  expect(toggled({}, { field: "owner", value: "unknown" })).toEqual({ unowned: "true" });
  expect(toggled({ unowned: "true" }, { field: "owner", value: "unknown" })).toEqual({ unowned: undefined });
});

test("each filter in use is a chip with words", () => {
  const search = parseSearch("environment=disaster_recovery&application=a1&unknown=application&power_state=poweredOn");
  expect(chipsOf(search, undefined, new Map([["a1", "Billing"]])).map(({ label }) => label)).toEqual([
    "Environment: Disaster recovery",
    "Power: On",
    "Application: Billing",
    "Application: None",
  ]);
});

test("clearing takes every filter out and leaves the order", () => {
  expect(Object.keys(cleared())).not.toContain("sort");
  expect(Object.values(cleared()).every((value) => value === undefined)).toBe(true);
});
