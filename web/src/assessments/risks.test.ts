import { expect, test } from "vitest";
import type { RiskOut } from "@/api/schema";
import { cellCounts, grouped, levelOf } from "./risks";

const risk = (subject: string, likelihood: number, impact: number, sentence = "Support ended."): RiskOut => ({
  code: "os.ended",
  subject,
  likelihood,
  impact,
  sentence,
  mitigation: "Upgrade it.",
  trigger: "A refusal.",
});

test("the level follows likelihood times impact", () => {
  expect([levelOf(1, 5), levelOf(2, 3), levelOf(3, 4)]).toEqual(["low", "medium", "high"]);
});

test("the same risk of several servers is one entry, the gravest first", () => {
  const risks = [risk("a", 3, 3, "Old."), risk("b", 4, 4), risk("c", 3, 3, "Old.")];
  expect(grouped(risks, undefined).map((group) => group.subjects)).toEqual([["b"], ["a", "c"]]);
});

test("a cell of the matrix narrows the list", () => {
  const risks = [risk("a", 3, 3), risk("b", 4, 4)];
  expect(cellCounts(risks).get("3.3")).toBe(1);
  expect(grouped(risks, "3.3").flatMap((group) => group.subjects)).toEqual(["a"]);
});
