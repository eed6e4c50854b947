/** The columns of a mapping gate: what each is taken for, what it may be, and which of them a person has to look at. */
import type { Edits } from "../edits";
import { withCell } from "../edits";

export interface Alternative {
  field: string;
  score: number;
}

export interface Line {
  /** The row of the gate's table. */
  id: string;
  file: string;
  sheet: string;
  header: string;
  samples: string[];
  /** Null keeps the column as an attribute. */
  field: string | null;
  unit: string | null;
  confidence: number;
  reason: string;
  needsDecision: boolean;
  remembered: boolean;
  alternatives: Alternative[];
}

interface MatchedSheet {
  file: string;
  sheet: string;
  columns: {
    index: number;
    header: string;
    samples: string[];
    field: string | null;
    unit: string | null;
    confidence: number;
    reason: string;
    needs_decision: boolean;
    remembered: boolean;
    alternatives: Alternative[];
  }[];
}

/** The lines of the output of `field_mapping`; ids are those of the gate's table: the sheet from 1, then the column. */
export function linesOf(output: Readonly<Record<string, unknown>>): Line[] {
  const sheets = (output.sheets ?? []) as MatchedSheet[];
  return sheets.flatMap((sheet, number) =>
    sheet.columns.map((column) => ({
      id: `${number + 1}.${column.index}`,
      file: sheet.file,
      sheet: sheet.sheet,
      header: column.header,
      samples: column.samples,
      field: column.field,
      unit: column.unit,
      confidence: column.confidence,
      reason: column.reason,
      needsDecision: column.needs_decision,
      remembered: column.remembered,
      alternatives: column.alternatives,
    })),
  );
}

/** What a line means with the reader's edits. */
export function meaningOf(line: Line, edits: Edits): { field: string | null; unit: string | null; isEdited: boolean } {
  const cells = edits[line.id];
  const field = cells?.field ? (cells.field.after as string | null) : line.field;
  const isOther = field !== line.field;
  const unit = cells?.unit ? (cells.unit.after as string | null) : isOther ? null : line.unit;
  return { field, unit, isEdited: cells !== undefined };
}

/** Whether a person still has to look at a line. */
export function isOpen(line: Line, edits: Edits, accepted: ReadonlySet<string>): boolean {
  return line.needsDecision && edits[line.id] === undefined && !accepted.has(line.id);
}

export type Show = "asked" | "mapped" | "kept" | "all";

export interface Wanted {
  show: Show;
  search: string;
  /** `file` and `sheet` as `placeOf` joins them; empty for all. */
  place: string;
}

export function placeOf(line: Pick<Line, "file" | "sheet">): string {
  return `${line.file} · ${line.sheet}`;
}

export function chosen(lines: readonly Line[], wanted: Wanted, edits: Edits): Line[] {
  const text = wanted.search.trim().toLowerCase();
  return lines.filter((line) => {
    const { field } = meaningOf(line, edits);
    if (wanted.show === "asked" && !line.needsDecision) return false;
    if (wanted.show === "mapped" && field === null) return false;
    if (wanted.show === "kept" && field !== null) return false;
    if (wanted.place && placeOf(line) !== wanted.place) return false;
    return !text || [line.header, field ?? "", ...line.samples].some((one) => one.toLowerCase().includes(text));
  });
}

export interface Acceptance {
  /** Lines whose proposal stands. */
  accept: string[];
  /** Lines without a proposal whose best alternative is sure enough. */
  take: { line: Line; field: string }[];
}

/** What is accepted of the open lines when everything from `threshold` on, from 0 to 1, is. */
export function acceptance(
  lines: readonly Line[],
  threshold: number,
  edits: Edits,
  accepted: ReadonlySet<string>,
): Acceptance {
  const found: Acceptance = { accept: [], take: [] };
  for (const line of lines) {
    if (!isOpen(line, edits, accepted)) continue;
    const best = line.alternatives[0];
    if (line.field !== null && line.confidence >= threshold) found.accept.push(line.id);
    else if (line.field === null && best && best.score >= threshold) found.take.push({ line, field: best.field });
  }
  return found;
}

export function taken(edits: Edits, take: Acceptance["take"]): Edits {
  return take.reduce(
    (sum, { line, field }) => withCell(sum, line.id, "field", { before: line.field, after: field, of: line.header }),
    edits,
  );
}

const NUMBER = /^-?\d[\d,\s]*(\.\d+)?\s*[a-z%/]{0,6}$/i;

/** Whether a unit may say something about a column: it has one, or it holds numbers. */
export function isMeasured(line: Pick<Line, "unit" | "samples">): boolean {
  return line.unit !== null || (line.samples.length > 0 && line.samples.every((sample) => NUMBER.test(sample.trim())));
}

/** The units that values can be in; which of them fits a field is for the preview to say. */
export const UNITS = [
  { group: "Size", items: ["bytes", "KB", "KiB", "MB", "MiB", "GB", "GiB", "TB", "TiB", "PB", "PiB"] },
  {
    group: "Rate",
    items: ["MHz", "GHz", "IOPS", "bytes/s", "KB/s", "KiB/s", "MB/s", "MiB/s", "GB/s", "GiB/s"],
  },
  { group: "Share", items: ["%"] },
  { group: "Duration", items: ["days", "hours", "minutes", "seconds", "ms"] },
];

export interface Unread {
  file: string;
  message: string;
}

/** Files of which nothing could be read, by name with the reason. */
export function unreadOf(output: Readonly<Record<string, unknown>>): Unread[] {
  return ((output.unreadable ?? []) as Unread[]).map(({ file, message }) => ({ file, message }));
}
