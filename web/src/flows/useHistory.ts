/** The whole history of a flow, page after page, and on as it happens. */
import { useEffect, useMemo } from "react";
import { $api } from "@/api/client";
import type { EventOut } from "@/api/schema";

const PAGE = 200;

export interface FlowHistory {
  events: EventOut[];
  error: unknown;
  isLoading: boolean;
}

export function useHistory(flowId: string): FlowHistory {
  const { data, error, isLoading, hasNextPage, isFetchingNextPage, fetchNextPage } = $api.useInfiniteQuery(
    "get",
    "/api/v1/flows/{flow_id}/history",
    { params: { path: { flow_id: flowId }, query: { limit: PAGE } } },
    {
      pageParamName: "after",
      initialPageParam: 0,
      getNextPageParam: (page: { next_after?: number | null }) => page.next_after ?? undefined,
    },
  );
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const events = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  return { events, error, isLoading };
}
