/** Where the fields of a form stand. */
import { fieldOf, type Schema } from "./schema";

export interface FieldGroup {
  /** Null: the fields without a heading, which come first. */
  title: string | null;
  names: string[];
}

/** Fields by their `x-group`, in the order of the schema; a schema in which all have one opens with the first. */
export function groupsOf(schema: Schema): FieldGroup[] {
  const groups = new Map<string | null, string[]>([[null, []]]);
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const title = property["x-group"] ?? null;
    groups.set(title, [...(groups.get(title) ?? []), name]);
  }
  return [...groups].map(([title, names]) => ({ title, names })).filter((group) => group.names.length > 0);
}

const WIDE = new Set(["list", "object", "map", "variants", "json", "tags", "choices", "tuple"]);

/** Whether a field takes the whole width. */
export function isWide(schema: Schema, root: Schema): boolean {
  return WIDE.has(fieldOf(schema, root).kind);
}

const UNIT =
  /\bin (h|hours|days|weeks|months|years|minutes|seconds|ms|GB|GiB|MB|MiB|TB|TiB|Mbit\/s|Gbit\/s|per cent|percent|%|EUR|USD|kW|W)\b/;

/** The unit that a description ends its sentence with: "Length of a wave, in weeks". */
export function unitOf(schema: Schema): string | null {
  return schema.description?.match(UNIT)?.[1] ?? null;
}
