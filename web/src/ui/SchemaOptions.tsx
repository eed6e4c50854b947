/** One or several of a list: of the values that the schema names, or of entries that the API has. */
import { MultiSelect, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { ControlProps } from "./SchemaField";
import { choicesOf, fieldOf, isRecord, itemsOf, type Options, optionsOf } from "./schema";

export interface Option {
  value: string;
  label: string;
}

export function SchemaOptions(props: ControlProps) {
  const { field, root, common, value, onChange } = props;
  const items = field.kind === "choices" ? itemsOf(field.schema) : undefined;
  const item = items ? fieldOf(items, root).schema : field.schema;
  const options = optionsOf(field.schema) ?? optionsOf(item);
  const listed = useOptions(options);
  const fixed = choicesOf(item)?.map((one) => ({ value: String(one.value), label: one.label }));
  const known = fixed ?? listed.options;
  const chosen = Array.isArray(value) ? value.map(String) : typeof value === "string" ? [value] : [];
  const data = [...known, ...chosen.filter((one) => !known.some(({ value }) => value === one)).map(asOption)];
  const shared = {
    ...common,
    data,
    searchable: data.length > 8,
    nothingFoundMessage: listed.isLoading ? "Loading" : "Nothing fits",
    error: common.error ?? listed.wrong,
    placeholder: chosen.length > 0 ? undefined : "Choose",
    clearable: true,
  };
  if (field.kind === "choices") {
    const values = choicesOf(item)?.map((one) => one.value);
    const typed = (text: string) => values?.find((one) => String(one) === text) ?? text;
    return <MultiSelect {...shared} value={chosen} onChange={(now) => onChange(now.map(typed))} hidePickedOptions />;
  }
  return (
    <Select
      {...shared}
      value={chosen[0] ?? null}
      onChange={(now) => onChange(now ?? (field.isNullable ? null : undefined))}
    />
  );
}

function asOption(value: string): Option {
  return { value, label: value };
}

const MOST = 200;

/** The entries that a schema says to choose from. */
export function useOptions(options: Options | undefined) {
  const path = options?.path ?? "";
  const query = useQuery({
    queryKey: ["get", path, { params: { query: { limit: MOST } } }],
    queryFn: async ({ signal }) => {
      const { data } = await api.GET(path as never, { params: { query: { limit: MOST } }, signal } as never);
      return data as unknown;
    },
    enabled: options !== undefined,
  });
  return {
    options: optionsIn(query.data, options?.value),
    isLoading: query.isLoading,
    wrong: query.error ? "The list to choose from cannot be read." : undefined,
  };
}

const NAMES = ["name", "file_name", "flow_name", "title", "email", "hostname"];

/** The entries of a list of the API as options: by what they are called, and for what they stand. */
function optionsIn(answer: unknown, valueAt: string | undefined): Option[] {
  const items = isRecord(answer) && Array.isArray(answer.items) ? answer.items : [];
  const found = new Map<string, string>();
  for (const item of items) {
    if (!isRecord(item)) continue;
    const value = item[valueAt ?? "id"] ?? item[Object.keys(item).find((key) => key.endsWith("_id")) ?? "id"];
    if (value === undefined || value === null) continue;
    const name = NAMES.map((key) => item[key]).find((one) => typeof one === "string" && one !== "");
    found.set(String(value), String(name ?? value));
  }
  return [...found].map(([value, label]) => ({ value, label }));
}
