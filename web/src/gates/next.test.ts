import { describe, expect, test } from "vitest";
import { afterApproval, afterRejection, waysBack } from "./next";

const phase = (name: string, title: string) => ({
  name,
  title,
  gate_asks: null,
  gate_role: null,
  gives: {},
  takes: {},
  optional: false,
});
const type = {
  phases: [phase("read", "Read the files"), phase("map", "Match columns"), phase("clean", "Clean values")],
};
const gate = { phase: "map", approvals: 0, quorum: 1, four_eyes: false };

describe("after an approval", () => {
  test("the next phase is named", () => {
    expect(afterApproval(gate, type, 0)).toEqual(["The flow goes on with “Clean values”."]);
  });
  test("the last phase completes the flow", () => {
    expect(afterApproval({ ...gate, phase: "clean" }, type, 0)).toEqual([
      "This was the last phase: the flow completes.",
    ]);
  });
  test("a quorum that is not reached waits", () => {
    expect(afterApproval({ ...gate, quorum: 2 }, type, 0)).toEqual([
      "The flow waits for one more approval, then goes on.",
    ]);
  });
  test("an edit starts the count again", () => {
    expect(afterApproval({ ...gate, quorum: 2, approvals: 1 }, type, 2)).toEqual([
      "Your 2 edits become part of the result.",
      "Approvals given so far were for other content and count no more.",
      "The flow waits for one more approval, then goes on.",
    ]);
  });
  test("who edits a four-eyes gate does not approve it", () => {
    expect(afterApproval({ ...gate, four_eyes: true }, type, 1).at(-1)).toBe(
      "The flow waits for one more approval, then goes on.",
    );
  });
});

describe("after a rejection", () => {
  test("the phase runs again, or everything from an earlier one", () => {
    expect(afterRejection(gate, type, "map")).toEqual(["“Match columns” runs again and asks anew."]);
    expect(afterRejection(gate, type, "read")[0]).toContain("goes back to “Read the files”");
    expect(afterRejection(gate, type, null)[0]).toContain("as its type foresees");
  });
  test("it may lead to this phase and earlier ones", () => {
    expect(waysBack("map", type).map(({ value }) => value)).toEqual(["map", "read"]);
    expect(waysBack("map", undefined)).toEqual([]);
  });
});
