/** JSON schemas (draft 2020-12, as pydantic writes them) as forms need them: resolved, merged and sorted into kinds. */

export interface Schema {
  type?: string | string[];
  title?: string;
  description?: string;
  format?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema | boolean;
  prefixItems?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  $ref?: string;
  $defs?: Record<string, Schema>;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  /** The list of the API whose entries are offered. */
  "x-options"?: string;
  /** Which part of an entry is the value; its id if not said. */
  "x-option-value"?: string;
  /** The heading that the field is folded under. */
  "x-group"?: string;
}

/** The edge where JSON that the API calls a schema becomes one. */
export function schemaFrom(json: unknown): Schema {
  return isRecord(json) ? (json as Schema) : {};
}

export type FieldKind =
  | "text"
  | "number"
  | "switch"
  | "choice"
  | "date"
  | "moment"
  | "choices"
  | "tags"
  | "list"
  | "tuple"
  | "object"
  | "map"
  | "variants"
  | "fixed"
  | "json";

export interface Field {
  kind: FieldKind;
  /** The schema itself, with its reference followed and null taken out. */
  schema: Schema;
  isNullable: boolean;
  /** What a field of several forms may be. */
  variants: Schema[];
}

const DEEPEST = 12;

/** What a schema asks for, in the terms of a form. */
export function fieldOf(schema: Schema, root: Schema): Field {
  const { schema: resolved, isNullable, variants } = unfold(schema, root);
  const kind = variants.length > 1 ? "variants" : kindOf(resolved, root);
  return { kind, schema: resolved, isNullable, variants };
}

/** Follow references and join what stands beside them. */
export function resolve(schema: Schema, root: Schema, depth = 0): Schema {
  if (depth > DEEPEST) return schema;
  if (schema.$ref) {
    const { $ref, ...beside } = schema;
    return { ...resolve(definition($ref, root), root, depth + 1), ...beside };
  }
  if (schema.allOf) {
    const { allOf, ...beside } = schema;
    return allOf.map((part) => resolve(part, root, depth + 1)).reduceRight(join, beside);
  }
  return schema;
}

function join(outer: Schema, part: Schema): Schema {
  return {
    ...part,
    ...outer,
    ...((part.properties || outer.properties) && { properties: { ...part.properties, ...outer.properties } }),
    ...((part.required || outer.required) && { required: [...(part.required ?? []), ...(outer.required ?? [])] }),
  };
}

function definition(ref: string, root: Schema): Schema {
  const steps = ref.startsWith("#/") ? ref.slice(2).split("/") : [];
  let found: unknown = root;
  for (const step of steps) {
    const name = decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
    found = isRecord(found) ? found[name] : undefined;
  }
  return steps.length > 0 ? schemaFrom(found) : {};
}

function unfold(schema: Schema, root: Schema): Omit<Field, "kind"> {
  const resolved = resolve(schema, root);
  const choices = (resolved.anyOf ?? resolved.oneOf)?.map((one) => resolve(one, root));
  if (choices && !choices.every((one) => one.const !== undefined)) {
    const { anyOf: _any, oneOf: _one, ...beside } = resolved;
    const variants = choices.filter((one) => one.type !== "null");
    const isNullable = variants.length < choices.length;
    const only = variants[0];
    if (variants.length === 1 && only) {
      const inner = unfold(only, root);
      return { ...inner, schema: { ...inner.schema, ...beside }, isNullable: isNullable || inner.isNullable };
    }
    return { schema: beside, isNullable, variants };
  }
  if (Array.isArray(resolved.type)) {
    const types = resolved.type.filter((type) => type !== "null");
    const isNullable = types.length < resolved.type.length;
    const variants = types.length > 1 ? types.map((type) => ({ type, title: type })) : [];
    return { schema: { ...resolved, type: types[0] ?? "null" }, isNullable, variants };
  }
  return { schema: resolved, isNullable: false, variants: [] };
}

function kindOf(schema: Schema, root: Schema): FieldKind {
  if (schema.const !== undefined) return "fixed";
  if (choicesOf(schema)) return "choice";
  switch (schema.type) {
    case "string":
      return schema.format === "date" ? "date" : schema.format === "date-time" ? "moment" : "text";
    case "integer":
    case "number":
      return "number";
    case "boolean":
      return "switch";
    case "array":
      return listKind(schema, root);
    case "object":
      return schema.properties ? "object" : schema.additionalProperties === false ? "object" : "map";
    default:
      return schema.properties ? "object" : "json";
  }
}

function listKind(schema: Schema, root: Schema): FieldKind {
  if (schema.prefixItems) return "tuple";
  const items = itemsOf(schema);
  if (!items) return "json";
  const item = fieldOf(items, root);
  if (item.kind === "json") return "json";
  if (item.isNullable) return "list";
  if (item.kind === "choice") return "choices";
  if (item.kind !== "text") return "list";
  return optionsOf(item.schema) ? "choices" : "tags";
}

export function itemsOf(schema: Schema): Schema | undefined {
  return isRecord(schema.items) ? offering(schema, schema.items as Schema) : undefined;
}

/** What a list or a tuple of a field holds; where the field says what to choose from, so do its parts. */
export function offering(outer: Schema, inner: Schema): Schema {
  const path = outer["x-options"];
  const mayChoose = inner.type === "string" || inner.type === "array";
  if (!path || inner["x-options"] || !mayChoose) return inner;
  return { ...inner, "x-options": path, "x-option-value": outer["x-option-value"] };
}

export interface Choice {
  value: unknown;
  label: string;
}

/** The few values that a schema allows, if it names them. */
export function choicesOf(schema: Schema): Choice[] | undefined {
  if (schema.enum) return schema.enum.filter((value) => value !== null).map((value) => ({ value, label: said(value) }));
  const consts = schema.oneOf ?? schema.anyOf;
  if (consts?.every((one) => one.const !== undefined)) {
    return consts.map((one) => ({ value: one.const, label: one.title ?? said(one.const) }));
  }
  return undefined;
}

export interface Options {
  path: string;
  value?: string;
}

/** Where the entries are that a field chooses from, if it says so. */
export function optionsOf(schema: Schema): Options | undefined {
  const path = schema["x-options"];
  return path?.startsWith("/api/v1/") ? { path, value: schema["x-option-value"] } : undefined;
}

function said(value: unknown): string {
  if (typeof value !== "string") return String(value);
  const text = value.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const ABBREVIATIONS: Record<string, string> = {
  gb: "GB",
  mbps: "Mbit/s",
  srm: "SRM",
  id: "id",
  vcls: "vCLS",
  url: "URL",
};

/** What a field is called: its title in sentence case, or its name as words. */
export function labelOf(name: string, schema: Schema): string {
  const words = (schema.title ?? name.replaceAll("_", " ")).split(" ");
  const isMade = (schema.title ?? name).toLowerCase().replaceAll(" ", "_") === name.toLowerCase();
  if (!isMade) return schema.title ?? name;
  const text = words.map((word) => ABBREVIATIONS[word.toLowerCase()] ?? word.toLowerCase()).join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The limits of a number or a text in words, to stand beside its description. */
export function limitsOf(schema: Schema): string | null {
  const least = schema.minimum ?? schema.exclusiveMinimum;
  const most = schema.maximum ?? schema.exclusiveMaximum;
  if (least !== undefined && most !== undefined) return `${least} to ${most}`;
  if (least !== undefined) return schema.minimum !== undefined ? `${least} or more` : `more than ${least}`;
  if (most !== undefined) return schema.maximum !== undefined ? `${most} or less` : `less than ${most}`;
  return null;
}
