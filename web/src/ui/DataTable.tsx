/** A table that stays quick with tens of thousands of rows: it draws what is seen, and asks for more when it is near. */
import { Checkbox, UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowsSort, IconArrowUp } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import classes from "./DataTable.module.css";
import { useRowHeight } from "./density";

export interface DataColumn<Row> {
  key: string;
  header: ReactNode;
  cell(row: Row): ReactNode;
  /** In rem; columns without one share what is left. */
  width?: number;
  numeric?: boolean;
  /** The server's name of this order, if it can sort by it. */
  sort?: string;
}

export interface Selection {
  selected: ReadonlySet<string>;
  toggle(key: string): void;
  /** Choose or drop all the rows that are loaded. */
  toggleAll(): void;
}

export interface More {
  hasMore: boolean;
  isLoading: boolean;
  load(): void;
}

export interface DataTableProps<Row> {
  label: string;
  columns: DataColumn<Row>[];
  rows: readonly Row[];
  rowKey(row: Row): string;
  /** What a row is called, for who cannot see it. */
  rowLabel?(row: Row): string;
  onOpen?(row: Row): void;
  /** The order in use, `-` before it for descending. */
  sort?: string;
  onSort?(sort: string): void;
  selection?: Selection;
  more?: More;
  /** How many rows there are at the server, if known. */
  total?: number;
  /** Height of the table, in rem; without one it is as high as its rows. */
  height?: string;
}

const OVERSCAN = 12;
const CHECK_REM = 2.75;

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rows, rowKey, selection, more, total, height, onOpen } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const rowHeight = useRowHeight();
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    getItemKey: (index) => {
      const row = rows[index];
      return row === undefined ? index : rowKey(row);
    },
  });
  const shown = height ? virtual.getVirtualItems() : rows.map((_, index) => ({ index, start: 0, end: 0 }));
  const first = shown[0];
  const last = shown[shown.length - 1];
  const above = height ? (first?.start ?? 0) : 0;
  const below = height ? Math.max(0, virtual.getTotalSize() - (last?.end ?? 0)) : 0;

  // biome-ignore lint/correctness/useExhaustiveDependencies: heights are measured anew when the density changes
  useEffect(() => virtual.measure(), [rowHeight]);

  const lastSeen = last?.index ?? -1;
  useEffect(() => {
    if (more?.hasMore && !more.isLoading && lastSeen >= rows.length - OVERSCAN) more.load();
  }, [more, lastSeen, rows.length]);

  const width = columns.reduce((sum, column) => sum + (column.width ?? 12), selection ? CHECK_REM : 0);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section ref={scroller} className={classes.scroller} style={{ maxHeight: height }} aria-label={label} tabIndex={0}>
      <table
        className={classes.table}
        style={{ minWidth: `${width}rem` }}
        aria-rowcount={(total ?? rows.length) + 1}
        data-clickable={onOpen ? true : undefined}
      >
        <colgroup>
          {selection && <col style={{ width: `${CHECK_REM}rem` }} />}
          {columns.map((column) => (
            <col key={column.key} style={column.width ? { width: `${column.width}rem` } : undefined} />
          ))}
        </colgroup>
        <Head {...props} />
        <tbody onKeyDown={moveBetweenRows}>
          {above > 0 && <tr aria-hidden style={{ height: above }} />}
          {shown.map(({ index }) => {
            const row = rows[index];
            return row === undefined ? null : <Line key={rowKey(row)} row={row} index={index} table={props} />;
          })}
          {below > 0 && <tr aria-hidden style={{ height: below }} />}
        </tbody>
      </table>
    </section>
  );
}

function Head<Row>({ columns, rows, rowKey, selection, sort, onSort }: DataTableProps<Row>) {
  const chosen = selection ? rows.filter((row) => selection.selected.has(rowKey(row))).length : 0;
  return (
    <thead>
      <tr aria-rowindex={1}>
        {selection && (
          <th scope="col">
            <Checkbox
              aria-label="Choose all that is listed"
              checked={rows.length > 0 && chosen === rows.length}
              indeterminate={chosen > 0 && chosen < rows.length}
              onChange={selection.toggleAll}
              size="xs"
            />
          </th>
        )}
        {columns.map((column) => (
          <th key={column.key} scope="col" data-numeric={column.numeric || undefined} aria-sort={order(column, sort)}>
            {column.sort && onSort ? <Sorter column={column} sort={sort} onSort={onSort} /> : column.header}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function order<Row>(column: DataColumn<Row>, sort: string | undefined) {
  if (!column.sort || !sort) return undefined;
  if (sort === column.sort) return "ascending";
  return sort === `-${column.sort}` ? "descending" : undefined;
}

function Sorter<Row>({ column, sort, onSort }: { column: DataColumn<Row>; sort?: string; onSort(sort: string): void }) {
  const now = order(column, sort);
  const Icon = now === "ascending" ? IconArrowUp : now === "descending" ? IconArrowDown : IconArrowsSort;
  return (
    <UnstyledButton
      className={classes.sorter}
      data-active={now ? true : undefined}
      onClick={() => onSort(now === "ascending" ? `-${column.sort}` : `${column.sort}`)}
    >
      {column.header}
      <Icon size={13} aria-hidden />
    </UnstyledButton>
  );
}

function Line<Row>({ row, index, table }: { row: Row; index: number; table: DataTableProps<Row> }) {
  const { columns, rowKey, rowLabel, selection, onOpen } = table;
  const key = rowKey(row);
  const isChosen = selection?.selected.has(key);
  return (
    <tr
      aria-rowindex={index + 2}
      aria-selected={selection ? Boolean(isChosen) : undefined}
      tabIndex={onOpen ? 0 : undefined}
      data-row
      onClick={onOpen && ((event) => !isControl(event.target) && onOpen(row))}
      onKeyDown={onOpen && ((event) => event.key === "Enter" && event.target === event.currentTarget && onOpen(row))}
    >
      {selection && (
        <td>
          <Checkbox
            aria-label={`Choose ${rowLabel?.(row) ?? `row ${index + 1}`}`}
            checked={Boolean(isChosen)}
            onChange={() => selection.toggle(key)}
            size="xs"
          />
        </td>
      )}
      {columns.map((column) => (
        <td key={column.key} data-numeric={column.numeric || undefined}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

function isControl(target: EventTarget): boolean {
  return target instanceof Element && target.closest("a, button, input, label, select") !== null;
}

function moveBetweenRows(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const row = event.target instanceof Element ? event.target.closest("tr[data-row]") : null;
  const next = event.key === "ArrowDown" ? row?.nextElementSibling : row?.previousElementSibling;
  if (next instanceof HTMLElement && next.tabIndex >= 0) {
    event.preventDefault();
    next.focus();
  }
}
