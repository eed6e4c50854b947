import { describe, expect, test } from "vitest";
import { discoveryName, rowsOf, stateOf } from "./files";
import { formatOf } from "./formats";
import { problemIn } from "./upload";

const file = { status: "read", replaced_at: null, published_at: null } as const;
const AT = "2026-11-23T12:00:00Z";

describe("how far a file came", () => {
  test("what cannot be read says so before all else", () => {
    expect(stateOf({ ...file, status: "unreadable", replaced_at: AT }).words).toBe("Cannot be read");
  });
  test("a replaced file is told from one in the inventory", () => {
    expect(stateOf({ ...file, published_at: AT, replaced_at: AT }).words).toBe("Replaced by a newer file");
    expect(stateOf({ ...file, published_at: AT }).words).toBe("In the inventory");
  });
  test("one that no discovery took waits", () => {
    expect(stateOf({ ...file, status: "uploaded" }).words).toBe("Not used yet");
  });
});

test("rows are those of all sheets, unknown until the file is read", () => {
  const sheet = { name: "a", header_row: 1, rows: 3, columns: [] };
  expect(rowsOf({ profile: { sheets: [sheet, sheet], rejects: 0, traits: {} } })).toBe(6);
  expect(rowsOf({ profile: null })).toBeNull();
});

test("a discovery is called by its first file", () => {
  expect(discoveryName(["a.csv"])).toBe("Discovery of a.csv");
  expect(discoveryName(["a.csv", "b.csv", "c.csv"])).toBe("Discovery of a.csv and 2 more");
});

test("formats have a name for people, those of other packages their own", () => {
  expect(formatOf("rvtools")).toBe("RVTools workbook");
  expect(formatOf("of_another_package")).toBe("of_another_package");
  expect(formatOf(null)).toBe("Not recognised");
});

test("an answer that is no problem of the API becomes one", () => {
  expect(problemIn("<html>", 502).status).toBe(502);
  expect(problemIn('{"status":413,"code":"too_large"}', 413).code).toBe("too_large");
});
