/** The sheets of a file, each with its columns: how many cells are filled, and with what. */
import { Group, Text } from "@mantine/core";
import { IconTable } from "@tabler/icons-react";
import type { ColumnOut, ImportOut, SheetOut } from "@/api/schema";
import { Choice } from "@/ui/Choice";
import { type DataColumn, DataTable } from "@/ui/DataTable";
import { Empty } from "@/ui/Empty";
import { count, counted, share } from "@/ui/numbers";
import { Section } from "@/ui/Page";
import { one, usePageSearch } from "@/ui/search";
import classes from "./Imports.module.css";

export function Sheets({ file }: { file: ImportOut }) {
  const [search, change] = usePageSearch();
  const sheets = file.profile?.sheets ?? [];
  const sheet = sheets.find(({ name }) => name === one(search, "sheet")) ?? sheets[0];
  if (!sheet)
    return (
      <Section>
        <Empty icon={IconTable} title="This file was not read yet">
          A discovery reads it: choose it on the page of imports and start one. What was found in it then shows here.
        </Empty>
      </Section>
    );
  return (
    <Section flush>
      <Group className={classes.bar} gap="md">
        {sheets.length > 1 && (
          <Choice
            aria-label="Sheet"
            data={sheets.map(({ name, rows }) => ({ value: name, label: `${name} · ${counted(rows, "row")}` }))}
            value={sheet.name}
            onChange={(name) => change({ sheet: name ?? undefined })}
            allowDeselect={false}
          />
        )}
        <Text size="sm" c="dimmed">
          {counted(sheet.rows, "row")}, {counted(sheet.columns.length, "column")}
          {sheet.header_row > 0 && `, headers in row ${sheet.header_row}`}
        </Text>
      </Group>
      <DataTable
        label={`Columns of ${sheet.name}`}
        columns={columnsOf(sheet)}
        rows={sheet.columns}
        rowKey={(column) => column.header}
        height="max(20rem, calc(100dvh - 25rem))"
      />
    </Section>
  );
}

function columnsOf(sheet: SheetOut): DataColumn<ColumnOut>[] {
  return [
    { key: "header", header: "Column", width: 18, cell: (column) => column.header },
    { key: "filled", header: "Filled", width: 7, numeric: true, cell: (column) => count(column.filled) },
    {
      key: "share",
      header: "Of rows",
      width: 6,
      numeric: true,
      cell: (column) => (sheet.rows > 0 ? share(column.filled / sheet.rows) : ""),
    },
    {
      key: "samples",
      header: "Values found",
      cell: (column) => (
        <span className="mf-mono" title={column.samples.join(" | ")}>
          {column.samples.join(" | ")}
        </span>
      ),
    },
  ];
}
