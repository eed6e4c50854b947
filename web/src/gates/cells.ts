/** Short names for what a gate's table is made of. */
import type { GatePreviewOut, GateTableOut, TableColumnOut } from "@/api/schema";

export type TableRow = GateTableOut["items"][number];
export type CellValue = TableRow[string];
export type GateTable = GateTableOut;
export type TableColumn = TableColumnOut;
export type Preview = GatePreviewOut;
