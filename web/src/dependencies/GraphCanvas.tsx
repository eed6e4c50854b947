/** The graph, to pan and zoom; it draws what is in view. */
import { Background, Controls, MiniMap, ReactFlow, ReactFlowProvider, useReactFlow, useStore } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { useEffect, useMemo } from "react";
import type { GraphOut } from "@/api/schema";
import { type DrawIn, drawnEdges, drawnNodes } from "./drawing";
import classes from "./GraphCanvas.module.css";
import { Need } from "./Need";
import { PlaceNode } from "./PlaceNode";
import { boundsOf, type Layout, middleOf } from "./places";

const NODE_TYPES = { place: PlaceNode };
const EDGE_TYPES = { need: Need };
const FIT = { padding: 0.04 };
const CLOSE = 1;
/** Smaller than this no name can be read: a larger graph opens at what most depends on, with the map beside it. */
const READABLE = 0.28;
const MOVE_MS = 350;

export interface GraphCanvasProps extends DrawIn {
  onEdge(id: string): void;
  onNothing(): void;
}

export function GraphCanvas(props: GraphCanvasProps) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  );
}

function Canvas({ graph, layout, lit, chosen, onChoose, onExpand, onEdge, onNothing }: GraphCanvasProps) {
  const { node, edge } = chosen;
  const nodes = useMemo(
    () => drawnNodes({ graph, layout, lit, chosen: { node, edge }, onChoose, onExpand }),
    [graph, layout, lit, node, edge, onChoose, onExpand],
  );
  const edges = useMemo(
    () => drawnEdges({ graph, layout, lit, chosen: { node, edge }, onChoose, onExpand }),
    [graph, layout, lit, node, edge, onChoose, onExpand],
  );
  return (
    <div className={classes.canvas}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        onlyRenderVisibleElements
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        minZoom={0.04}
        maxZoom={2}
        onEdgeClick={(_, { id }) => onEdge(id)}
        onPaneClick={onNothing}
        aria-label="Graph of dependencies. The table has the same."
      >
        <Background gap={24} color="var(--mf-line)" />
        <Controls showInteractive={false} />
        <MiniMap pannable zoomable ariaLabel="Overview of the graph" className={classes.map} />
        <Eye graph={graph} layout={layout} node={node} />
      </ReactFlow>
    </div>
  );
}

/** What the reader looks at: the whole when it opens, then whatever is chosen. */
function Eye({ graph, layout, node }: { graph: GraphOut; layout: Layout; node: string | undefined }) {
  const { fitBounds, setCenter } = useReactFlow();
  const hasSize = useStore((state) => state.width > 0);
  const parent = graph.nodes.find(({ id }) => id === node)?.parent;
  const [own, around] = [node ? layout[node] : undefined, parent ? layout[parent] : undefined];
  const x = own && own.x + (around?.x ?? 0) + own.width / 2;
  const y = own && own.y + (around?.y ?? 0) + own.height / 2;
  const isFree = x === undefined;
  const [wide, high] = [useStore((state) => state.width), useStore((state) => state.height)];
  const hub = useMemo(() => middleOf(layout, graph), [layout, graph]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is looked at stays when the window changes its size
  useEffect(() => {
    if (!hasSize || !isFree) return;
    const bounds = boundsOf(layout);
    const isReadable = Math.min(wide / bounds.width, high / bounds.height) >= READABLE;
    if (isReadable || !hub) void fitBounds(bounds, FIT);
    else void setCenter(hub.x, hub.y, { zoom: READABLE });
  }, [hasSize, isFree, layout, fitBounds, setCenter]);
  useEffect(() => {
    if (hasSize && x !== undefined && y !== undefined) void setCenter(x, y, { zoom: CLOSE, duration: MOVE_MS });
  }, [hasSize, x, y, setCenter]);
  return null;
}
