/** The edges of the graph as a table. */
import { IconRefreshAlert } from "@tabler/icons-react";
import { useMemo } from "react";
import type { EdgeOut, GraphOut } from "@/api/schema";
import { NotKnown } from "@/assets/parts";
import { type DataColumn, DataTable } from "@/ui/DataTable";
import { bytes, count, share } from "@/ui/numbers";
import { Tone } from "@/ui/Tone";
import classes from "./DependencyTable.module.css";
import { kindsText, portsText } from "./graph";

export interface DependencyTableProps {
  graph: GraphOut;
  chosen: string | undefined;
  onOpen(id: string): void;
}

export function DependencyTable({ graph, onOpen }: DependencyTableProps) {
  const names = useMemo(() => new Map(graph.nodes.map(({ id, name }) => [id, name])), [graph]);
  const rows = useMemo(() => byNames(graph.edges, names), [graph, names]);
  const columns = useMemo(() => columnsOf(names), [names]);
  return (
    <div className={classes.table}>
      <DataTable
        label="Dependencies"
        columns={columns}
        rows={rows}
        rowKey={({ id }) => id}
        onOpen={({ id }) => onOpen(id)}
        height="max(26rem, calc(100dvh - 13.5rem))"
      />
    </div>
  );
}

function byNames(edges: readonly EdgeOut[], names: ReadonlyMap<string, string>): EdgeOut[] {
  const key = ({ source, target }: EdgeOut) => `${names.get(source)} ${names.get(target)}`;
  return [...edges].sort((left, right) => key(left).localeCompare(key(right)));
}

function columnsOf(names: ReadonlyMap<string, string>): DataColumn<EdgeOut>[] {
  return [
    { key: "source", header: "Who needs", width: 12, cell: ({ source }) => names.get(source) },
    { key: "target", header: "What is needed", width: 12, cell: ({ target }) => names.get(target) },
    { key: "kinds", header: "Kind", width: 7, cell: ({ kinds }) => kindsText(kinds) },
    {
      key: "cycle",
      header: "Circle",
      width: 7.5,
      cell: ({ within_cycle }) =>
        within_cycle && (
          <Tone tone="bad" icon={IconRefreshAlert}>
            In a circle
          </Tone>
        ),
    },
    { key: "ports", header: "Ports", width: 9, cell: ({ ports }) => portsText(ports) },
    {
      key: "connections",
      header: "Connections",
      width: 7.5,
      numeric: true,
      cell: ({ connections }) => (connections === null ? <NotKnown /> : count(connections)),
    },
    {
      key: "bytes",
      header: "Data",
      width: 6.5,
      numeric: true,
      cell: ({ bytes_total }) => (bytes_total === null ? <NotKnown /> : bytes(bytes_total)),
    },
    { key: "confidence", header: "Confidence", width: 7, numeric: true, cell: ({ confidence }) => share(confidence) },
  ];
}
