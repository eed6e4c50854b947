import { expect, test } from "vitest";
import { NO_EDITS, withCells } from "@/gates/edits";
import { isOverridden, override, type Proposal, portfolioOf, readProposals, withEdits } from "./proposals";

const raw = (subject_id: string, strategy: string, servers = 2) => ({
  subject_id,
  name: subject_id.toUpperCase(),
  is_application: true,
  servers,
  strategy,
  rule_strategy: strategy,
  confidence: 0.6,
  completeness: 0.5,
  complexity: 2,
  reason: "Because.",
  runner_up: null,
  would_change: "",
  override_reason: null,
});

function proposals(): Proposal[] {
  const output = { assessment_id: "a1", assessed_on: "2026-11-23", move_date: "2027-05-23", target: "public_cloud" };
  const read = readProposals({ ...output, proposals: [raw("crm", "rehost"), raw("erp", "replatform", 5)] });
  if (!read) throw new Error("the output is one of an assessment gate");
  return read.proposals;
}

test("a gate over something else has no proposals", () => {
  expect(readProposals({ planned_waves: [] })).toBeNull();
});

test("an override changes strategy and reason, and keeps what the rules say", () => {
  const [crm] = withEdits(
    proposals(),
    withCells(NO_EDITS, override(proposals().slice(0, 1), "retain", " Stays until 2029. ")),
  );
  expect(crm).toMatchObject({ strategy: "retain", ruleStrategy: "rehost", overrideReason: "Stays until 2029." });
  expect(crm && isOverridden(crm)).toBe(true);
});

test("one strategy for a selection needs no reason where the rules say the same", () => {
  const edits = override(proposals(), "rehost", "Time is short.");
  expect(edits.filter((edit) => edit.field === "override_reason").map((edit) => edit.after)).toEqual([
    null,
    "Time is short.",
  ]);
});

test("going back to the rules leaves no edit", () => {
  const there = withCells(NO_EDITS, override(proposals().slice(0, 1), "retain", "Stays."));
  const back = withCells(there, override(withEdits(proposals(), there).slice(0, 1), "rehost", ""));
  expect(back).toEqual({});
});

test("the portfolio names every strategy with its servers and share", () => {
  const shares = portfolioOf(proposals());
  expect(shares).toHaveLength(7);
  expect(shares.find((one) => one.strategy === "replatform")).toEqual({
    strategy: "replatform",
    subjects: 1,
    servers: 5,
    share: 0.5,
  });
});
