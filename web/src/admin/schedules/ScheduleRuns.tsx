/** What became of the runs of a schedule. */
import { Text } from "@mantine/core";
import { useMemo } from "react";
import { $api } from "@/api/client";
import type { RunOutcome, ScheduleRunOut } from "@/api/schema";
import { useMe } from "@/session/me";
import type { DataColumn } from "@/ui/DataTable";
import { AnchorLink } from "@/ui/links";
import { Tone, type ToneName } from "@/ui/Tone";
import { Stamp, When } from "@/ui/When";
import { Listing } from "../parts/Listing";

const SAID: Record<RunOutcome, { word: string; tone: ToneName }> = {
  started: { word: "Started", tone: "good" },
  passed: { word: "Left out", tone: "rest" },
  refused: { word: "Refused", tone: "bad" },
};

export function ScheduleRuns({ id }: { id: string }) {
  const me = useMe();
  const list = $api.useInfiniteQuery(
    "get",
    "/api/v1/schedules/{schedule_id}/runs",
    { params: { path: { schedule_id: id }, query: { limit: 100 } } },
    {
      pageParamName: "before",
      initialPageParam: null,
      getNextPageParam: (page: { next_before?: number | null }) => page.next_before ?? undefined,
    },
  );
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items), [list.data]);
  const columns: DataColumn<ScheduleRunOut>[] = [
    { key: "due", header: "Due", cell: (row) => <Stamp at={row.due_at} />, width: 12 },
    { key: "at", header: "Done", cell: (row) => <When at={row.at} />, width: 8 },
    {
      key: "outcome",
      header: "Outcome",
      cell: (row) => <Tone tone={SAID[row.outcome].tone}>{SAID[row.outcome].word}</Tone>,
      width: 9,
    },
    {
      key: "flow",
      header: "Flow or reason",
      cell: (row) =>
        row.flow_id ? (
          <AnchorLink to="/e/$engagement/flows/$flowId" params={{ engagement: me.engagement_id, flowId: row.flow_id }}>
            Open the flow
          </AnchorLink>
        ) : (
          <span title={row.says ?? undefined}>{row.says}</span>
        ),
      width: 20,
    },
  ];
  return (
    <Listing
      title="Runs"
      label="Runs of the schedule, newest first"
      columns={columns}
      rows={rows}
      more={{ hasMore: list.hasNextPage, isLoading: list.isFetchingNextPage, load: () => void list.fetchNextPage() }}
      height="28rem"
      rowKey={(row) => String(row.id)}
      error={list.error}
      onRetry={() => void list.refetch()}
      empty={
        <Text c="dimmed" p="md">
          It has not been due yet. Runs that you start by hand are listed with the flows.
        </Text>
      }
    />
  );
}
