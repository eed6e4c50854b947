/** A chart with its numbers beside it; where it is narrow they are folded under it. Both can be taken along as a file. */
import { Button, Group } from "@mantine/core";
import { IconDownload, IconTable } from "@tabler/icons-react";
import { type ReactNode, useId, useState } from "react";
import { type Cell, saveCsv } from "../csv";
import classes from "./charts.module.css";

export interface ChartColumn<Row> {
  key: string;
  header: string;
  /** With its unit, as the file has it, where that differs. */
  fileHeader?: string;
  /** As it goes to the file. */
  value(row: Row): Cell;
  /** As it is read, where that differs. */
  cell?(row: Row): ReactNode;
  numeric?: boolean;
}

export interface ChartWithTableProps<Row> {
  chart: ReactNode;
  /** What the table is called, and the file of it. */
  name: string;
  columns: readonly ChartColumn<Row>[];
  rows: readonly Row[];
  rowKey(row: Row): string;
}

const MOST_BESIDE = 5; // columns; a wider table stands under its chart

export function ChartWithTable<Row>({ chart, ...table }: ChartWithTableProps<Row>) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  return (
    <div className={classes.both}>
      <div className={classes.columns} data-below={table.columns.length > MOST_BESIDE || undefined}>
        <div>{chart}</div>
        <div className={classes.tablePart}>
          <Group justify="space-between" mb="xs" gap="xs">
            <Button
              variant="default"
              size="compact-sm"
              className={classes.fold}
              leftSection={<IconTable size={14} aria-hidden />}
              aria-expanded={isOpen}
              aria-controls={id}
              onClick={() => setOpen(!isOpen)}
            >
              {isOpen ? "Hide the table" : "Show the table"}
            </Button>
            <Button
              variant="subtle"
              size="compact-sm"
              ml="auto"
              leftSection={<IconDownload size={14} aria-hidden />}
              aria-label={`Download ${table.name} as CSV`}
              onClick={() => saveCsv(fileName(table.name), ...csvParts(table.columns, table.rows))}
            >
              CSV
            </Button>
          </Group>
          <Numbers id={id} isOpen={isOpen} {...table} />
        </div>
      </div>
    </div>
  );
}

export function csvParts<Row>(columns: readonly ChartColumn<Row>[], rows: readonly Row[]): [string[], Cell[][]] {
  return [
    columns.map((column) => column.fileHeader ?? column.header),
    rows.map((row) => columns.map((column) => column.value(row))),
  ];
}

export function fileName(name: string): string {
  return `${name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")}.csv`;
}

type NumbersProps<Row> = Omit<ChartWithTableProps<Row>, "chart"> & { id: string; isOpen: boolean };

function Numbers<Row>({ id, isOpen, name, columns, rows, rowKey }: NumbersProps<Row>) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section id={id} className={classes.tableBody} data-open={isOpen || undefined} aria-label={name} tabIndex={0}>
      <table className={classes.table}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" data-numeric={column.numeric || undefined}>
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column, index) => {
                const shown = column.cell ? column.cell(row) : column.value(row);
                return index === 0 ? (
                  <th key={column.key} scope="row">
                    {shown}
                  </th>
                ) : (
                  <td key={column.key} data-numeric={column.numeric || undefined}>
                    {shown}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
