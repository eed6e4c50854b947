/** The graph as soon as its layout is there. */
import { Skeleton } from "@mantine/core";
import { useCallback, useMemo } from "react";
import type { GraphOut } from "@/api/schema";
import { GraphCanvas } from "./GraphCanvas";
import { litBy } from "./graph";
import type { LayoutIn } from "./layout";
import { useLayout } from "./useLayout";

export interface Chosen {
  node?: string;
  edge?: string;
  cycle?: string;
}

export interface GraphViewProps {
  graph: GraphOut;
  chosen: Chosen;
  onChoose(chosen: Chosen): void;
  onExpand(id: string): void;
}

export function GraphView({ graph, chosen, onChoose, onExpand }: GraphViewProps) {
  const { node, edge, cycle } = chosen;
  const asked: LayoutIn = useMemo(
    () => ({
      nodes: graph.nodes.map(({ id, parent }) => ({ id, parent })),
      edges: graph.edges.map(({ source, target }) => ({ source, target })),
    }),
    [graph],
  );
  const layout = useLayout(asked);
  const lit = useMemo(() => {
    const circle = graph.cycles.find(({ number }) => String(number) === cycle);
    return litBy(graph, { node, edge, cycle: circle });
  }, [graph, node, edge, cycle]);
  const chooseNode = useCallback((id: string) => onChoose({ node: id }), [onChoose]);
  if (!layout) return <Skeleton height={480} role="status" aria-label="Laying the graph out" />;
  return (
    <GraphCanvas
      graph={graph}
      layout={layout}
      lit={lit}
      chosen={{ node, edge }}
      onChoose={chooseNode}
      onExpand={onExpand}
      onEdge={(id) => onChoose({ edge: id })}
      onNothing={() => onChoose({})}
    />
  );
}
