/** What a bulk edit asks for, before it becomes an order. */
import type { SettableField, ValuesIn } from "@/api/schema";

export type Step = "leave" | "set" | "withdraw";

export interface FieldEdit {
  step: Step;
  value: string;
}

export type Edits = Record<SettableField, FieldEdit>;

export const SETTABLE: SettableField[] = [
  "environment",
  "criticality",
  "business_owner",
  "technical_owner",
  "department",
];

export const UNTOUCHED: Edits = Object.fromEntries(
  SETTABLE.map((field) => [field, { step: "leave", value: "" }]),
) as Edits;

/** The values that the edits set; null where what people said is taken back. */
export function valuesOf(edits: Edits): ValuesIn {
  const values: Record<string, string | null> = {};
  for (const field of SETTABLE) {
    const { step, value } = edits[field];
    if (step === "withdraw") values[field] = null;
    if (step === "set") values[field] = value.trim();
  }
  return values as ValuesIn; // the choices of the form are the values of the schema
}

/** What keeps the edits from being an order; null when nothing does. */
export function missing(edits: Edits, reason: string): string | null {
  const chosen = SETTABLE.filter((field) => edits[field].step !== "leave");
  if (chosen.length === 0) return "Choose at least one field to set.";
  if (chosen.some((field) => edits[field].step === "set" && !edits[field].value.trim()))
    return "Give every field a value.";
  return reason.trim() ? null : "Say why; the reason is shown beside every value.";
}
