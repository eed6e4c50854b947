import { expect, test } from "vitest";
import { bodyOf, draftOf, isAddress, stateOf } from "./draft";

test("a webhook needs an address of the web", () => {
  expect(isAddress(" https://hooks.example/masterflow ")).toBe(true);
  expect(isAddress("hooks.example")).toBe(false);
  expect(isAddress("javascript:alert(1)")).toBe(false);
});

test("a new webhook tells of everything", () => {
  expect(bodyOf({ ...draftOf(undefined), url: " https://a.example " })).toEqual({
    url: "https://a.example",
    description: "",
    kinds: [],
    flow_types: [],
  });
});

test("only a state that deliveries have narrows their list", () => {
  expect(stateOf({ state: "failed" })).toBe("failed");
  expect(stateOf({ state: "lost" })).toBeUndefined();
});
