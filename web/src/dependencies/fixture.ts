/** Graphs for tests: as large as asked, always the same. */
import type { EdgeOut, GraphOut, NodeOut } from "@/api/schema";

export function node(id: string, more: Partial<NodeOut> = {}): NodeOut {
  return {
    id,
    kind: "application",
    name: `Application ${id}`,
    servers: 3,
    environment: "production",
    criticality: null,
    cycle: null,
    parent: null,
    expandable: true,
    ...more,
  };
}

export function edge(source: string, target: string, more: Partial<EdgeOut> = {}): EdgeOut {
  return {
    id: `${source}.${target}`,
    source,
    target,
    kinds: { hard: 1, soft: 0 },
    count: 1,
    connections: 100,
    bytes_total: 1_000,
    confidence: 0.9,
    ports: [443],
    within_cycle: false,
    ...more,
  };
}

export function graphOf(nodes: NodeOut[], edges: EdgeOut[]): GraphOut {
  return { nodes, edges, cycles: [], hidden: { nodes: 0, edges: 0 } };
}

/** `size` applications; each needs up to two others, and some need a shared one. */
export function large(size: number): GraphOut {
  const nodes = Array.from({ length: size }, (_, index) => node(`n${index}`));
  const edges = new Map<string, EdgeOut>();
  for (let index = 1; index < size; index++) {
    for (const target of [Math.floor(index / 3), (index * 7919) % Math.min(size, 40)]) {
      const made = edge(`n${index}`, `n${target}`, { connections: index * 37 });
      if (target !== index && !edges.has(`n${target}.n${index}`)) edges.set(made.id, made);
    }
  }
  return graphOf(nodes, [...edges.values()]);
}
