import { expect, test } from "vitest";
import type { ServerAssessmentOut } from "@/api/schema";
import { filterOf, fitting, readinessBySubject, sorted } from "./filtering";
import type { Subject } from "./proposals";

const subject = (id: string, change: Partial<Subject> = {}): Subject => ({
  id,
  name: id.toUpperCase(),
  isApplication: true,
  servers: 1,
  strategy: "rehost",
  ruleStrategy: "rehost",
  confidence: 0.5,
  completeness: 0.5,
  complexity: 1,
  overrideReason: null,
  ...change,
});
const server = (asset_id: string, readiness: ServerAssessmentOut["readiness"]) =>
  ({ asset_id, readiness }) as ServerAssessmentOut;
const none = new Map<string, never>();

test("a subject is as ready as its worst server", () => {
  const servers = [server("s1", "ready"), server("s2", "not_ready"), server("alone", "ready")];
  const found = readinessBySubject([subject("crm"), subject("alone")], servers, new Map([["crm", ["s1", "s2"]]]));
  expect([...found]).toEqual([
    ["crm", "not_ready"],
    ["alone", "ready"],
  ]);
});

test("filters of the address are joined by and, values of one by or", () => {
  const subjects = [subject("crm"), subject("erp", { strategy: "retain" }), subject("mes", { strategy: "retire" })];
  const names = (search: Record<string, string | string[]>) =>
    fitting(subjects, filterOf(search), none).map((one) => one.id);
  expect(names({ strategy: ["rehost", "retain"] })).toEqual(["crm", "erp"]);
  expect(names({ strategy: "retain", q: "cr" })).toEqual([]);
  expect(names({ overridden: "yes" })).toEqual(["erp", "mes"]);
});

test("a descending order keeps equal subjects by name", () => {
  const subjects = [subject("b"), subject("a"), subject("c", { confidence: 0.9 })];
  expect(sorted(subjects, "-confidence").map((one) => one.id)).toEqual(["c", "a", "b"]);
  expect(sorted(subjects, "no_such_order").map((one) => one.id)).toEqual(["a", "b", "c"]);
});
