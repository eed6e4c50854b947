import { expect, test } from "vitest";
import type { FlowTypeOut, Operation } from "@/api/schema";
import { commandsFor, editsOf } from "./commands";

const phase = { title: "", gate_asks: null, gate_role: null, takes: {}, gives: {} };
const type: FlowTypeOut = {
  name: "toy",
  title: "Toy",
  summary: "",
  version: 1,
  config: {},
  phases: [
    { ...phase, name: "first", optional: false },
    { ...phase, name: "second", optional: true },
  ],
};
const LEAD: Operation[] = ["flows.read", "flows.run", "flows.delete"];
const flow = {
  status: "failed" as const,
  deleted_at: null,
  pause_requested: false,
  current_phase: "first",
  runs_here: true,
};

test("only an optional phase can be skipped", () => {
  expect(commandsFor(flow, type, LEAD)).toEqual(["retry", "rollback", "delete"]);
  expect(commandsFor({ ...flow, current_phase: "second" }, type, LEAD)).toContain("skip");
});

test("who only reads is offered nothing", () => {
  expect(commandsFor(flow, type, ["flows.read"])).toEqual([]);
});

test("a deleted flow can only be restored", () => {
  expect(commandsFor({ ...flow, deleted_at: "2026-01-01T00:00:00Z" }, type, LEAD)).toEqual(["restore"]);
});

test("a flow that was asked to pause can still be stopped at once", () => {
  expect(commandsFor({ ...flow, status: "running", pause_requested: true }, type, LEAD)).toEqual([
    "pauseAtOnce",
    "cancel",
  ]);
});

test("only what was edited is sent, whatever the order of keys", () => {
  const before = { waves: null, pins: { a: 1, b: 2 }, seed: 1 };
  expect(editsOf(before, { waves: null, pins: { b: 2, a: 1 }, seed: 7 })).toEqual({ seed: 7 });
});
