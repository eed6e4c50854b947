import { expect, test } from "vitest";
import { NO_EDITS, withCells } from "@/gates/edits";
import { fromGate, isOver, moveTo, wishChanges, withMoves } from "./board";

const subject = (subject_id: string, wave: number, hours: number, move_group: string | null = null) => ({
  subject_id,
  name: subject_id.toUpperCase(),
  is_application: true,
  wave,
  strategy: "rehost",
  servers: 2,
  storage_gb: 10,
  hours,
  environment: "prod",
  criticality: null,
  move_group,
});
const wave = (number: number, hours: number) => ({
  number,
  start: `2027-0${number}-01`,
  end: `2027-0${number}-28`,
  freeze: "none",
  applications: 1,
  hours,
  capacity_hours: 100,
  servers: 2,
  capacity_servers: null,
  storage_gb: 10,
  capacity_storage_gb: null,
});
const output = {
  assessment_id: "a1",
  status: "optimal",
  objective: 0.1,
  bound: 0.1,
  planned_waves: [wave(1, 60), wave(2, 80)],
  subjects: [subject("crm", 1, 60), subject("erp", 2, 50, "ERP + MES"), subject("mes", 2, 30, "ERP + MES")],
  unplanned: [],
  hybrid_dependencies: [],
  broken_wishes: [],
  confidence: "high",
  confidence_note: "All is known.",
  assumptions: ["A wave carries 100 h."],
};

function board() {
  const found = fromGate(output);
  if (!found) throw new Error("the output is one of a planning gate");
  return found;
}

test("a gate over something else has no board", () => {
  expect(fromGate({ proposals: [] })).toBeNull();
});

test("a move takes along what cannot move without it", () => {
  expect(moveTo(board(), "erp", 1).map((edit) => edit.row)).toEqual(["erp", "mes"]);
  expect(moveTo(board(), "crm", 1)).toEqual([]);
});

test("loads follow a move at once, also over the capacity", () => {
  const moved = withMoves(board(), withCells(NO_EDITS, moveTo(board(), "erp", 1)));
  expect(moved.waves.map((one) => one.hours.used)).toEqual([140, 0]);
  expect(moved.waves.map((one) => isOver(one.hours))).toEqual([true, false]);
  expect(moved.waves.map((one) => isOver(one.servers))).toEqual([false, false]);
});

test("a wish that is broken by more than before is no new one", () => {
  const wish = (sentence: string) => ({ wish: "balanced_load", subjects: [], sentence });
  const changes = wishChanges(
    [wish("Wave 2 is filled to 98% of its hours.")],
    [wish("Wave 2 is filled to 103% of its hours.")],
  );
  expect(changes).toEqual({ fixed: [], added: [] });
});

test("wishes without subjects are told apart by their sentence", () => {
  const wish = (sentence: string) => ({ wish: "balanced_load", subjects: [], sentence });
  const changes = wishChanges([wish("one"), wish("two")], [wish("two"), wish("three")]);
  expect(changes.fixed.map((one) => one.sentence)).toEqual(["one"]);
  expect(changes.added.map((one) => one.sentence)).toEqual(["three"]);
});
