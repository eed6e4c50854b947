import { expect, test } from "vitest";
import { askedSchema } from "./asked";

const config = {
  properties: {
    imports: { type: "array", items: { type: "string", format: "uuid" }, "x-options": "/api/v1/imports" },
    seed: { type: "integer" },
  },
};
const asked = {
  schema: {
    type: "object",
    properties: { imports: { type: "array", items: { type: "string" } } },
    required: ["imports"],
  },
  fields: [
    {
      field: "imports",
      reasons: ["no file was named"],
      question: null,
      places: [],
      type: "list",
      choices: [],
      required: true,
      current: [],
    },
  ],
  also: ["seed", "imports"],
};

test("a field says why it is asked, and offers what the configuration offers", () => {
  const field = askedSchema(asked, config, false).properties?.imports;
  expect(field).toMatchObject({ description: "Asked because no file was named", "x-options": "/api/v1/imports" });
});

test("other input can be changed beside what is asked", () => {
  expect(Object.keys(askedSchema(asked, config, true).properties ?? {})).toEqual(["imports", "seed"]);
});
