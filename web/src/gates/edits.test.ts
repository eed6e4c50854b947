import { describe, expect, test } from "vitest";
import { cellsOf, countOf, entered, NO_EDITS, problemsByCell, withCell, withoutCell } from "./edits";

const moved = withCell(NO_EDITS, "a", "wave", { before: 1, after: 2 });

describe("edits of cells", () => {
  test("a cell keeps what it held before its first edit", () => {
    const again = withCell(moved, "a", "wave", { before: 2, after: 3 });
    expect(again.a?.wave).toEqual({ before: 1, after: 3 });
    expect(countOf(again)).toBe(1);
  });
  test("a cell that holds again what it held is no edit", () => {
    expect(withCell(moved, "a", "wave", { before: 2, after: 1 })).toEqual({});
  });
  test("a cell that was empty and is emptied again is no edit", () => {
    const filled = withCell(NO_EDITS, "a", "note", { before: null, after: "x" });
    expect(
      withCell(withCell(filled, "a", "note", { before: "x", after: "y" }), "a", "note", { before: "y", after: null }),
    ).toEqual({});
  });
  test("an emptied cell that was empty is no edit", () => {
    expect(withCell(NO_EDITS, "a", "unit", { before: null, after: null })).toEqual({});
    expect(withCell(NO_EDITS, "a", "unit", { before: "", after: null })).toEqual({});
  });
  test("undo takes one cell out and leaves the others", () => {
    const two = withCell(moved, "a", "note", { before: null, after: "x" });
    expect(withoutCell(two, "a", "wave")).toEqual({ a: { note: { before: null, after: "x" } } });
    expect(withoutCell(moved, "a", "wave")).toEqual({});
  });
  test("they go to the API as row, field and value", () => {
    expect(cellsOf(moved)).toEqual([{ row: "a", field: "wave", value: 2 }]);
  });
});

describe("what a person writes into a cell", () => {
  test("nothing empties it", () => expect(entered("  ", "text")).toBeNull());
  test("a number in a column of numbers is a number", () => {
    expect(entered("12", "number")).toBe(12);
    expect(entered("1,5", "number")).toBe(1.5);
  });
  test("a word in a column of numbers stays a word, for the check to name", () => {
    expect(entered("later", "number")).toBe("later");
  });
  test("digits in a column of texts stay a text", () => expect(entered("12", "text")).toBe("12"));
});

describe("problems by cell", () => {
  const fields = new Set(["wave"]);
  const problem = (row: string | null, field: string | null, message: string) => ({ row, field, code: "x", message });
  test("stand at their cell", () => {
    const found = problemsByCell([problem("a", "wave", "No such wave.")], fields);
    expect(found.at("a", "wave")).toEqual(["No such wave."]);
    expect(found.at("b", "wave")).toEqual([]);
    expect(found.elsewhere).toEqual([]);
  });
  test("without a row, or in a column that is not shown, stand above the table, once each", () => {
    const found = problemsByCell(
      [problem(null, null, "Too much."), problem(null, null, "Too much."), problem("a", "sheets", "Twice.")],
      fields,
    );
    expect(found.elsewhere).toEqual(["Too much.", "Twice."]);
  });
});
