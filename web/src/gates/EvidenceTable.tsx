/** The table of a gate, a page at a time; cells that may be edited are edited in place. */
import { Group, Skeleton, Text } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { useMemo } from "react";
import { $api } from "@/api/client";
import { DataTable } from "@/ui/DataTable";
import { count, counted } from "@/ui/numbers";
import { Section } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { SearchBox } from "@/ui/SearchBox";
import { one, usePageSearch } from "@/ui/search";
import type { GateTable, TableColumn, TableRow } from "./cells";
import { EditCell } from "./EditCell";
import classes from "./EvidenceTable.module.css";
import { textOf } from "./edits";
import { nameOf, shownColumns, widthOf } from "./table";
import type { EvidenceProps } from "./views";

const PAGE_ROWS = 200;

export function EvidenceTable(props: EvidenceProps) {
  const [search] = usePageSearch();
  const wanted = one(search, "search");
  const found = $api.useInfiniteQuery(
    "get",
    "/api/v1/gates/{gate_id}/table",
    { params: { path: { gate_id: props.gate.id }, query: { limit: PAGE_ROWS, search: wanted } } },
    {
      initialPageParam: null as string | null,
      pageParamName: "cursor",
      getNextPageParam: (page: GateTable) => page.cursor,
      placeholderData: keepPreviousData,
    },
  );
  const first = found.data?.pages[0];
  const rows = useMemo(() => found.data?.pages.flatMap((page) => page.items) ?? [], [found.data]);
  if (found.error) return <ProblemNote error={found.error} onRetry={() => void found.refetch()} />;
  if (!first) return <Skeleton height={420} role="status" aria-label="Loading" />;
  return (
    <Section title={first.title} flush aside={<Total table={first} isSearch={Boolean(wanted)} />}>
      <Tools />
      <DataTable
        label={first.title}
        columns={columnsOf(first, rows, props)}
        rows={rows}
        rowKey={(row) => textOf(row[first.key])}
        total={first.total}
        height="max(24rem, calc(100dvh - 21rem))"
        more={{
          hasMore: found.hasNextPage,
          isLoading: found.isFetchingNextPage,
          load: () => void found.fetchNextPage(),
        }}
      />
      {rows.length === 0 && (
        <Text p="lg" c="dimmed" ta="center">
          No row shows “{wanted}”. Search for something else.
        </Text>
      )}
    </Section>
  );
}

function Total({ table, isSearch }: { table: GateTable; isSearch: boolean }) {
  return (
    <Text size="sm" c="dimmed" role="status">
      {counted(table.total, "row")}
      {isSearch && " found"}
    </Text>
  );
}

function Tools() {
  const [search, change] = usePageSearch();
  return (
    <Group className={classes.tools}>
      <SearchBox
        className={classes.search}
        label="Search the rows"
        value={one(search, "search") ?? ""}
        onChange={(to) => change({ search: to })}
      />
    </Group>
  );
}

function columnsOf(table: GateTable, rows: readonly TableRow[], evidence: EvidenceProps) {
  return shownColumns(table, rows).map((column) => ({
    key: column.key,
    header: column.header,
    width: widthOf(column, evidence.mayEdit),
    numeric: column.kind === "number" && !column.editable,
    cell: (row: TableRow) =>
      column.editable && evidence.mayEdit ? (
        <Editable table={table} column={column} row={row} evidence={evidence} />
      ) : (
        <Shown value={row[column.key]} />
      ),
  }));
}

function Shown({ value }: { value: TableRow[string] | undefined }) {
  const text = typeof value === "number" ? count(value) : textOf(value);
  return <span title={text.length > 24 ? text : undefined}>{text}</span>;
}

interface EditableProps {
  table: GateTable;
  column: TableColumn;
  row: TableRow;
  evidence: EvidenceProps;
}

function Editable({ table, column, row, evidence: { draft, problems } }: EditableProps) {
  const key = textOf(row[table.key]);
  const name = nameOf(table, row);
  const value = row[column.key] ?? null;
  return (
    <EditCell
      label={`${column.header} of ${name}`}
      column={column}
      value={value}
      edit={draft.edits[key]?.[column.key]}
      problems={problems.at(key, column.key)}
      onSet={(after) => draft.set(key, column.key, { before: value, after, of: name })}
      onUndo={() => draft.putBack(key, column.key)}
    />
  );
}
