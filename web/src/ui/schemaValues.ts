/** The values of a form: what it begins with, what it sends, and what is wrong with it. */
import { fieldOf, isRecord, itemsOf, labelOf, limitsOf, resolve, type Schema } from "./schema";

/** What a field holds before anybody says anything; undefined: nothing. */
export function blank(schema: Schema, root: Schema): unknown {
  const field = fieldOf(schema, root);
  const given = field.schema.default;
  if (given !== undefined)
    return field.kind === "object" && isRecord(given) ? filled(field.schema, root, given) : given;
  if (field.kind === "fixed") return field.schema.const;
  if (field.isNullable) return null;
  switch (field.kind) {
    case "object":
      return filled(field.schema, root, {});
    case "map":
      return {};
    case "list":
    case "tags":
    case "choices":
      return [];
    case "tuple":
      return (field.schema.prefixItems ?? []).map((item) => blank(item, root));
    case "switch":
      return false;
    default:
      return undefined;
  }
}

/** An object with what is given, and blanks for what it does not say. */
export function filled(schema: Schema, root: Schema, given: Record<string, unknown>): Record<string, unknown> {
  const { schema: object } = fieldOf(schema, root);
  const values = { ...given };
  for (const [name, property] of Object.entries(object.properties ?? {})) {
    if (values[name] === undefined) values[name] = startOf(property, root, object.required?.includes(name) ?? false);
  }
  return values;
}

function startOf(property: Schema, root: Schema, isRequired: boolean): unknown {
  const resolved = resolve(property, root);
  if (!isRequired && resolved.default === undefined && fieldOf(property, root).kind === "switch") return undefined;
  return blank(property, root);
}

/** What is sent: without what nobody said. */
export function pruned(schema: Schema, root: Schema, value: unknown): unknown {
  const { kind, schema: inner } = fieldOf(schema, root);
  if (kind === "object" && isRecord(value)) return prunedObject(inner, root, value);
  if (Array.isArray(value) && kind === "list") {
    const items = itemsOf(inner) ?? {};
    return value.map((one) => pruned(items, root, one));
  }
  return value === "" ? undefined : value;
}

function prunedObject(schema: Schema, root: Schema, value: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, one] of Object.entries(value)) {
    const property = schema.properties?.[name];
    const sent = property ? pruned(property, root, one) : one;
    const isEmpty = isRecord(sent) && Object.keys(sent).length === 0 && !schema.required?.includes(name);
    const isOptionalGroup = isEmpty && property !== undefined && resolve(property, root).default === undefined;
    if (sent !== undefined && !isOptionalGroup) kept[name] = sent;
  }
  return kept;
}

/** What is wrong, by place: `freezes.0.start`. What only the server can know is not among it. */
export type Wrongs = Readonly<Record<string, string>>;

export function wrongsOf(schema: Schema, root: Schema, value: unknown): Wrongs {
  const found: Record<string, string> = {};
  look(schema, root, value, "", found);
  return found;
}

function look(schema: Schema, root: Schema, value: unknown, at: string, found: Record<string, string>): void {
  const { kind, schema: inner, isNullable } = fieldOf(schema, root);
  if (value === undefined || (value === null && isNullable)) return;
  if (kind === "object" && isRecord(value)) lookInObject(inner, root, value, at, found);
  else if (kind === "map" && isRecord(value)) {
    const entry = isRecord(inner.additionalProperties) ? (inner.additionalProperties as Schema) : {};
    for (const [name, one] of Object.entries(value)) {
      if (one === undefined || one === "") found[place(at, name)] = "Give it a value.";
      else look(entry, root, one, place(at, name), found);
    }
  } else if (Array.isArray(value)) lookInList(kind === "tuple", inner, root, value, at, found);
  else {
    const wrong =
      typeof value === "number"
        ? wrongNumber(inner, value)
        : typeof value === "string"
          ? wrongText(inner, value)
          : null;
    if (wrong) found[at] = wrong;
  }
}

function lookInObject(
  schema: Schema,
  root: Schema,
  value: Record<string, unknown>,
  at: string,
  found: Record<string, string>,
): void {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const one = value[name];
    const isMissing = one === undefined || one === "" || (one === null && !fieldOf(property, root).isNullable);
    if (isMissing && schema.required?.includes(name)) found[place(at, name)] = `${labelOf(name, property)} is needed.`;
    else if (!isMissing) look(property, root, one, place(at, name), found);
  }
}

function lookInList(
  isTuple: boolean,
  schema: Schema,
  root: Schema,
  value: unknown[],
  at: string,
  found: Record<string, string>,
): void {
  value.forEach((one, index) => {
    const item = isTuple ? (schema.prefixItems?.[index] ?? itemsOf(schema)) : itemsOf(schema);
    const isMissing = one === undefined || one === "";
    if (isMissing) found[place(at, String(index))] = "Give it a value.";
    else if (item) look(item, root, one, place(at, String(index)), found);
  });
  if (isTuple) return;
  if (schema.minItems !== undefined && value.length < schema.minItems) found[at] = `Give at least ${schema.minItems}.`;
  if (schema.maxItems !== undefined && value.length > schema.maxItems) found[at] = `Give ${schema.maxItems} at most.`;
  if (schema.uniqueItems && new Set(value.map((one) => JSON.stringify(one))).size < value.length) {
    found[at] = "Each may be named once.";
  }
}

function wrongNumber(schema: Schema, value: number): string | null {
  if (schema.type === "integer" && !Number.isInteger(value)) return "It has to be a whole number.";
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  const isLow =
    (minimum !== undefined && value < minimum) || (exclusiveMinimum !== undefined && value <= exclusiveMinimum);
  const isHigh =
    (maximum !== undefined && value > maximum) || (exclusiveMaximum !== undefined && value >= exclusiveMaximum);
  return isLow || isHigh ? `It has to be ${limitsOf(schema)}.` : null;
}

const UUID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

function wrongText(schema: Schema, value: string): string | null {
  if (schema.minLength !== undefined && value.length < schema.minLength) {
    return `It needs ${schema.minLength} characters or more.`;
  }
  if (schema.maxLength !== undefined && value.length > schema.maxLength) {
    return `It may have ${schema.maxLength} characters at most.`;
  }
  if (schema.pattern && !fits(schema.pattern, value)) return `It does not have the form ${schema.pattern}.`;
  if (schema.format === "uuid" && !UUID.test(value))
    return "It is no id, such as 3c7256b6-3610-4119-8133-6edc01c0243f.";
  return null;
}

function fits(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, "u").test(value);
  } catch {
    return true; // a pattern of another dialect: the server decides
  }
}

export function place(at: string, name: string): string {
  return at ? `${at}.${name}` : name;
}

/** The problems of the server by the place in the form; `within` is what its places begin with. */
export function placed(errors: readonly { field: string; message: string }[], within: readonly string[]): Wrongs {
  const found: Record<string, string> = {};
  for (const { field, message } of errors) {
    const prefix = within.find((one) => field.startsWith(`${one}.`));
    found[prefix ? field.slice(prefix.length + 1) : field] = message;
  }
  return found;
}
