/** Where things stand in a drawing, for those who do not compute it. */

interface LayoutNode {
  id: string;
  parent: string | null;
}

export interface LayoutIn {
  nodes: LayoutNode[];
  edges: { source: string; target: string }[];
}

/** In pixels; the place of a node with a parent is relative to it. */
interface Placed {
  x: number;
  y: number;
  width: number;
  height: number;
}

export type Layout = Record<string, Placed>;

export const NODE = { width: 184, height: 54 };
export const MACHINE = { width: 148, height: 34 };

/** What a layout covers. */
export function boundsOf(layout: Layout): Placed {
  const places = Object.values(layout);
  const width = Math.max(0, ...places.map((place) => place.x + place.width));
  const height = Math.max(0, ...places.map((place) => place.y + place.height));
  return { x: 0, y: 0, width, height };
}

/** The middle of the node that has the most edges. */
export function middleOf(layout: Layout, { edges }: Pick<LayoutIn, "edges">): { x: number; y: number } | null {
  const ends = new Map<string, number>();
  for (const id of edges.flatMap(({ source, target }) => [source, target])) ends.set(id, (ends.get(id) ?? 0) + 1);
  const [hub] = [...ends].sort(([, one], [, other]) => other - one).find(([id]) => layout[id]) ?? [];
  const place = hub === undefined ? undefined : layout[hub];
  return place ? { x: place.x + place.width / 2, y: place.y + place.height / 2 } : null;
}
