/** What narrows the list of flows; all of it is in the address. */
import { Button, Chip, Group } from "@mantine/core";
import { FilterMenu } from "@/ui/FilterMenu";
import { SearchBox } from "@/ui/SearchBox";
import type { PageSearch } from "@/ui/search";
import { type FlowFilter, isNarrowed, NO_FILTER, STATUSES } from "./filters";
import { FlowStatusTone, STATUS } from "./status";
import { useFlowTypes } from "./useFlowTypes";

export function FlowsFilters({ filter, change }: { filter: FlowFilter; change(part: PageSearch): void }) {
  const types = useFlowTypes() ?? [];
  return (
    <Group gap="sm">
      <SearchBox
        label="Search flows"
        placeholder="Search by name"
        w={{ base: "100%", sm: 240 }}
        value={filter.search}
        onChange={(text) => change({ q: text?.trim() || undefined })}
      />
      <FilterMenu
        label="Status"
        choices={STATUSES.map((status) => ({
          value: status,
          label: STATUS[status].word,
          shown: <FlowStatusTone status={status} />,
        }))}
        chosen={filter.statuses}
        onChange={(chosen) => change({ status: chosen })}
      />
      <FilterMenu
        label="Type"
        choices={types.map((type) => ({ value: type.name, label: type.title }))}
        chosen={filter.types}
        onChange={(chosen) => change({ type: chosen })}
      />
      <Chip checked={filter.isMine} onChange={(on) => change({ mine: on ? "yes" : undefined })}>
        Started by me
      </Chip>
      <Chip checked={filter.isDeleted} onChange={(on) => change({ deleted: on ? "yes" : undefined })}>
        With deleted
      </Chip>
      {(isNarrowed(filter) || filter.isDeleted) && (
        <Button variant="subtle" color="gray" onClick={() => change(NO_FILTER)}>
          Clear
        </Button>
      )}
    </Group>
  );
}
