import { expect, test } from "vitest";
import { columnsOf, lineOf, partsOf, scalarOf, shapeOf } from "./readable";

test("values are told apart by how they are read", () => {
  expect([null, "x", ["a", 1], [{ a: 1 }], [[1], [2]], { a: 1 }, [], {}].map(shapeOf)).toEqual([
    "nothing",
    "scalar",
    "words",
    "table",
    "list",
    "record",
    "nothing",
    "nothing",
  ]);
});

test("a name says the unit of its number", () => {
  expect(scalarOf(2552192, "memory_mib").text).toBe("2.43 TiB");
  expect(scalarOf(0.5523, "confidence").text).toBe("55 %");
  expect(scalarOf("2.1", "transfer_hours").text).toBe("2.1 h");
  expect(scalarOf(5350, "rows").text).toBe("5,350");
});

test("a port and a row are names, not amounts", () => {
  expect(scalarOf(8443, "port").text).toBe("8443");
});

test("dates are written as people write them", () => {
  expect(scalarOf("2027-05-23").text).toBe("23 May 2027");
});

test("parts follow the order of the schema, with its titles", () => {
  const schema = { properties: { rows: {}, file: { title: "Source file" } } };
  expect(partsOf({ extra: 1, file: "a.csv", rows: 3 }, schema, schema).map((part) => part.label)).toEqual([
    "Rows",
    "Source file",
    "Extra",
  ]);
});

test("columns that say nothing are left out, and ids stand last", () => {
  const rows = [
    { subject_id: "6821ed92-fab9-5678-b5e7-80cc5c586c83", reason: "old", servers: 4, name: "Billing", note: null },
  ];
  expect(columnsOf(rows, undefined, undefined).map((one) => one.name)).toEqual([
    "name",
    "reason",
    "servers",
    "subject_id",
  ]);
});

test("a list in a cell names the first of it", () => {
  expect(lineOf([{ name: "a" }, { name: "b" }, { name: "c" }, { name: "d" }])).toBe("a, b, c and 1 more");
});
