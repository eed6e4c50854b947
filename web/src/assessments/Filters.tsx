/** What narrows the lists of an assessment; all of it is in the address. */
import { Button, Checkbox, Group, MultiSelect } from "@mantine/core";
import { SearchBox } from "@/ui/SearchBox";
import { type PageSearch, usePageSearch } from "@/ui/search";
import { spoken } from "@/ui/words";
import { filterOf } from "./filtering";
import { READINESS, READINESS_ORDER, STRATEGIES, SUPPORT, SUPPORT_ORDER } from "./words";

const NONE: PageSearch = {
  q: undefined,
  strategy: undefined,
  readiness: undefined,
  support: undefined,
  overridden: undefined,
};

export type FilterName = "strategy" | "readiness" | "support" | "overridden";

export function Filters({ shows, label }: { shows: FilterName[]; label: string }) {
  const [search, setSearch] = usePageSearch();
  const filter = filterOf(search);
  const isFiltered =
    filter.text !== "" ||
    filter.onlyOverridden ||
    [filter.strategies, filter.readiness, filter.support].some((list) => list.length > 0);
  return (
    <Group gap="sm" align="center" p="md">
      <SearchBox label={label} value={filter.text} onChange={(q) => setSearch({ q })} w={{ base: "100%", sm: 240 }} />
      {shows.includes("strategy") && (
        <Pick
          label="Strategy"
          value={filter.strategies}
          data={STRATEGIES.map((value) => ({ value, label: spoken(value) }))}
          onChange={(strategy) => setSearch({ strategy })}
        />
      )}
      {shows.includes("readiness") && (
        <Pick
          label="Readiness"
          value={filter.readiness}
          data={READINESS_ORDER.map((value) => ({ value, label: READINESS[value].word }))}
          onChange={(readiness) => setSearch({ readiness })}
        />
      )}
      {shows.includes("support") && (
        <Pick
          label="Support on the move date"
          value={filter.support}
          data={SUPPORT_ORDER.map((value) => ({ value, label: SUPPORT[value].word }))}
          onChange={(support) => setSearch({ support })}
        />
      )}
      {shows.includes("overridden") && (
        <Checkbox
          label="Overridden only"
          checked={filter.onlyOverridden}
          onChange={(event) => setSearch({ overridden: event.currentTarget.checked ? "yes" : undefined })}
        />
      )}
      {isFiltered && (
        <Button size="compact-sm" variant="subtle" onClick={() => setSearch(NONE)}>
          Clear filters
        </Button>
      )}
    </Group>
  );
}

function Pick({
  label,
  value,
  data,
  onChange,
}: {
  label: string;
  value: string[];
  data: { value: string; label: string }[];
  onChange(value: string[]): void;
}) {
  return (
    <MultiSelect
      aria-label={label}
      placeholder={value.length === 0 ? label : undefined}
      data={data}
      value={value}
      onChange={onChange}
      clearable
      clearButtonProps={{ "aria-label": `Clear ${label.toLowerCase()}` }}
      w={{ base: "100%", sm: 240 }}
    />
  );
}
