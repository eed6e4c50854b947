/** Nodes and edges as React Flow takes them, with sizes and handles known before anything is measured. */
import { type Edge, type Node, Position } from "@xyflow/react";
import type { EdgeOut, GraphOut, NodeOut } from "@/api/schema";
import { thickness } from "./graph";
import type { Layout } from "./places";

export type Light = "lit" | "dim" | "plain" | "faint";

export interface NodeData extends Record<string, unknown> {
  node: NodeOut;
  isOpen: boolean;
  isChosen: boolean;
  light: Light;
  onChoose(id: string): void;
  onExpand(id: string): void;
}

export interface EdgeData extends Record<string, unknown> {
  edge: EdgeOut;
  width: number;
  light: Light;
}

export type DrawnNode = Node<NodeData, "place">;
export type DrawnEdge = Edge<EdgeData, "need">;

export interface DrawIn {
  graph: GraphOut;
  layout: Layout;
  lit: ReadonlySet<string> | null;
  chosen: { node?: string; edge?: string };
  onChoose(id: string): void;
  onExpand(id: string): void;
}

export function drawnNodes({ graph, layout, lit, chosen, onChoose, onExpand }: DrawIn): DrawnNode[] {
  const open = new Set(graph.nodes.map(({ parent }) => parent));
  const nodes = graph.nodes.flatMap((node): DrawnNode[] => {
    const place = layout[node.id];
    if (!place) return [];
    const { x, y, width, height } = place;
    const isInside = node.parent !== null && layout[node.parent] !== undefined;
    return [
      {
        id: node.id,
        type: "place",
        position: { x, y },
        width,
        height,
        ...(isInside && node.parent ? { parentId: node.parent, zIndex: 2 } : {}),
        handles: [
          { type: "target", position: Position.Top, x: width / 2, y: 0, width: 1, height: 1 },
          { type: "source", position: Position.Bottom, x: width / 2, y: height, width: 1, height: 1 },
        ],
        data: {
          node,
          isOpen: open.has(node.id),
          isChosen: chosen.node === node.id,
          light: lit === null ? "plain" : lit.has(node.id) ? "lit" : "dim",
          onChoose,
          onExpand,
        },
      },
    ];
  });
  return nodes.sort((left, right) => Number(left.parentId !== undefined) - Number(right.parentId !== undefined));
}

/** From here on the edges that are not meant only hide those that are, and cost time. */
const MANY_EDGES = 400;

export function drawnEdges({ graph, layout, lit, chosen }: DrawIn): DrawnEdge[] {
  const isLarge = graph.edges.length > MANY_EDGES;
  return graph.edges
    .filter(({ source, target }) => layout[source] && layout[target])
    .flatMap((edge): DrawnEdge[] => {
      const isLit = chosen.edge
        ? edge.id === chosen.edge
        : chosen.node
          ? edge.source === chosen.node || edge.target === chosen.node
          : edge.within_cycle && lit?.has(edge.source) && lit.has(edge.target);
      if (isLarge && lit !== null && !isLit) return [];
      const light = lit === null ? (isLarge ? "faint" : "plain") : isLit ? "lit" : "dim";
      const data = { edge, width: thickness(edge.connections), light } as const;
      return [{ id: edge.id, type: "need", source: edge.source, target: edge.target, data }];
    });
}
