import { expect, test } from "vitest";
import { countedFirst, shareOf, tallyOf } from "./bulk";

const job = { command: "retry" as const, items: 10, done: 6, refused: 1, failed: 0, cancelled: 0, left: 3 };

test("a job says what became of its flows and what is left", () => {
  expect(tallyOf(job)).toBe("6 flows retried, 1 refused, 3 to go.");
  expect(shareOf(job)).toBe(0.7);
});

test("the count comes first", () => {
  expect(countedFirst("pause", 2, 5)).toBe("2 of 5 flows will be paused.");
  expect(countedFirst("delete", 1, 1)).toBe("1 flow will be deleted.");
  expect(countedFirst("cancel", 0, 3)).toBe("None of 3 flows can be cancelled.");
});
