/** Tables as comma-separated text, and handing it to the reader as a file. */
import { saveAs } from "./saving";

export type Cell = string | number | boolean | null | undefined;

/** RFC 4180. A text that a spreadsheet would take for a formula is quoted with an apostrophe. */
export function csvOf(headers: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [headers, ...rows]
    .map((row) => row.map(field).join(","))
    .join("\r\n")
    .concat("\r\n");
}

function field(value: Cell): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Save a table as a file under a name. */
export function saveCsv(name: string, headers: readonly string[], rows: readonly (readonly Cell[])[]): void {
  saveAs(new Blob([csvOf(headers, rows)], { type: "text/csv;charset=utf-8" }), name);
}
