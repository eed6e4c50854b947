import { expect, test } from "vitest";
import type { AssetOut, ConflictOut, FactOut } from "@/api/schema";
import { candidates, conflictFilter, nextOpen } from "./conflicts";
import { fileNameOf } from "./exports";
import { factGroups, sourceText } from "./facts";
import { concernOf, spokenValue, titleOf } from "./fields";

function fact(field: string, value: string, file: string, chosen = false): FactOut {
  return { field, value, unit: null, source: { file, sheet: "vInfo", row: 2, column: "X" }, rule: "text", chosen };
}

const asset = { name: "web01", memory_mib: 8192, cpu_cores: null } as unknown as AssetOut;

test("a field tells what is shown, who agrees and who differs", () => {
  const facts = [
    fact("memory_mib", "8192", "a", true),
    fact("memory_mib", "8192", "b"),
    fact("memory_mib", "4096", "c"),
  ];
  const fields = factGroups(asset, facts).flatMap((group) => group.fields);
  const memory = fields.find(({ field }) => field === "memory_mib");
  expect(memory?.shown).toBe("8 GiB");
  expect(memory?.agreeing.map(({ source }) => source.file)).toEqual(["b"]);
  expect(memory?.differing.map(({ value }) => value)).toEqual(["4096"]);
  expect(fields.find(({ field }) => field === "cpu_cores")?.shown).toBeNull();
});

test("facts of no known field have a group of their own", () => {
  const groups = factGroups(asset, [fact("disk_p95_iops", "96", "utilisation.csv", true)]);
  expect(groups.at(-1)?.fields.map(({ field }) => field)).toEqual(["disk_p95_iops"]);
});

test("a source is told by file, sheet, row and column", () => {
  expect(sourceText({ file: "rv.xlsx", sheet: "vInfo", row: 9, column: "VM" })).toBe(
    "rv.xlsx › vInfo, row 9, column VM",
  );
  expect(sourceText({ file: "a.csv", sheet: "csv", row: null, column: null })).toBe("a.csv");
});

test("values and fields are told as people say them", () => {
  expect(titleOf("cpu_p50_pct")).toBe("CPU p50 pct");
  expect(spokenValue("power_state", "poweredOff")).toBe("Off");
  expect(spokenValue("environment", "disaster_recovery")).toBe("Disaster recovery");
  expect(concernOf("disk.odd")).toBe("Disk: odd.");
});

const conflict = (id: string, needs_review: boolean, values: FactOut[] = []): ConflictOut => ({
  id,
  asset_id: null,
  asset_name: id,
  field: "cpu_cores",
  preferred: "8",
  why: "",
  needs_review,
  values,
  decided_by: null,
  decided_at: null,
});

test("each value of a conflict stands once with all who state it, the shown one first", () => {
  const found = candidates(conflict("x", true, [fact("c", "4", "a"), fact("c", "8", "b"), fact("c", "4", "d")]));
  expect(found.map(({ value, facts, isShown }) => [value, facts.length, isShown])).toEqual([
    ["8", 1, true],
    ["4", 2, false],
  ]);
});

test("after a decision comes the next that is open, from the start when there is none below", () => {
  const list = [conflict("a", true), conflict("b", true), conflict("c", false)];
  expect(nextOpen(list, "a")?.id).toBe("b");
  expect(nextOpen(list, "b")?.id).toBe("a");
  expect(nextOpen([conflict("a", true)], "a")).toBeUndefined();
});

test("the state of conflicts is asked for by the address", () => {
  expect(conflictFilter({ state: "open", field: "environment" })).toEqual({ needs_review: true, field: "environment" });
  expect(conflictFilter({ state: "settled" })).toEqual({ needs_review: false });
});

test("a download keeps the name that the server gives it", () => {
  expect(fileNameOf("attachment; filename*=UTF-8''inventory%20a.csv")).toBe("inventory a.csv");
  expect(fileNameOf(null)).toBeNull();
});
