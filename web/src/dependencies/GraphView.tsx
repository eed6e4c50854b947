/** The graph with everything in its place, and what is lit by the reader's choice. */
import { useCallback, useMemo } from "react";
import type { GraphOut } from "@/api/schema";
import { GraphCanvas } from "./GraphCanvas";
import { litBy } from "./graph";
import { layout } from "./layout";

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
  const places = useMemo(() => layout(graph), [graph]);
  const lit = useMemo(() => {
    const circle = graph.cycles.find(({ number }) => String(number) === cycle);
    return litBy(graph, { node, edge, cycle: circle });
  }, [graph, node, edge, cycle]);
  const chooseNode = useCallback((id: string) => onChoose({ node: id }), [onChoose]);
  return (
    <GraphCanvas
      graph={graph}
      layout={places}
      lit={lit}
      chosen={{ node, edge }}
      onChoose={chooseNode}
      onExpand={onExpand}
      onEdge={(id) => onChoose({ edge: id })}
      onNothing={() => onChoose({})}
    />
  );
}
