/** Where nodes stand: who needs stands above who is needed; machines stand inside their application. */
import { type Layout, type LayoutIn, MACHINE, NODE } from "./places";
import { inOrder, ranksOf } from "./ranks";

const HEAD = 54;
const GAP = 10;
const ASPECT = 1.8; // of a drawing: it grows about as wide as a page
const ROOM = { across: 28, along: 64 };

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
  const extent = blocks(joined, between, found);
  grid(lone, found, { top: joined.length > 0 ? extent.bottom + ROOM.along : 0, width: extent.width });
  return found;
}

interface Extent {
  bottom: number;
  width: number;
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

/** Ranks from top to bottom, each as a block of rows no wider than the drawing should be. */
function blocks(boxes: Box[], edges: { source: string; target: string }[], found: Layout): Extent {
  const size = new Map(boxes.map((box) => [box.id, box]));
  const ranks = inOrder(ranksOf([...size.keys()], edges), edges);
  const area = boxes.reduce((sum, box) => sum + (box.width + ROOM.across) * (box.height + ROOM.across), 0);
  const deep = ranks.length * (NODE.height + ROOM.along);
  const widest = Math.max(Math.sqrt(area * ASPECT), deep);
  const rows = ranks.map((rank) =>
    rowsOf(
      rank.map((id) => size.get(id) ?? { id, ...NODE }),
      widest,
    ),
  );
  const width = Math.max(deep, ...rows.flat().map((row) => row.width));
  let y = 0;
  for (const block of rows) {
    for (const row of block) {
      let x = (width - row.width) / 2;
      for (const { id, ...box } of row.boxes) {
        found[id] = { x, y, ...box };
        x += box.width + ROOM.across;
      }
      y += row.height + ROOM.across;
    }
    y += ROOM.along - ROOM.across;
  }
  return { bottom: Math.max(0, y - ROOM.along), width };
}

interface Row {
  boxes: Box[];
  width: number;
  height: number;
}

/** Boxes side by side, in as many rows as `widest` asks for. */
function rowsOf(boxes: Box[], widest: number): Row[] {
  const rows: Row[] = [];
  for (const box of boxes) {
    const row = rows.at(-1);
    if (!row || row.width + ROOM.across + box.width > widest) {
      rows.push({ boxes: [box], width: box.width, height: box.height });
    } else {
      row.boxes.push(box);
      row.width += ROOM.across + box.width;
      row.height = Math.max(row.height, box.height);
    }
  }
  return rows;
}

/** Boxes in rows from `top`, at least as wide as the drawing above. */
function grid(boxes: Box[], found: Layout, { top, width }: { top: number; width: number }): void {
  let y = top;
  for (const row of rowsOf(boxes, Math.max(width, Math.ceil(Math.sqrt(boxes.length)) * (NODE.width + ROOM.across)))) {
    let x = 0;
    for (const { id, ...box } of row.boxes) {
      found[id] = { x, y, ...box };
      x += box.width + ROOM.across;
    }
    y += row.height + ROOM.across;
  }
}
