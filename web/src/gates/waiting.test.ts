import { describe, expect, test } from "vitest";
import { anyOf, dueOf, quorumOf, toReader, voteWords } from "./waiting";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const open = { status: "open", overdue: false } as const;

describe("when an answer is due", () => {
  test("a gate without a due time says nothing", () => {
    expect(dueOf({ ...open, due_at: null }, NOW)).toBeNull();
  });
  test("a decided gate says nothing", () => {
    expect(dueOf({ status: "approved", overdue: false, due_at: "2026-11-20T12:00:00Z" }, NOW)).toBeNull();
  });
  test("an overdue gate is bad and says since when", () => {
    expect(dueOf({ ...open, overdue: true, due_at: "2026-11-21T12:00:00Z" }, NOW)).toEqual({
      tone: "bad",
      words: "Overdue since 2 days",
    });
  });
  test("one that passed its due time since it was read is overdue too", () => {
    expect(dueOf({ ...open, due_at: "2026-11-23T09:00:00Z" }, NOW)?.tone).toBe("bad");
  });
  test("one that is due within a day asks for attention", () => {
    expect(dueOf({ ...open, due_at: "2026-11-23T20:00:00Z" }, NOW)).toEqual({ tone: "wait", words: "Due in 8 hr." });
    expect(dueOf({ ...open, due_at: "2026-11-26T12:00:00Z" }, NOW)?.tone).toBe("rest");
  });
});

test("a quorum says how many of how many", () => {
  expect(quorumOf({ approvals: 0, quorum: 1 })).toBe("0 of 1 approval");
  expect(quorumOf({ approvals: 1, quorum: 2 })).toBe("1 of 2 approvals");
});

test("an answer says who, what, with how many edits and whether it counts", () => {
  const vote = { actor: "a@x", verdict: "approve", edits: [], counts: true, superseded: false } as const;
  const edit = { row: "1", field: "wave", before: 1, after: 2 };
  expect(voteWords({ ...vote, edits: [] })).toBe("a@x approved");
  expect(voteWords({ ...vote, edits: [edit, edit] })).toBe("a@x approved with 2 edits");
  expect(voteWords({ ...vote, edits: [], counts: false })).toBe("a@x approved; this does not count");
  expect(voteWords({ ...vote, edits: [], superseded: true })).toBe("a@x approved; the content was edited since");
});

test("names are joined as people say them", () => {
  expect(anyOf([])).toBe("");
  expect(anyOf(["a"])).toBe("a");
  expect(anyOf(["a", "b"])).toBe("a or b");
  expect(anyOf(["a", "b", "c", "d", "e"])).toBe("a, b, c or 2 others");
});

test("what the API says of the reader is said to the reader", () => {
  expect(toReader("a@x started this flow.", "a@x")).toBe("You started this flow.");
  expect(toReader("a@x has answered this gate already.", "a@x")).toBe("You have answered this gate already.");
  expect(toReader("b@x started this flow.", "a@x")).toBe("b@x started this flow.");
});
