import { expect, test } from "vitest";
import { drawnEdges, drawnNodes } from "./drawing";
import { edgePath } from "./edgePath";
import { edge, graphOf, large, node } from "./fixture";
import {
  expandToggled,
  foundBy,
  kindsText,
  litBy,
  named,
  neighboursOf,
  ofKind,
  portsText,
  thickness,
  withShells,
} from "./graph";
import { layout } from "./layout";

const web = node("web", { cycle: 1 });
const app = node("app", { cycle: 1 });
const db = node("db");
const graph = graphOf(
  [web, app, db],
  [
    edge("web", "app", { within_cycle: true }),
    edge("app", "web", { within_cycle: true }),
    edge("app", "db", { kinds: { hard: 0, soft: 2 } }),
  ],
);
const idle = { onChoose: () => {}, onExpand: () => {} };

test("a kind leaves the edges that have it, and circles what is inside one", () => {
  expect(ofKind(graph, "soft").edges.map(({ id }) => id)).toEqual(["app.db"]);
  expect(ofKind(graph, "circles").nodes.map(({ id }) => id)).toEqual(["web", "app"]);
});

test("a node is shown with what it needs and what needs it", () => {
  const { needs, neededBy } = neighboursOf(graph, "app");
  expect(needs.map((one) => one.node.id)).toEqual(["db", "web"]);
  expect(neededBy.map((one) => one.node.id)).toEqual(["web"]);
});

test("what is chosen stands out with its neighbours", () => {
  expect(litBy(graph, {})).toBeNull();
  expect(litBy(graph, { node: "db" })).toEqual(new Set(["db", "app"]));
  expect(litBy(graph, { edge: "web.app" })).toEqual(new Set(["web", "app"]));
});

test("machines whose application is left out get it back as a shell", () => {
  const opened = graphOf([node("m1", { kind: "asset", parent: "web" })], []);
  expect(withShells(opened, [web]).nodes.map(({ id }) => id)).toEqual(["web", "m1"]);
});

test("opening a node is in the address, and closing it takes it out", () => {
  expect(expandToggled({}, "web")).toEqual({ expand: ["web"] });
  expect(expandToggled({ expand: "web" }, "web")).toEqual({ expand: undefined });
});

test("edges grow with the power of ten of their connections, to a limit", () => {
  expect(thickness(null)).toBe(1.25);
  expect(thickness(1_000)).toBeGreaterThan(thickness(10));
  expect(thickness(1e12)).toBe(6);
});

test("an edge is told in words", () => {
  expect(kindsText({ hard: 3, soft: 1 })).toBe("3 hard, 1 soft");
  expect(portsText([])).toBe("Not known");
});

test("machines are drawn after the application that holds them, as React Flow needs it", () => {
  const opened = graphOf([node("m1", { kind: "asset", parent: "web" }), web], []);
  const drawn = drawnNodes({ graph: opened, layout: layout(opened), lit: null, chosen: {}, ...idle });
  expect(drawn.map(({ id, parentId }) => [id, parentId])).toEqual([
    ["web", undefined],
    ["m1", "web"],
  ]);
});

test("of a large graph only the edges of what is chosen are drawn", () => {
  const many = large(600);
  const places = layout(many);
  const chosen = { node: "n500" };
  expect(drawnEdges({ graph: many, layout: places, lit: null, chosen: {}, ...idle }).length).toBeGreaterThan(1_000);
  expect(drawnEdges({ graph: many, layout: places, lit: litBy(many, chosen), chosen, ...idle })).toHaveLength(2);
});

test("an edge that goes back arches beside both ends", () => {
  expect(edgePath({ x: 0, y: 0 }, { x: 0, y: 200 })).toBe("M 0 0 C 0 100 0 100 0 200");
  expect(edgePath({ x: 50, y: 200 }, { x: 80, y: 0 })).toContain("-85 ");
});

test("a node is found by its name, or by the first name that holds the text", () => {
  const graph = graphOf([node("2", { name: "Yard" }), node("1", { name: "Backyard" })], []);
  expect(["yard", "YARD ", "ackY", "d", "", "none"].map((text) => foundBy(graph, text))).toEqual([
    "2",
    "2",
    "1",
    "1",
    undefined,
    undefined,
  ]);
  expect([named(graph, "yar"), named(graph, "Yard")]).toEqual([undefined, "2"]);
});
