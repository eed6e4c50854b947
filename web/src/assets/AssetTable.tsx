/** The list itself: pages by cursor as the reader scrolls, and what can be done with the rows that are chosen. */
import { Button, Skeleton, Text } from "@mantine/core";
import { IconFilterOff } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { $api } from "@/api/client";
import type { AssetSort, ChosenIn } from "@/api/schema";
import { useMay, useMe } from "@/session/me";
import { DataTable } from "@/ui/DataTable";
import { Empty } from "@/ui/Empty";
import { count } from "@/ui/numbers";
import { ProblemNote } from "@/ui/ProblemNote";
import type { Belonging } from "./applications";
import { BulkEdit } from "./BulkEdit";
import { columnsOf } from "./columns";
import classes from "./InventoryPage.module.css";
import { SelectionBar } from "./SelectionBar";
import { NONE, targetOf, useChosen } from "./selection";

const PAGE = 200;
const HEIGHT = "100%"; // of what the filters leave of the window

export interface AssetTableProps {
  filter: ChosenIn;
  sort: AssetSort;
  total: number | undefined;
  ofAsset: ReadonlyMap<string, Belonging[]>;
  onSort(sort: string): void;
  onClear(): void;
}

export function AssetTable({ filter, sort, total, ofAsset, onSort, onClear }: AssetTableProps) {
  const { engagement_id: engagement } = useMe();
  const mayEdit = useMay("estate.decide");
  const navigate = useNavigate();
  const [isEditing, setEditing] = useState(false);
  const list = $api.useInfiniteQuery(
    "get",
    "/api/v1/assets",
    { params: { query: { ...filter, sort, limit: PAGE } } },
    {
      pageParamName: "cursor",
      initialPageParam: null,
      getNextPageParam: (last: { cursor: string | null }) => last.cursor ?? undefined,
      placeholderData: keepPreviousData,
    },
  );
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const columns = useMemo(() => columnsOf(engagement, ofAsset), [engagement, ofAsset]);
  const { chosen, setChosen, selection } = useChosen(rows, JSON.stringify(filter));
  const size = total ?? rows.length;

  if (list.error) return <ProblemNote error={list.error} onRetry={() => void list.refetch()} />;
  if (list.isPending) return <Skeleton height={420} role="status" aria-label="Loading the assets" />;
  if (rows.length === 0) return <NothingMatches onClear={onClear} />;
  return (
    <>
      <SelectionBar chosen={chosen} total={size} onChoose={setChosen} onEdit={() => setEditing(true)} />
      <div className={classes.table} data-old={list.isPlaceholderData || undefined}>
        <DataTable
          label="Assets"
          columns={columns}
          rows={rows}
          rowKey={({ id }) => id}
          rowLabel={({ name }) => name}
          onOpen={({ id }) =>
            void navigate({ to: "/e/$engagement/inventory/$assetId", params: { engagement, assetId: id } as never })
          }
          sort={sort}
          onSort={onSort}
          selection={mayEdit ? selection : undefined}
          more={{
            hasMore: list.hasNextPage,
            isLoading: list.isFetchingNextPage,
            load: () => void list.fetchNextPage(),
          }}
          total={size}
          height={HEIGHT}
        />
        <Text size="xs" c="dimmed" className={classes.foot}>
          {count(rows.length)} of {count(size)} read{list.isFetchingNextPage ? "; reading on" : ""}
        </Text>
      </div>
      {isEditing && (
        <BulkEdit
          target={targetOf(chosen, filter)}
          onClose={() => setEditing(false)}
          onDone={() => {
            setEditing(false);
            setChosen(NONE);
          }}
        />
      )}
    </>
  );
}

function NothingMatches({ onClear }: { onClear(): void }) {
  return (
    <Empty
      icon={IconFilterOff}
      title="No asset matches"
      action={
        <Button variant="default" onClick={onClear}>
          Clear the filters
        </Button>
      }
    >
      The filters together leave nothing. Take one of them back, or search for a shorter part of a name.
    </Empty>
  );
}
