/** Where sources contradict each other, and which value holds. */
import { Button, Group, NativeSelect, SegmentedControl, Skeleton } from "@mantine/core";
import { IconCircleCheck, IconX } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { useMemo } from "react";
import { $api } from "@/api/client";
import type { ConflictOut } from "@/api/schema";
import { type DataColumn, DataTable } from "@/ui/DataTable";
import { Empty } from "@/ui/Empty";
import { counted } from "@/ui/numbers";
import { Page } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { one, usePageSearch } from "@/ui/search";
import { Tone } from "@/ui/Tone";
import { ConflictDrawer } from "./ConflictDrawer";
import { candidates, conflictFilter } from "./conflicts";
import { GROUPS, spokenValue, titleOf } from "./fields";
import classes from "./InventoryPage.module.css";

const PAGE = 200;
const STATES = [
  { value: "all", label: "All" },
  { value: "open", label: "To decide" },
  { value: "settled", label: "Settled" },
];

const COLUMNS: DataColumn<ConflictOut>[] = [
  { key: "asset", header: "Asset", width: 12, cell: ({ asset_name }) => asset_name },
  { key: "field", header: "Field", width: 9, cell: ({ field }) => titleOf(field) },
  { key: "shown", header: "Shown", width: 13, cell: ({ field, preferred }) => spokenValue(field, preferred) },
  {
    key: "others",
    header: "Others say",
    width: 13,
    cell: (conflict) =>
      candidates(conflict)
        .filter(({ isShown }) => !isShown)
        .map(({ value }) => spokenValue(conflict.field, value))
        .join(", "),
  },
  { key: "state", header: "State", width: 9, cell: (conflict) => <ConflictState conflict={conflict} /> },
  { key: "why", header: "Why this value", width: 24, cell: ({ why }) => <span title={why}>{why}</span> },
];

export function ConflictState({ conflict }: { conflict: ConflictOut }) {
  if (conflict.decided_by) return <Tone tone="good">Decided</Tone>;
  return conflict.needs_review ? <Tone tone="wait">To decide</Tone> : <Tone tone="rest">By rule</Tone>;
}

export function ConflictsPage() {
  const [search, change] = usePageSearch();
  const filter = conflictFilter(search);
  const list = $api.useInfiniteQuery(
    "get",
    "/api/v1/conflicts",
    { params: { query: { ...filter, limit: PAGE } } },
    {
      pageParamName: "cursor",
      initialPageParam: null,
      getNextPageParam: (last: { cursor: string | null }) => last.cursor ?? undefined,
      placeholderData: keepPreviousData,
    },
  );
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const opened = rows.find(({ id }) => id !== null && id === one(search, "conflict"));
  const open = rows.filter(({ needs_review }) => needs_review).length;
  const about = list.data
    ? `${counted(rows.length, "conflict")}${list.hasNextPage ? " and more" : ""}, ${open} to decide`
    : "Where sources contradict each other";

  return (
    <Page title="Conflicts" about={<span aria-live="polite">{about}</span>}>
      <Group gap="sm">
        <SegmentedControl
          aria-label="State"
          data={STATES}
          value={one(search, "state") ?? "all"}
          onChange={(state) => change({ state: state === "all" ? undefined : state, conflict: undefined })}
        />
        <NativeSelect
          aria-label="Field"
          data={[{ value: "", label: "Every field" }, ...fieldChoices(rows, filter.field)]}
          value={filter.field ?? ""}
          onChange={(event) => change({ field: event.currentTarget.value || undefined })}
        />
        {filter.asset && (
          <Button
            variant="light"
            size="sm"
            rightSection={<IconX size={13} aria-hidden />}
            aria-label="Without the asset"
            onClick={() => change({ asset: undefined })}
          >
            Asset: {rows[0]?.asset_name ?? "this one"}
          </Button>
        )}
      </Group>
      {list.error && <ProblemNote error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <Skeleton height={360} role="status" aria-label="Loading the conflicts" />}
      {list.data && rows.length === 0 && <NothingToSettle />}
      {rows.length > 0 && (
        <div className={classes.table} data-old={list.isPlaceholderData || undefined}>
          <DataTable
            label="Conflicts"
            columns={COLUMNS}
            rows={rows}
            rowKey={(row) => row.id ?? `${row.asset_name} ${row.field}`}
            onOpen={({ id }) => change({ conflict: id ?? undefined })}
            more={{
              hasMore: list.hasNextPage,
              isLoading: list.isFetchingNextPage,
              load: () => void list.fetchNextPage(),
            }}
            height="max(20rem, calc(100dvh - 13.5rem))"
          />
        </div>
      )}
      {opened && (
        <ConflictDrawer
          key={opened.id}
          conflict={opened}
          conflicts={rows}
          onOpen={(conflict) => change({ conflict: conflict?.id ?? undefined })}
        />
      )}
    </Page>
  );
}

/** The fields that the list has, and those of the inventory, by their titles. */
function fieldChoices(rows: readonly ConflictOut[], chosen: string | undefined) {
  const fields = new Set([...rows.map(({ field }) => field), ...GROUPS.flatMap((group) => group.fields)]);
  if (chosen) fields.add(chosen);
  return [...fields]
    .map((value) => ({ value, label: titleOf(value) }))
    .sort((left, right) => left.label.localeCompare(right.label));
}

function NothingToSettle() {
  return (
    <Empty icon={IconCircleCheck} title="No source contradicts another here">
      When two files say different things of one machine, the contradiction is listed here with both cells, and a person
      can say which is right.
    </Empty>
  );
}
