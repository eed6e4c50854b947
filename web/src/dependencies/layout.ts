/** Where nodes stand: who needs stands left of who is needed; machines stand inside their application. */
import dagre from "@dagrejs/dagre";
import { inOrder, ranksOf } from "./ranks";

export interface LayoutNode {
  id: string;
  parent: string | null;
}

export interface LayoutIn {
  nodes: LayoutNode[];
  edges: { source: string; target: string }[];
}

/** In pixels; the place of a node with a parent is relative to it. */
export interface Placed {
  x: number;
  y: number;
  width: number;
  height: number;
}

export type Layout = Record<string, Placed>;

export const NODE = { width: 184, height: 54 };
export const MACHINE = { width: 148, height: 34 };
const HEAD = 54;
const GAP = 10;
const ASPECT = 1.8; // of a large drawing
const ROOM = { across: 36, along: 120 };
/** From here on ranks are wrapped into blocks, which takes milliseconds and keeps the drawing as wide as it is high. */
const MANY = 250;

export function layout({ nodes, edges }: LayoutIn): Layout {
  const inside = new Map<string, string[]>();
  const ids = new Set(nodes.map(({ id }) => id));
  const parentOf = new Map<string, string>();
  for (const { id, parent } of nodes) {
    if (parent === null || !ids.has(parent)) continue;
    parentOf.set(id, parent);
    inside.set(parent, [...(inside.get(parent) ?? []), id]);
  }
  const found: Layout = {};
  const boxes = nodes.filter(({ id }) => !parentOf.has(id)).map(({ id }) => ({ id, ...sizeOf(inside.get(id), found) }));
  const between = topEdges(edges, (id) => parentOf.get(id) ?? id, ids);
  const linked = new Set(between.flatMap(({ source, target }) => [source, target]));
  const joined = boxes.filter(({ id }) => linked.has(id));
  const lone = boxes.filter(({ id }) => !linked.has(id));
  const extent = joined.length > MANY ? blocks(joined, between, found) : layered(joined, between, found);
  grid(lone, found, { top: joined.length > 0 ? extent.bottom + 2 * ROOM.across : 0, width: extent.width });
  return found;
}

/** What a layout covers. */
export function boundsOf(layout: Layout): Placed {
  const places = Object.values(layout);
  const width = Math.max(0, ...places.map((place) => place.x + place.width));
  const height = Math.max(0, ...places.map((place) => place.y + place.height));
  return { x: 0, y: 0, width, height };
}

interface Extent {
  bottom: number;
  width: number;
}

/** The middle of the node that has the most edges. */
export function middleOf(layout: Layout, { edges }: Pick<LayoutIn, "edges">): { x: number; y: number } | null {
  const ends = new Map<string, number>();
  for (const id of edges.flatMap(({ source, target }) => [source, target])) ends.set(id, (ends.get(id) ?? 0) + 1);
  const [hub] = [...ends].sort(([, one], [, other]) => other - one).find(([id]) => layout[id]) ?? [];
  const place = hub === undefined ? undefined : layout[hub];
  return place ? { x: place.x + place.width / 2, y: place.y + place.height / 2 } : null;
}

type Box = { id: string; width: number; height: number };

/** The size of a node, with its machines placed inside. */
function sizeOf(machines: string[] | undefined, found: Layout): { width: number; height: number } {
  if (!machines) return NODE;
  const columns = Math.max(1, Math.ceil(Math.sqrt(machines.length / 2.5)));
  machines.forEach((id, index) => {
    found[id] = {
      ...MACHINE,
      x: GAP + (index % columns) * (MACHINE.width + GAP),
      y: HEAD + Math.floor(index / columns) * (MACHINE.height + GAP),
    };
  });
  const rows = Math.ceil(machines.length / columns);
  return {
    width: Math.max(NODE.width, GAP + columns * (MACHINE.width + GAP)),
    height: HEAD + rows * (MACHINE.height + GAP),
  };
}

function topEdges(edges: LayoutIn["edges"], top: (id: string) => string, ids: ReadonlySet<string>) {
  const found = new Map<string, { source: string; target: string }>();
  for (const { source: from, target: to } of edges) {
    if (!ids.has(from) || !ids.has(to)) continue;
    const [source, target] = [top(from), top(to)];
    if (source !== target) found.set(`${source} ${target}`, { source, target });
  }
  return [...found.values()];
}

function layered(boxes: Box[], edges: { source: string; target: string }[], found: Layout): Extent {
  const drawing = new dagre.graphlib.Graph();
  drawing.setGraph({
    rankdir: "LR",
    nodesep: ROOM.across / 2,
    ranksep: ROOM.along,
    acyclicer: "greedy",
  });
  drawing.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of boxes) drawing.setNode(id, { width, height });
  for (const { source, target } of edges) drawing.setEdge(source, target);
  dagre.layout(drawing);
  const extent = { bottom: 0, width: 0 };
  for (const { id, width, height } of boxes) {
    const { x, y } = drawing.node(id);
    found[id] = { x: x - width / 2, y: y - height / 2, width, height };
    extent.bottom = Math.max(extent.bottom, y + height / 2);
    extent.width = Math.max(extent.width, x + width / 2);
  }
  return extent;
}

/** Ranks from left to right, each as a block of columns no higher than the drawing should be. */
function blocks(boxes: Box[], edges: { source: string; target: string }[], found: Layout): Extent {
  const size = new Map(boxes.map((box) => [box.id, box]));
  const ranks = inOrder(ranksOf([...size.keys()], edges), edges);
  const area = boxes.reduce((sum, box) => sum + (box.width + ROOM.across) * (box.height + ROOM.across / 2), 0);
  const highest = Math.sqrt(area / ASPECT);
  const extent = { bottom: 0, width: 0 };
  let left = 0;
  for (const rank of ranks) {
    const high = rank.reduce((sum, id) => sum + (size.get(id) ?? NODE).height + ROOM.across / 2, 0);
    const top = Math.max(0, (highest - high) / 2);
    let [x, y, widest] = [left, top, 0];
    for (const id of rank) {
      const { width, height } = size.get(id) ?? NODE;
      if (y > top && y + height > highest) {
        x += widest + ROOM.across;
        y = top;
        widest = 0;
      }
      found[id] = { x, y, width, height };
      y += height + ROOM.across / 2;
      widest = Math.max(widest, width);
      extent.bottom = Math.max(extent.bottom, y);
    }
    extent.width = x + widest;
    left = extent.width + ROOM.along;
  }
  return extent;
}

/** Boxes in rows from `top`, at least as wide as the drawing above. */
function grid(boxes: Box[], found: Layout, { top, width: least }: { top: number; width: number }): Extent {
  const room = Math.max(least, Math.ceil(Math.sqrt(boxes.length)) * (NODE.width + ROOM.across));
  let [x, y, tallest] = [0, top, 0];
  for (const { id, width, height } of boxes) {
    if (x > 0 && x + width > room) {
      y += tallest + ROOM.across / 2;
      x = 0;
      tallest = 0;
    }
    found[id] = { x, y, width, height };
    x += width + ROOM.across;
    tallest = Math.max(tallest, height);
  }
  return { bottom: y + tallest, width: room };
}
