import { expect, test } from "vitest";
import { type Draft, EMPTY, parseDraft, redone, stepped, storageKey, undone } from "./draft";
import { cellsOf, withCell, withCells } from "./edits";

function moved(draft: Draft, row: string, before: number, after: number): Draft {
  return stepped(draft, { edits: withCell(draft.edits, row, "wave", { before, after }) });
}

const once = moved(EMPTY, "crm", 1, 2);

test("a step of several cells is undone and done again as one", () => {
  const both = stepped(EMPTY, {
    edits: withCells(EMPTY.edits, [
      { row: "crm", field: "wave", before: 1, after: 2 },
      { row: "erp", field: "wave", before: 2, after: 1 },
    ]),
  });
  expect(undone(both).edits).toEqual({});
  expect(cellsOf(redone(undone(both)).edits)).toHaveLength(2);
});

test("a new step forgets what was undone", () => {
  const draft = moved(undone(once), "erp", 2, 1);
  expect(draft.future).toEqual([]);
  expect(redone(draft)).toBe(draft);
});

test("what was looked at is undone too", () => {
  const looked = stepped(once, { accepted: ["a"] });
  expect(undone(looked)).toMatchObject({ edits: once.edits, accepted: [] });
});

test("a step that changes nothing is none", () => {
  expect(stepped(once, { edits: { ...once.edits } })).toBe(once);
});

test("the oldest steps are forgotten", () => {
  let draft = EMPTY;
  for (let wave = 2; wave < 100; wave++) draft = moved(draft, "crm", 1, wave);
  expect(draft.past).toHaveLength(30);
});

test("a draft is kept by person, gate and content, and what another version kept starts anew", () => {
  expect(storageKey("g", "h", "anna@x.example")).toBe("mf-draft:anna@x.example:g:h");
  expect(parseDraft(JSON.stringify(once))).toEqual(once);
  expect(parseDraft('{"steps": [], "undone": []}')).toBe(EMPTY);
  expect(parseDraft('{"edits": [], "accepted": [], "past": [], "future": []}')).toBe(EMPTY);
  expect(parseDraft("{")).toBe(EMPTY);
  expect(parseDraft(null)).toBe(EMPTY);
});
