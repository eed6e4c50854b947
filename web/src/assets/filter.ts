/** Which assets are asked for: what the address says, as the API takes it and as chips. */
import type { AssetField, AssetSort, AssetType, ChosenIn, Criticality, Environment, FacetsOut } from "@/api/schema";
import { all, one, type PageSearch } from "@/ui/search";
import { spoken } from "@/ui/words";
import { spokenValue, titleOf } from "./fields";

const FACETS = [
  "environment",
  "asset_type",
  "criticality",
  "operating_system",
  "datacenter",
  "power_state",
  "application",
] as const;
const SORTS = ["name", "environment", "operating_system", "cpu_cores", "memory_mib", "storage_provisioned_mib"];
const SORTED = new Set([...SORTS, "criticality"].flatMap((sort) => [sort, `-${sort}`]));
/** What the address says under these names is the filter. */
const FILTER_KEYS = [...FACETS, "unowned", "unknown", "search"];

/** The filter of an address, with only what is asked for. */
export function filterOf(search: PageSearch): ChosenIn {
  const filter: ChosenIn = {};
  // What an address says may be no value of a field; the API tells the reader so.
  if (search.environment) filter.environment = all(search, "environment") as Environment[];
  if (search.asset_type) filter.asset_type = all(search, "asset_type") as AssetType[];
  if (search.criticality) filter.criticality = all(search, "criticality") as Criticality[];
  if (search.unknown) filter.unknown = all(search, "unknown") as AssetField[];
  for (const field of ["operating_system", "datacenter", "power_state", "application"] as const) {
    if (search[field]) filter[field] = all(search, field);
  }
  if (one(search, "unowned") === "true") filter.unowned = true;
  const text = one(search, "search")?.trim();
  if (text) filter.search = text;
  return filter;
}

export function isFiltered(filter: ChosenIn): boolean {
  return Object.keys(filter).length > 0;
}

/** The order of an address; by name when it has none. */
export function sortOf(search: PageSearch): AssetSort {
  const sort = one(search, "sort");
  return sort && SORTED.has(sort) ? (sort as AssetSort) : "name";
}

/** One value that can be chosen in a facet; null is "not known". */
export interface Choice {
  field: string;
  value: string | null;
}

export function isChosen(search: PageSearch, { field, value }: Choice): boolean {
  if (field === "owner") return value === "unknown" && one(search, "unowned") === "true";
  return value === null ? all(search, "unknown").includes(field) : all(search, field).includes(value);
}

/** The change of the address that chooses a value, or drops it. */
export function toggled(search: PageSearch, choice: Choice): PageSearch {
  const isDropped = isChosen(search, choice);
  if (choice.field === "owner") return { unowned: isDropped ? undefined : "true" };
  const [key, text] = choice.value === null ? ["unknown", choice.field] : [choice.field, choice.value];
  const now = all(search, key);
  const next = isDropped ? now.filter((known) => known !== text) : [...now, text];
  return { [key]: next.length > 0 ? next : undefined };
}

export function cleared(): PageSearch {
  return Object.fromEntries(FILTER_KEYS.map((key) => [key, undefined]));
}

export interface Chip extends Choice {
  label: string;
}

/** What is filtered by, each with words; applications are named by the facets. */
export function chipsOf(search: PageSearch, facets: FacetsOut | undefined, names: ReadonlyMap<string, string>): Chip[] {
  const chosen: Choice[] = FACETS.flatMap((field) => all(search, field).map((value) => ({ field, value })));
  const unknown: Choice[] = all(search, "unknown").map((field) => ({ field, value: null }));
  const unowned: Choice[] = one(search, "unowned") === "true" ? [{ field: "owner", value: "unknown" }] : [];
  return [...chosen, ...unknown, ...unowned].map((choice) => ({
    ...choice,
    label: `${titleOf(choice.field)}: ${choiceLabel(choice, labelIn(facets, choice) ?? nameOf(choice, names))}`,
  }));
}

/** How a value of a facet is called. */
export function choiceLabel({ field, value }: Choice, label?: string | null): string {
  if (value === null) return field === "application" ? "None" : "Not known";
  if (field === "owner") return value === "unknown" ? "Not known" : spoken(value);
  return label ?? spokenValue(field, value);
}

function nameOf({ field, value }: Choice, names: ReadonlyMap<string, string>) {
  return field === "application" && value ? names.get(value) : undefined;
}

function labelIn(facets: FacetsOut | undefined, { field, value }: Choice) {
  return facets?.facets.find((facet) => facet.field === field)?.values.find((known) => known.value === value)?.label;
}
