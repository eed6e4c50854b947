/** Who needs whom: a graph of applications that open into their servers, or the same as a table. */
import { Box, Group, SegmentedControl, Skeleton } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { $api } from "@/api/client";
import type { GraphOut } from "@/api/schema";
import { counted } from "@/ui/numbers";
import { Page } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { one, type PageSearch, usePageSearch } from "@/ui/search";
import { AsidePanel } from "./AsidePanel";
import classes from "./DependenciesPage.module.css";
import { FindNode } from "./FindNode";
import { type Chosen, GraphView } from "./GraphView";
import { expandedOf, expandToggled, kindOf, ofKind, withShells } from "./graph";
import { NothingKnown } from "./NothingKnown";

const DependencyTable = lazy(() => import("./DependencyTable").then((module) => ({ default: module.DependencyTable })));
const KINDS = [
  { value: "all", label: "All" },
  { value: "hard", label: "Hard" },
  { value: "soft", label: "Soft" },
  { value: "circles", label: "Circles" },
];
const VIEWS = [
  { value: "graph", label: "Graph" },
  { value: "table", label: "Table" },
];

export function DependenciesPage() {
  const [search, change] = usePageSearch();
  const expand = expandedOf(search);
  const whole = $api.useQuery("get", "/api/v1/dependencies/graph", { params: { query: {} } });
  const opened = $api.useQuery(
    "get",
    "/api/v1/dependencies/graph",
    { params: { query: { expand } } },
    { enabled: expand.length > 0, placeholderData: keepPreviousData },
  );
  const answer = expand.length > 0 ? (opened.data ?? whole.data) : whole.data;
  const kind = kindOf(search);
  const graph = useMemo(
    () => answer && ofKind(withShells(answer, whole.data?.nodes ?? []), kind),
    [answer, whole.data, kind],
  );
  const error = whole.error ?? opened.error;

  if (whole.data && whole.data.edges.length === 0) return <NothingKnown />;
  return (
    <Page title="Dependencies" about={<span aria-live="polite">{graph ? told(graph) : "Who needs whom"}</span>}>
      {error && <ProblemNote error={error} onRetry={() => void whole.refetch()} />}
      {!graph && !error && <Skeleton height={480} role="status" aria-label="Loading the dependencies" />}
      {graph && <Shown graph={graph} search={search} change={change} />}
    </Page>
  );
}

interface ShownProps {
  graph: GraphOut;
  search: PageSearch;
  change(change: PageSearch): void;
}

function Shown({ graph, search, change }: ShownProps) {
  const [node, edge, cycle] = [one(search, "node"), one(search, "edge"), one(search, "cycle")];
  const view = one(search, "view") === "table" ? "table" : "graph";
  const [hasChosen, setChosen] = useState(false);
  const choose = useCallback(
    (chosen: Chosen) => {
      setChosen(true);
      change({ node: undefined, edge: undefined, cycle: undefined, ...chosen });
    },
    [change],
  );
  const toggle = useCallback(
    (id: string) => change({ ...expandToggled(search, id), node: id, edge: undefined, cycle: undefined }),
    [change, search],
  );
  return (
    <>
      <Group gap="sm">
        <FindNode graph={graph} node={node} onFind={(id) => choose({ node: id })} />
        <SegmentedControl
          aria-label="Which dependencies"
          data={KINDS}
          value={kindOf(search)}
          onChange={(kind) => change({ kind: kind === "all" ? undefined : kind })}
        />
        <SegmentedControl
          aria-label="Graph or table"
          data={VIEWS}
          value={view}
          onChange={(next) => change({ view: next === "graph" ? undefined : next })}
        />
      </Group>
      <div className={classes.layout}>
        <Box miw={0}>
          {view === "table" ? (
            <Suspense fallback={<Skeleton height={480} role="status" aria-label="Loading the table" />}>
              <DependencyTable graph={graph} chosen={edge} onOpen={(id) => choose({ edge: id })} />
            </Suspense>
          ) : (
            <GraphView graph={graph} chosen={{ node, edge, cycle }} onChoose={choose} onExpand={toggle} />
          )}
        </Box>
        <AsidePanel
          graph={graph}
          chosen={{ node, edge, cycle }}
          onChoose={choose}
          onExpand={toggle}
          takesFocus={hasChosen}
        />
      </div>
    </>
  );
}

function told({ nodes, edges, cycles, hidden }: GraphOut): string {
  const words = [
    counted(nodes.filter(({ kind }) => kind === "application").length, "application"),
    counted(edges.length, "dependency", "dependencies"),
    counted(cycles.length, "circle"),
  ];
  if (hidden.nodes > 0) words.push(`${counted(hidden.nodes, "server")} not drawn`);
  return words.join(" · ");
}
