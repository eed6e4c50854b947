import { expect, test } from "vitest";
import { large } from "./fixture";
import { layout } from "./layout";
import { boundsOf, type LayoutIn, MACHINE } from "./places";

function asked(nodes: (string | [string, string])[], edges: [string, string][]): LayoutIn {
  return {
    nodes: nodes.map((one) => (typeof one === "string" ? { id: one, parent: null } : { id: one[0], parent: one[1] })),
    edges: edges.map(([source, target]) => ({ source, target })),
  };
}

test("who needs stands above what is needed", () => {
  const found = layout(asked(["web", "database"], [["web", "database"]]));
  expect(found.web?.y).toBeLessThan(found.database?.y ?? 0);
});

test("machines stand inside their application, which is large enough for them", () => {
  const machines = ["m1", "m2", "m3", "m4", "m5"].map((id): [string, string] => [id, "app"]);
  const found = layout(asked(["app", "other", ...machines], [["other", "m3"]]));
  for (const [id] of machines) {
    expect(found[id]?.x ?? 0).toBeGreaterThanOrEqual(0);
    expect((found[id]?.x ?? 0) + MACHINE.width).toBeLessThanOrEqual(found.app?.width ?? 0);
    expect((found[id]?.y ?? 0) + MACHINE.height).toBeLessThanOrEqual(found.app?.height ?? 0);
  }
});

test("what nothing is known of stands below the rest", () => {
  const found = layout(asked(["a", "b", "lone"], [["a", "b"]]));
  expect(found.lone?.y).toBeGreaterThan(Math.max(found.a?.y ?? 0, found.b?.y ?? 0));
});

test("a circle is laid out too, and no two nodes overlap", () => {
  const found = layout(
    asked(
      ["a", "b", "c"],
      [
        ["a", "b"],
        ["b", "c"],
        ["c", "a"],
      ],
    ),
  );
  const places = Object.values(found);
  for (const one of places) {
    for (const other of places) {
      if (one === other) continue;
      const isApart =
        one.x + one.width <= other.x ||
        other.x + other.width <= one.x ||
        one.y + one.height <= other.y ||
        other.y + other.height <= one.y;
      expect(isApart).toBe(true);
    }
  }
});

test("a long chain of short ranks grows downwards, not into a line across the page", () => {
  const ids = Array.from({ length: 40 }, (_, index) => `app ${index}`);
  const chain = ids.slice(3).map((id, index): [string, string] => [ids[index] ?? "", id]);
  const { width, height } = boundsOf(layout(asked(ids, chain)));
  expect(width / height).toBeLessThan(2);
});

test("edges to what is not shown are left out", () => {
  expect(Object.keys(layout(asked(["a"], [["a", "gone"]])))).toEqual(["a"]);
});

test("a graph of 1,000 applications is laid out in seconds", () => {
  const { nodes, edges } = large(1_000);
  const begun = performance.now();
  const found = layout({ nodes, edges });
  expect(performance.now() - begun).toBeLessThan(3_000);
  expect(Object.keys(found)).toHaveLength(1_000);
  const { width, height } = boundsOf(found);
  expect(width / height).toBeGreaterThan(1);
  expect(width / height).toBeLessThan(5);
});
