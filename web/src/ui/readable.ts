/** How values of a result are best read: as words, as a list, as a table, or name by name. */

import { count, mib, share } from "./numbers";
import { fieldOf, isRecord, itemsOf, labelOf, resolve, type Schema } from "./schema";
import { dayOf, span, stamp } from "./time";

export type Shape = "nothing" | "scalar" | "words" | "table" | "list" | "record";

export function shapeOf(value: unknown): Shape {
  if (value === null || value === undefined || value === "") return "nothing";
  if (Array.isArray(value)) {
    if (value.length === 0) return "nothing";
    if (value.every((one) => !isRecord(one) && !Array.isArray(one))) return "words";
    return value.every(isRecord) ? "table" : "list";
  }
  if (isRecord(value)) return Object.keys(value).length === 0 ? "nothing" : "record";
  return "scalar";
}

const PLAIN = /(^|_)(ports?|years?|row|id|index|seed|number|seq)$/;
const SHARE = /(^|_)(confidence|completeness|quality|share|ratio)$/;
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;
const NUMBER = /^-?\d+(\.\d+)?$/;
const UNITS: [RegExp, string][] = [
  [/_(pct|percent)$/, "%"],
  [/(^|_)gb(_|$)/, "GB"],
  [/(^|_)hours$/, "h"],
  [/(^|_)weeks$/, "weeks"],
  [/(^|_)days$/, "days"],
  [/(^|_)mbps$/, "Mbit/s"],
];

export interface Said {
  text: string;
  kind: "text" | "number" | "id" | "quiet";
}

/** One value in words; its name says the unit. */
export function scalarOf(value: unknown, name = ""): Said {
  if (value === null || value === undefined || value === "") return { text: "none", kind: "quiet" };
  if (typeof value === "boolean") return { text: value ? "yes" : "no", kind: "text" };
  if (typeof value === "number") return { text: quantity(value, name), kind: "number" };
  const text = String(value);
  if (UUID.test(text)) return { text, kind: "id" };
  if (DAY.test(text) && !Number.isNaN(Date.parse(text))) return { text: dayOf(text), kind: "text" };
  if (MOMENT.test(text) && !Number.isNaN(Date.parse(text))) return { text: stamp(text), kind: "text" };
  if (NUMBER.test(text) && unitOf(name)) return { text: quantity(Number(text), name), kind: "number" };
  return { text, kind: "text" };
}

function quantity(value: number, name: string): string {
  if (PLAIN.test(name)) return String(value);
  if (SHARE.test(name) && value >= 0 && value <= 1) return share(value);
  if (/_mib$/.test(name)) return mib(value);
  if (/(^|_)seconds$/.test(name)) return span(value);
  const unit = unitOf(name);
  const text = Number.isInteger(value) ? count(value) : String(Number(value.toPrecision(4)));
  return unit ? `${text} ${unit}` : text;
}

function unitOf(name: string): string | null {
  return UNITS.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

export interface Part {
  name: string;
  label: string;
  value: unknown;
  schema: Schema | undefined;
}

/** The parts of an object in the order of its schema, short ones first. */
export function partsOf(value: Record<string, unknown>, schema: Schema | undefined, root: Schema | undefined): Part[] {
  const inner = schema && root ? fieldOf(schema, root).schema : undefined;
  const order = Object.keys(inner?.properties ?? {});
  const names = [
    ...order.filter((name) => name in value),
    ...Object.keys(value).filter((name) => !order.includes(name)),
  ];
  const other = isRecord(inner?.additionalProperties) ? (inner.additionalProperties as Schema) : undefined;
  const isNamed = inner === undefined || inner.properties !== undefined;
  return names.map((name) => {
    const part = inner?.properties?.[name] ?? other;
    const label = isNamed && /^[a-z][a-z0-9_]*$/.test(name) ? labelOf(name, inner?.properties?.[name] ?? {}) : name;
    return { name, label, value: value[name], schema: part };
  });
}

export function isShort(value: unknown): boolean {
  const shape = shapeOf(value);
  return shape === "scalar" || shape === "nothing" || (shape === "words" && Array.isArray(value) && value.length <= 3);
}

export interface Column {
  name: string;
  label: string;
  isNumeric: boolean;
  /** Whether it holds sentences, which need room. */
  isLong: boolean;
}

const LONG = 40;
const MOST_COLUMNS = 12;

/** The columns of a table of objects: those that say something, short ones first, ids last. */
export function columnsOf(
  rows: readonly Record<string, unknown>[],
  schema: Schema | undefined,
  root: Schema | undefined,
): Column[] {
  const inner = schema && root ? fieldOf(schema, root).schema : undefined;
  const item = inner && root && itemsOf(inner) ? resolve(itemsOf(inner) ?? {}, root) : undefined;
  const order = Object.keys(item?.properties ?? {});
  const names = [...new Set([...order, ...rows.flatMap((row) => Object.keys(row))])];
  const said = names.filter((name) => rows.some((row) => shapeOf(row[name]) !== "nothing"));
  const rank = (name: string) => {
    const values = rows.map((row) => row[name]);
    if (values.some((value) => typeof value === "string" && UUID.test(value))) return 3;
    return /^(name|title|subject|asset)$/.test(name) ? 0 : values.every(isShort) ? 1 : 2;
  };
  return said
    .sort((one, other) => rank(one) - rank(other))
    .slice(0, MOST_COLUMNS)
    .map((name) => ({
      name,
      label: labelOf(name, item?.properties?.[name] ?? {}),
      isNumeric: rows.every((row) => shapeOf(row[name]) === "nothing" || scalarIsNumber(row[name], name)),
      isLong: rows.some((row) => lineOf(row[name], name).length > LONG),
    }));
}

function scalarIsNumber(value: unknown, name: string): boolean {
  return shapeOf(value) === "scalar" && scalarOf(value, name).kind === "number";
}

const NAMED = 3;

/** A value in one line, for a cell of a table. */
export function lineOf(value: unknown, name = ""): string {
  switch (shapeOf(value)) {
    case "nothing":
      return "";
    case "scalar":
      return scalarOf(value, name).text;
    case "record":
      return Object.entries(value as Record<string, unknown>)
        .filter(([, one]) => shapeOf(one) === "scalar")
        .map(([key, one]) => `${key.replaceAll("_", " ")} ${scalarOf(one, key).text}`)
        .join(", ");
    default: {
      const list = value as unknown[];
      const first = list.slice(0, NAMED).map((one) => (isRecord(one) ? nameIn(one) : lineOf(one, name)));
      const rest = list.length - first.length;
      return first.join(", ") + (rest > 0 ? ` and ${count(rest)} more` : "");
    }
  }
}

function nameIn(record: Record<string, unknown>): string {
  const named = record.name ?? record.title ?? record.message;
  return typeof named === "string" ? named : lineOf(record);
}
