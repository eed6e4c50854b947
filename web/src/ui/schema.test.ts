import { expect, test } from "vitest";
import { choicesOf, fieldOf, itemsOf, labelOf, type Schema, schemaFrom } from "./schema";
import { groupsOf, unitOf } from "./schemaLayout";
import { blank, placed, pruned, wrongsOf } from "./schemaValues";

const ODD: Schema = schemaFrom({
  $defs: {
    Freeze: {
      type: "object",
      required: ["start", "end"],
      properties: {
        start: { type: "string", format: "date" },
        end: { type: "string", format: "date" },
        scope: { default: "prod", enum: ["prod", "all"], type: "string" },
      },
    },
    Tree: {
      type: "object",
      properties: { name: { type: "string" }, children: { type: "array", items: { $ref: "#/$defs/Tree" } } },
    },
    Cat: {
      type: "object",
      title: "Cat",
      properties: { kind: { const: "cat" }, lives: { type: "integer" } },
      required: ["kind"],
    },
    Dog: {
      type: "object",
      title: "Dog",
      properties: { kind: { const: "dog" }, tricks: { type: "array", items: { type: "string" } } },
    },
  },
  type: "object",
  required: ["weeks", "owner"],
  properties: {
    weeks: { type: "integer", minimum: 1, maximum: 26, default: 4, description: "Length of a wave, in weeks" },
    owner: { type: "string", minLength: 2 },
    limit: { anyOf: [{ type: "integer", minimum: 1 }, { type: "null" }], default: null, title: "Limit" },
    freezes: { type: "array", items: { $ref: "#/$defs/Freeze" } },
    pins: { type: "object", additionalProperties: { type: "integer" } },
    apart: {
      type: "array",
      items: { type: "array", prefixItems: [{ type: "string" }, { type: "string" }], minItems: 2, maxItems: 2 },
    },
    tree: { $ref: "#/$defs/Tree" },
    pet: { anyOf: [{ $ref: "#/$defs/Cat" }, { $ref: "#/$defs/Dog" }] },
    level: {
      oneOf: [
        { const: 1, title: "Low" },
        { const: 2, title: "High" },
      ],
    },
    window: { anyOf: [{ $ref: "#/$defs/Freeze" }, { type: "null" }], default: null, description: "When" },
    anything: {},
    imports: { type: "array", items: { type: "string", format: "uuid" }, "x-options": "/api/v1/imports" },
    target: { type: "string", "x-group": "Advanced" },
    many: { type: ["string", "null"] },
  },
});

const kinds = Object.fromEntries(Object.entries(ODD.properties ?? {}).map(([name, one]) => [name, fieldOf(one, ODD)]));

test("every part of an odd schema has its own control", () => {
  expect(Object.fromEntries(Object.entries(kinds).map(([name, field]) => [name, field.kind]))).toEqual({
    weeks: "number",
    owner: "text",
    limit: "number",
    freezes: "list",
    pins: "map",
    apart: "list",
    tree: "object",
    pet: "variants",
    level: "choice",
    window: "object",
    anything: "json",
    imports: "choices",
    target: "text",
    many: "text",
  });
});

test("null beside another type makes a field that may be left out", () => {
  expect([kinds.limit, kinds.window, kinds.many, kinds.owner].map((field) => field?.isNullable)).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

test("a form begins with the defaults, and asks nothing twice of a tree", () => {
  expect(blank(ODD, ODD)).toMatchObject({ weeks: 4, limit: null, freezes: [], window: null, tree: { children: [] } });
});

test("values are judged before they are sent, at their places", () => {
  const value = { weeks: 99, freezes: [{ start: "2026-01-01" }], apart: [["a", undefined]], imports: ["nonsense"] };
  expect(wrongsOf(ODD, ODD, value)).toEqual({
    weeks: "It has to be 1 to 26.",
    owner: "Owner is needed.",
    "freezes.0.end": "End is needed.",
    "apart.0.1": "Give it a value.",
    "imports.0": "It is no id, such as 3c7256b6-3610-4119-8133-6edc01c0243f.",
  });
});

test("what nobody said is not sent", () => {
  const sent = pruned(ODD, ODD, { weeks: 4, owner: "", tree: {}, limit: null, freezes: [], anything: undefined });
  expect(sent).toEqual({ weeks: 4, limit: null, freezes: [] });
});

test("the server's problems find their fields", () => {
  expect(placed([{ field: "config.freezes.0.start", message: "no date" }], ["config"])).toEqual({
    "freezes.0.start": "no date",
  });
});

test("labels are words in sentence case, and a title of one's own stays", () => {
  expect(labelOf("storage_gb_per_wave", { title: "Storage Gb Per Wave" })).toBe("Storage GB per wave");
  expect(labelOf("x", { title: "What VMware says" })).toBe("What VMware says");
});

test("a description names the unit, and groups come behind what has none", () => {
  expect(unitOf(ODD.properties?.weeks ?? {})).toBe("weeks");
  expect(groupsOf(ODD).map((group) => group.title)).toEqual([null, "Advanced"]);
});

test("what a field offers, its lists of lists offer too", () => {
  const names: Schema = {
    type: "array",
    "x-options": "/api/v1/applications",
    items: { type: "array", items: { type: "string" } },
  };
  expect(fieldOf(names, ODD).kind).toBe("list");
  expect(fieldOf(itemsOf(names) ?? {}, ODD)).toMatchObject({
    kind: "choices",
    schema: { "x-options": "/api/v1/applications" },
  });
});

test("constants with titles are choices", () => {
  expect(choicesOf(ODD.properties?.level ?? {})).toEqual([
    { value: 1, label: "Low" },
    { value: 2, label: "High" },
  ]);
});
