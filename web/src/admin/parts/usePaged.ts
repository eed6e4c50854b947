/** The pages of a list as one, with the way to the next. */
import { useMemo } from "react";
import type { More } from "@/ui/DataTable";

interface Paged<Row> {
  data?: { pages: { items: Row[] }[] };
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage(): unknown;
}

export const PAGING = {
  initialPageParam: null,
  getNextPageParam: (page: { cursor?: string | null }) => page.cursor ?? undefined,
};

export function usePaged<Row>(list: Paged<Row>): { rows: Row[] | undefined; more: More } {
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items), [list.data]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const more = useMemo(
    () => ({ hasMore: hasNextPage, isLoading: isFetchingNextPage, load: () => void fetchNextPage() }),
    [hasNextPage, isFetchingNextPage, fetchNextPage],
  );
  return { rows, more };
}
