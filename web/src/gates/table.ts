/** How a gate's table is laid out: what is left out, how wide columns are, what rows are called. */

import type { GateTable, TableColumn, TableRow } from "./cells";
import { textOf } from "./edits";

const REM_A_CHARACTER = 0.52;
const NARROWEST_REM = 5;
const WIDEST_REM = 26;
const EDITING_REM = 13; // the input, what was there, and the way back
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The columns that tell a person something: ids that only a machine reads are left out. */
export function shownColumns(table: Pick<GateTable, "columns">, rows: readonly TableRow[]): TableColumn[] {
  return table.columns.filter(
    (column) => column.editable || rows.length === 0 || !rows.every((row) => UUID.test(textOf(row[column.key]))),
  );
}

/** In rem. */
export function widthOf(column: Pick<TableColumn, "width" | "editable" | "header">, mayEdit: boolean): number {
  const text = Math.max(column.width, column.header.length + 2) * REM_A_CHARACTER + 1.5;
  const fitting = Math.min(WIDEST_REM, Math.max(NARROWEST_REM, text));
  return column.editable && mayEdit ? Math.max(EDITING_REM, fitting) : fitting;
}

/** What people call a row: its first text that is neither its key nor an id. */
export function nameOf(table: Pick<GateTable, "columns" | "key">, row: TableRow): string {
  const named = table.columns.find(
    ({ key, kind, editable }) =>
      key !== table.key && kind === "text" && !editable && textOf(row[key]) !== "" && !UUID.test(textOf(row[key])),
  );
  return named ? textOf(row[named.key]) : textOf(row[table.key]);
}
