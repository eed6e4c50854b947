import { expect, test } from "vitest";
import type { EventOut } from "@/api/schema";
import { positionOf, spellsOf, stretchesOf, workedSeconds } from "./timeline";

const names = ["read", "map", "build"];
let seq = 0;

function event(second: number, kind: string, phase: string | null, data: Record<string, unknown> = {}): EventOut {
  seq++;
  return { seq, kind, phase, actor: "engine", reason: null, data, at: new Date(second * 1000).toISOString() };
}

const straight = [
  event(0, "flow_created", null, { status: "running" }),
  event(10, "phase_completed", "read"),
  event(20, "phase_completed", "map", { status: "waiting_for_approval" }),
  event(1020, "gate_approved", "map", { status: "running" }),
  event(1030, "phase_completed", "build", { status: "completed" }),
];

test("phases work one after the other, and a gate waits between them", () => {
  const spells = spellsOf(straight, [], { names, current: null });
  expect(spells.map(({ phase, kind, start, end }) => [phase, kind, start / 1000, end && end / 1000])).toEqual([
    ["read", "work", 0, 10],
    ["map", "work", 10, 20],
    ["map", "approval", 20, 1020],
    ["build", "work", 1020, 1030],
  ]);
});

test("what was done behind the phase that a flow goes back to is superseded", () => {
  const events = [...straight, event(1100, "flow_rolled_back", "map", { status: "running", back_to: 1 })];
  const spells = spellsOf(events, [], { names, current: "map" });
  expect(spells.filter((one) => one.isSuperseded).map((one) => one.phase)).toEqual(["map", "map", "build"]);
  expect(spells.at(-1)).toMatchObject({ phase: "map", iteration: 2, outcome: "running", end: null });
});

test("each attempt of a phase that is tried again stands for itself", () => {
  const events = [
    event(0, "flow_created", null, { status: "running" }),
    event(5, "phase_retried", "read", { status: "running", attempts: 1 }),
    event(12, "flow_failed", "read", { status: "failed" }),
  ];
  const spells = spellsOf(events, [], { names, current: "read" });
  expect(spells.map((one) => one.outcome)).toEqual(["retried", "failed"]);
});

test("a flow that was not started has done nothing", () => {
  expect(spellsOf([event(0, "flow_created", null, { status: "initialized" })], [], { names, current: "read" })).toEqual(
    [],
  );
});

test("a vote or a reminder does not end a wait", () => {
  const events = [...straight.slice(0, 3), event(500, "gate_reminded", "map", { status: "waiting_for_approval" })];
  expect(spellsOf(events, [], { names, current: "map" }).at(-1)).toMatchObject({ kind: "approval", start: 20_000 });
});

test("long waits leave room on the axis for the work between them", () => {
  const spells = spellsOf(straight, [], { names, current: null });
  const stretches = stretchesOf(spells, 0);
  expect(stretches.map((one) => one.isShortened)).toEqual([false, false, true, false]);
  expect(positionOf(20_000, stretches)).toBeGreaterThan(0.4);
  expect(positionOf(1_030_000, stretches)).toBeCloseTo(1);
});

test("the time of a phase is its work, not its wait", () => {
  const spells = spellsOf(straight, [], { names, current: null }).filter((one) => one.phase === "map");
  expect(workedSeconds(spells, 0)).toBe(10);
});
