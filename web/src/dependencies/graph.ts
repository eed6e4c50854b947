/** The graph of the API as what is drawn and listed of it. */
import type { CycleOut, EdgeOut, GraphOut, NodeOut } from "@/api/schema";
import { all, one, type PageSearch } from "@/ui/search";

export type KindFilter = "all" | "hard" | "soft" | "circles";

export function kindOf(search: PageSearch): KindFilter {
  const kind = one(search, "kind");
  return kind === "hard" || kind === "soft" || kind === "circles" ? kind : "all";
}

/** With a shell around machines whose application or group the API leaves out, as no edge ends at it. */
export function withShells(graph: GraphOut, whole: readonly NodeOut[]): GraphOut {
  const known = new Map(whole.map((node) => [node.id, node]));
  const ids = new Set(graph.nodes.map(({ id }) => id));
  const lacking = new Set(graph.nodes.flatMap(({ parent }) => (parent && !ids.has(parent) ? [parent] : [])));
  const shells = [...lacking].flatMap((id) => known.get(id) ?? []);
  return shells.length === 0 ? graph : { ...graph, nodes: [...shells, ...graph.nodes] };
}

/** The edges of a kind, and the nodes; circles leave only the nodes inside one. */
export function ofKind(graph: GraphOut, kind: KindFilter): GraphOut {
  if (kind === "all") return graph;
  if (kind !== "circles") return { ...graph, edges: graph.edges.filter(({ kinds }) => kinds[kind] > 0) };
  const inCircle = new Set(graph.nodes.filter(({ cycle }) => cycle !== null).map(({ id }) => id));
  return {
    ...graph,
    nodes: graph.nodes.filter(({ id, parent }) => inCircle.has(id) || (parent !== null && inCircle.has(parent))),
    edges: graph.edges.filter(({ within_cycle }) => within_cycle),
  };
}

export interface Neighbour {
  node: NodeOut;
  edge: EdgeOut;
}

/** What a node needs, and what needs it, by name. */
export function neighboursOf(graph: GraphOut, id: string): { needs: Neighbour[]; neededBy: Neighbour[] } {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const ends = (from: "source" | "target", to: "source" | "target") =>
    graph.edges
      .filter((edge) => edge[from] === id)
      .flatMap((edge) => {
        const node = nodes.get(edge[to]);
        return node ? [{ node, edge }] : [];
      })
      .sort((left, right) => left.node.name.localeCompare(right.node.name));
  return { needs: ends("source", "target"), neededBy: ends("target", "source") };
}

/** The ids that stand out when something is chosen; null when nothing is. */
export function litBy(graph: GraphOut, chosen: { node?: string; edge?: string; cycle?: CycleOut }): Set<string> | null {
  if (chosen.cycle) return new Set(chosen.cycle.applications.map(({ id }) => id));
  if (chosen.edge) {
    const edge = graph.edges.find(({ id }) => id === chosen.edge);
    return edge ? new Set([edge.source, edge.target]) : null;
  }
  if (!chosen.node) return null;
  const lit = new Set([chosen.node]);
  for (const { source, target } of graph.edges) {
    if (source === chosen.node) lit.add(target);
    if (target === chosen.node) lit.add(source);
  }
  for (const { id, parent } of graph.nodes) if (parent === chosen.node) lit.add(id);
  return lit;
}

const THINNEST = 1.25;
const THICKEST = 6;

/** How thick an edge is drawn, in pixels: by the power of ten of its connections. */
export function thickness(connections: number | null): number {
  if (!connections) return THINNEST;
  return Math.min(THICKEST, THINNEST + Math.log10(connections + 1) * 0.75);
}

export function expandedOf(search: PageSearch): string[] {
  return all(search, "expand");
}

/** The change of the address that opens a node, or closes it. */
export function expandToggled(search: PageSearch, id: string): PageSearch {
  const now = expandedOf(search);
  const next = now.includes(id) ? now.filter((known) => known !== id) : [...now, id];
  return { expand: next.length > 0 ? next : undefined };
}

/** "3 hard, 1 soft". */
export function kindsText({ hard, soft }: EdgeOut["kinds"]): string {
  return [hard > 0 && `${hard} hard`, soft > 0 && `${soft} soft`].filter(Boolean).join(", ");
}

/** "443, 8443 and more"; the API names the lowest ten. */
export function portsText(ports: readonly number[]): string {
  return ports.length === 0 ? "Not known" : ports.join(", ") + (ports.length >= 10 ? " and more" : "");
}

/** The node of exactly this name, whatever its case. */
export function named({ nodes }: GraphOut, name: string): string | undefined {
  const wanted = name.trim().toLowerCase();
  return nodes.find((node) => node.name.toLowerCase() === wanted)?.id;
}

/** The node of this name, or else the first by name that has the text in it. */
export function foundBy(graph: GraphOut, text: string): string | undefined {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return undefined;
  const holding = graph.nodes.filter(({ name }) => name.toLowerCase().includes(wanted));
  return named(graph, text) ?? holding.sort((one, other) => one.name.localeCompare(other.name))[0]?.id;
}
