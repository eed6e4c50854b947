import { expect, test } from "vitest";
import { boundSaid, objectiveSaid, wishTitle } from "./words";

test("a proven plan says that none is better", () => {
  expect(boundSaid("optimal", 0.1, 0.1)).toBe("It is proven that no plan which keeps the rules does better.");
});

test("a plan that is not proven says how much better one could be", () => {
  expect(boundSaid("feasible", 0.2, 0.1)).toBe("No plan can do better than 10 %.");
});

test("the objective is told as what it means for the move", () => {
  expect(objectiveSaid(0.093)).toMatch(/^9.3 % of the weight of all dependencies crosses two waves/);
  expect(objectiveSaid(0)).toMatch(/^No dependency crosses two waves/);
});

test("a wish without a title of its own is told by its name", () => {
  expect(wishTitle("some_new_wish")).toBe("some new wish");
});
