import { expect, test } from "vitest";
import type { EventOut } from "@/api/schema";
import { actorOf, detailOf, kindOf } from "./history";

const event: EventOut = {
  seq: 1,
  kind: "flow_rolled_back",
  phase: "mapping",
  actor: "a@b.c",
  reason: null,
  data: {},
  at: "",
};

test("kinds are said in words, new ones too", () => {
  expect(kindOf("gate_approved").words).toBe("Gate approved");
  expect(kindOf("flow_teleported").words).toBe("Flow teleported");
});

test("edited fields and attempts are told", () => {
  const data = { fields: ["wave_weeks"], attempts: 2, after_seconds: 4.5 };
  expect(detailOf({ ...event, data }, (name) => name)).toEqual([
    "changed wave weeks",
    "after attempt 2",
    "again in 4.5 s",
  ]);
});

test("the engine is called by the product's name", () => {
  expect(actorOf("engine")).toBe("Masterflow");
});
