import { expect, test } from "vitest";
import { phaseNumber, shareDone } from "./progress";

const flow = { status: "running" as const, phase_index: 2, phase_count: 4, progress: null };

test("phases that are behind count as done", () => {
  expect(shareDone(flow)).toBe(0.5);
  expect(phaseNumber(flow)).toBe(3);
});

test("the phase that runs counts as far as it says it is", () => {
  const progress = { phase: "x", done: 30, total: 60, what: "rows" };
  expect(shareDone({ ...flow, progress })).toBe(0.625);
});

test("a completed flow is done, and stands at its last phase", () => {
  const completed = { ...flow, status: "completed" as const, phase_index: 4 };
  expect(shareDone(completed)).toBe(1);
  expect(phaseNumber(completed)).toBe(4);
});

test("a flow at a gate is at the phase that the gate asks about", () => {
  expect(phaseNumber({ ...flow, status: "waiting_for_approval" })).toBe(2);
});
