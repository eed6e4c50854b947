import { expect, test } from "vitest";
import { inOrder, ranksOf } from "./ranks";

const pair = (source: string, target: string) => ({ source, target });

test("what is needed stands after everything that needs it", () => {
  expect(ranksOf(["db", "app", "web"], [pair("web", "app"), pair("app", "db"), pair("web", "db")])).toEqual([
    ["web"],
    ["app"],
    ["db"],
  ]);
});

test("a circle gets ranks too", () => {
  const ranks = ranksOf(["a", "b"], [pair("a", "b"), pair("b", "a")]);
  expect(ranks.flat().sort()).toEqual(["a", "b"]);
});

test("a chain as long as the estate is ranked", () => {
  const ids = Array.from({ length: 20_000 }, (_, index) => String(index));
  const edges = ids.slice(1).map((id, index) => pair(String(index), id));
  expect(ranksOf(ids, edges)).toHaveLength(20_000);
});

test("nodes stand near what they are linked with", () => {
  const ranks = [
    ["a", "b"],
    ["for b", "for a"],
  ];
  expect(inOrder(ranks, [pair("a", "for a"), pair("b", "for b")])[1]).toEqual(["for a", "for b"]);
});
