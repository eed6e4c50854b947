import { expect, test } from "vitest";
import type { TableColumn } from "./cells";
import { nameOf, shownColumns, widthOf } from "./table";

const column = (key: string, more: Partial<TableColumn> = {}): TableColumn => ({
  key,
  header: key,
  editable: false,
  choices: [],
  width: 10,
  kind: "text",
  ...more,
});
const ID = "08982dcb-2c09-5cbd-a14f-f688df0d63a6";
const table = { key: "id", columns: [column("id"), column("name"), column("wave", { editable: true })] };

test("a column of machine ids is left out, one of readable numbers stays", () => {
  expect(shownColumns(table, [{ id: ID, name: "Fuel Cards", wave: 1 }]).map(({ key }) => key)).toEqual([
    "name",
    "wave",
  ]);
  expect(shownColumns(table, [{ id: "1.5", name: "Srv" }]).map(({ key }) => key)).toContain("id");
});

test("a row goes by its first text that is not its key", () => {
  expect(nameOf(table, { id: ID, name: "Fuel Cards", wave: 1 })).toBe("Fuel Cards");
  expect(nameOf(table, { id: ID, name: null, wave: 1 })).toBe(ID);
});

test("columns that are edited have room for the former value", () => {
  expect(widthOf(column("wave", { editable: true, width: 8 }), true)).toBe(13);
  expect(widthOf(column("wave", { editable: true, width: 8 }), false)).toBeLessThan(7);
  expect(widthOf(column("why", { width: 200 }), true)).toBe(26);
});
