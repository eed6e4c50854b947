/** Who needs whom: a graph of applications that open into their servers, or the same as a table. */
import { Box, Group, SegmentedControl, Skeleton } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { $api } from "@/api/client";
import type { GraphOut } from "@/api/schema";
import { Choice } from "@/ui/Choice";
import { counted } from "@/ui/numbers";
import { Page } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { one, type PageSearch, usePageSearch } from "@/ui/search";
import { AsidePanel } from "./AsidePanel";
import classes from "./DependenciesPage.module.css";
import { DependencyTable } from "./DependencyTable";
import { type Chosen, GraphView } from "./GraphView";
import { expandedOf, expandToggled, kindOf, ofKind, withShells } from "./graph";
import { NothingKnown } from "./NothingKnown";

const MOST_SUGGESTED = 30;
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
  const names = useMemo(() => choicesOf(graph), [graph]);
  return (
    <>
      <Group gap="sm">
        <Choice
          data-search
          aria-label="Find an application or server"
          placeholder="Find an application or server"
          className={classes.find}
          data={names}
          value={names.some(({ value }) => value === node) ? (node ?? null) : null}
          onChange={(id) => choose({ node: id ?? undefined })}
          searchable
          clearable
          limit={MOST_SUGGESTED}
          nothingFoundMessage="No application or server has this name"
          leftSection={<IconSearch size={16} aria-hidden />}
          clearButtonProps={{ "aria-label": "Choose nothing", tabIndex: 0 }}
        />
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
            <DependencyTable graph={graph} chosen={edge} onOpen={(id) => choose({ edge: id })} />
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

function choicesOf(graph: GraphOut) {
  return graph.nodes
    .map(({ id, name }) => ({ value: id, label: name }))
    .sort((left, right) => left.label.localeCompare(right.label));
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
