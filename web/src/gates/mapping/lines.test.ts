import { describe, expect, test } from "vitest";
import { NO_EDITS, withCell } from "../edits";
import {
  acceptance,
  chosen,
  isMeasured,
  isOpen,
  type Line,
  linesOf,
  meaningOf,
  placeOf,
  taken,
  unreadOf,
} from "./lines";

const line = (id: string, more: Partial<Line> = {}): Line => ({
  id,
  file: "servers.csv",
  sheet: "csv",
  header: id,
  samples: ["x"],
  field: "hostname",
  unit: null,
  confidence: 0.8,
  reason: "",
  needsDecision: true,
  remembered: false,
  alternatives: [],
  ...more,
});
const NONE: ReadonlySet<string> = new Set();

test("lines carry the ids of the gate's table: the sheet from 1 and the column's index", () => {
  const column = {
    index: 4,
    header: "Srv",
    samples: ["a"],
    field: "hostname",
    unit: null,
    confidence: 0.9,
    reason: "known",
    needs_decision: false,
    remembered: true,
    alternatives: [],
  };
  const sheets = [
    { file: "a.csv", sheet: "csv", columns: [] },
    { file: "b.xlsx", sheet: "vInfo", columns: [column] },
  ];
  expect(linesOf({ sheets }).map(({ id, file }) => [id, file])).toEqual([["2.4", "b.xlsx"]]);
  expect(linesOf({})).toEqual([]);
});

describe("a line that needs a decision", () => {
  test("is open until it is accepted or edited", () => {
    const one = line("1.0");
    expect(isOpen(one, NO_EDITS, NONE)).toBe(true);
    expect(isOpen(one, NO_EDITS, new Set(["1.0"]))).toBe(false);
    expect(isOpen(one, withCell(NO_EDITS, "1.0", "field", { before: "hostname", after: null }), NONE)).toBe(false);
  });
});

describe("accepting from a threshold on", () => {
  const sure = line("1.0", { confidence: 0.9 });
  const unsure = line("1.1", { confidence: 0.5 });
  const kept = line("1.2", { field: null, alternatives: [{ field: "tier", score: 0.85 }] });
  const known = line("1.3", { needsDecision: false, confidence: 1 });

  test("proposals that are sure enough stand, best alternatives are taken, others stay open", () => {
    const found = acceptance([sure, unsure, kept, known], 0.8, NO_EDITS, NONE);
    expect(found.accept).toEqual(["1.0"]);
    expect(found.take).toEqual([{ line: kept, field: "tier" }]);
    expect(taken(NO_EDITS, found.take)).toEqual({ "1.2": { field: { before: null, after: "tier", of: "1.2" } } });
  });
  test("what was decided already is left alone", () => {
    expect(acceptance([sure], 0.8, NO_EDITS, new Set(["1.0"])).accept).toEqual([]);
  });
});

test("another field loses the unit that was the former field's", () => {
  const one = line("1.0", { field: "memory_mb", unit: "MB" });
  expect(meaningOf(one, NO_EDITS)).toEqual({ field: "memory_mb", unit: "MB", isEdited: false });
  const edits = withCell(NO_EDITS, "1.0", "field", { before: "memory_mb", after: "role" });
  expect(meaningOf(one, edits)).toEqual({ field: "role", unit: null, isEdited: true });
});

test("lines are chosen by what they need, where they stand and what they show", () => {
  const lines = [
    line("1.0", { header: "Srv", samples: ["lgc-app-01"] }),
    line("1.1", { header: "Ticket", field: null, needsDecision: false }),
    line("2.0", { header: "Mem", file: "other.csv", field: "memory_mb", needsDecision: false }),
  ];
  const ids = (wanted: Partial<Parameters<typeof chosen>[1]>) =>
    chosen(lines, { show: "all", search: "", place: "", ...wanted }, NO_EDITS).map(({ id }) => id);
  expect(ids({ show: "asked" })).toEqual(["1.0"]);
  expect(ids({ show: "kept" })).toEqual(["1.1"]);
  expect(ids({ show: "mapped" })).toEqual(["1.0", "2.0"]);
  expect(ids({ search: "LGC" })).toEqual(["1.0"]);
  expect(ids({ place: placeOf({ file: "other.csv", sheet: "csv" }) })).toEqual(["2.0"]);
});

test("units are asked for where there are numbers", () => {
  expect(isMeasured({ unit: null, samples: ["16,384", "8 GB"] })).toBe(true);
  expect(isMeasured({ unit: null, samples: ["lgc-app-01"] })).toBe(false);
  expect(isMeasured({ unit: null, samples: ["10.60.1.11"] })).toBe(false);
  expect(isMeasured({ unit: "GB", samples: [] })).toBe(true);
});

test("files that could not be read are told with the reason", () => {
  const unreadable = [{ file: "poem.txt", message: "It is no export.", code: "file.unknown", row: null }];
  expect(unreadOf({ unreadable })).toEqual([{ file: "poem.txt", message: "It is no export." }]);
  expect(unreadOf({})).toEqual([]);
});
