/** Edits of a gate's cells before they are decided: by row and column, each with what was there before. */
import type { CellEditIn as CellEdit, EditProblemOut as EditProblem } from "@/api/schema";
import type { CellValue, TableColumn } from "./cells";

export interface Edit {
  before: CellValue;
  after: CellValue;
  /** What people call the row. */
  of?: string;
}

/** Edits by `row` and then by column. */
export type Edits = Readonly<Record<string, Readonly<Record<string, Edit>>>>;

export const NO_EDITS: Edits = {};

/** The edits with one cell set; a cell that holds again what it held is no edit. */
export function withCell(edits: Edits, row: string, field: string, edit: Edit): Edits {
  const known = edits[row]?.[field];
  const before = known ? known.before : edit.before;
  if (same(before, edit.after)) return withoutCell(edits, row, field);
  return { ...edits, [row]: { ...edits[row], [field]: { ...edit, before } } };
}

export function withoutCell(edits: Edits, row: string, field: string): Edits {
  const { [field]: _, ...cells } = edits[row] ?? {};
  const { [row]: __, ...rest } = edits;
  return Object.keys(cells).length === 0 ? rest : { ...rest, [row]: cells };
}

export interface Change extends Edit {
  row: string;
  field: string;
}

/** The edits with several cells set. */
export function withCells(edits: Edits, changes: readonly Change[]): Edits {
  return changes.reduce((sum, { row, field, ...edit }) => withCell(sum, row, field, edit), edits);
}

/** The edits one by one, in the order in which they were made. */
export function listOf(edits: Edits): Change[] {
  return Object.entries(edits).flatMap(([row, cells]) =>
    Object.entries(cells).map(([field, edit]) => ({ row, field, ...edit })),
  );
}

export function countOf(edits: Edits): number {
  return Object.values(edits).reduce((sum, cells) => sum + Object.keys(cells).length, 0);
}

/** As the API takes them. */
export function cellsOf(edits: Edits): CellEdit[] {
  return listOf(edits).map(({ row, field, after }) => ({ row, field, value: after }));
}

function same(one: CellValue, other: CellValue): boolean {
  return (one ?? "") === (other ?? "");
}

/** What a person wrote into a cell: nothing is null, a number where the column holds numbers and it is one. */
export function entered(text: string, kind: TableColumn["kind"]): CellValue {
  const plain = text.trim();
  if (plain === "") return null;
  if (kind === "number" && /^-?\d+([.,]\d+)?$/.test(plain)) return Number(plain.replace(",", "."));
  if (kind === "boolean" && /^(true|false)$/i.test(plain)) return plain.toLowerCase() === "true";
  return plain;
}

export function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

export interface Found {
  /** What concerns one cell, under `row` and column. */
  at(row: string, field: string): string[];
  /** What concerns no cell that the table has. */
  elsewhere: string[];
}

/** Problems by their cells; a row's problem without a column stands at all its cells; `fields` are the columns shown. */
export function problemsByCell(problems: readonly EditProblem[], fields?: ReadonlySet<string>): Found {
  const cells = new Map<string, string[]>();
  const elsewhere: string[] = [];
  for (const { row, field, message } of problems) {
    if (row === null || (field !== null && fields && !fields.has(field))) elsewhere.push(message);
    else {
      const key = keyOf(row, field);
      cells.set(key, [...(cells.get(key) ?? []), message]);
    }
  }
  return {
    at: (row, field) => [...(cells.get(keyOf(row, field)) ?? []), ...(cells.get(keyOf(row, null)) ?? [])],
    elsewhere: [...new Set(elsewhere)],
  };
}

function keyOf(row: string, field: string | null): string {
  return JSON.stringify([row, field]);
}
