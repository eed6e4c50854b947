/** Where each value of an asset came from, by field: the one that is shown, those that agree, those that lost. */
import type { AssetOut, FactOut, SourceOut } from "@/api/schema";
import { GROUPS, shownOf } from "./fields";

export interface FieldFacts {
  field: string;
  /** What the asset shows; null is not known. */
  shown: string | null;
  chosen: FactOut | null;
  agreeing: FactOut[];
  differing: FactOut[];
}

export interface FactGroup {
  title: string;
  fields: FieldFacts[];
}

const OTHER = "Measured, and said beside";

/** The facts of an asset in the groups of its sheet; a group of known fields lists the unknown ones too. */
export function factGroups(asset: AssetOut, facts: readonly FactOut[]): FactGroup[] {
  const byField = new Map<string, FactOut[]>();
  for (const fact of facts) byField.set(fact.field, [...(byField.get(fact.field) ?? []), fact]);
  const grouped = new Set(GROUPS.flatMap(({ fields }) => fields));
  const groups = GROUPS.map(({ title, fields }) => ({
    title,
    fields: fields.map((field) => factsOf(field, shownOf(asset, field), byField.get(field) ?? [])),
  }));
  const others = [...byField.keys()].filter((field) => !grouped.has(field));
  const rest = others.map((field) => factsOf(field, null, byField.get(field) ?? []));
  return rest.length > 0 ? [...groups, { title: OTHER, fields: rest }] : groups;
}

function factsOf(field: string, shown: string | null, facts: FactOut[]): FieldFacts {
  const chosen = facts.find((fact) => fact.chosen) ?? null;
  const others = facts.filter((fact) => fact !== chosen);
  return {
    field,
    shown,
    chosen,
    agreeing: others.filter(({ value }) => value === chosen?.value),
    differing: others.filter(({ value }) => value !== chosen?.value),
  };
}

/** "rvtools_estate.xlsx › vInfo, row 109, column VM". */
export function sourceText({ file, sheet, row, column }: SourceOut): string {
  const place = sheet && sheet !== "csv" ? `${file} › ${sheet}` : file;
  return [place, row === null ? null : `row ${row}`, column === null ? null : `column ${column}`]
    .filter((part) => part !== null)
    .join(", ");
}

/** How a value was read, as words: "sum_of_rows_156_157" as "sum of rows 156 157". */
export function ruleText(rule: string): string {
  return rule.replaceAll("_", " ");
}
