/** The form of what a flow asks for. */
import type { AskedOut } from "@/api/schema";
import { type Schema, schemaFrom } from "@/ui/schema";

type Asked = Pick<AskedOut, "schema" | "fields" | "also">;

/** The fields that are asked, with why; with `isWhole`, those that may be changed beside them too. */
export function askedSchema(asked: Asked, config: unknown, isWhole: boolean): Schema {
  const schema = schemaFrom(asked.schema);
  const whole = schemaFrom(config);
  const properties: Record<string, Schema> = {};
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const field = asked.fields.find((one) => one.field === name);
    const why = field?.reasons.join("; ");
    const options = whole.properties?.[name]?.["x-options"];
    const said = field?.question ?? property.description;
    properties[name] = {
      ...property,
      ...(options && { "x-options": options, "x-option-value": whole.properties?.[name]?.["x-option-value"] }),
      description: [said, why && `Asked because ${why}`].filter(Boolean).join(" · ") || undefined,
    };
  }
  if (isWhole) {
    for (const name of asked.also) {
      const property = whole.properties?.[name];
      if (property && !properties[name]) properties[name] = { ...property, "x-group": "Other input" };
    }
  }
  return { ...schema, $defs: { ...whole.$defs, ...schema.$defs }, properties };
}
