/** The assessments of the engagement, the one that a page shows, and which servers make an application. */
import { useEffect, useMemo } from "react";
import { $api } from "@/api/client";

const PAGE = 200;

function useAssessments() {
  return $api.useQuery("get", "/api/v1/assessments", { params: { query: { limit: PAGE } } });
}

/** One assessment; the newest without an id. */
export function useAssessment(wanted: string | undefined) {
  const list = useAssessments();
  const id = wanted ?? list.data?.items[0]?.id;
  const found = $api.useQuery(
    "get",
    "/api/v1/assessments/{assessment_id}",
    { params: { path: { assessment_id: id ?? "" } } },
    { enabled: id !== undefined },
  );
  return { list, found, id };
}

/** Every application of the estate; grows until all pages are read. */
export function useApplications() {
  const { data, hasNextPage, isFetching, fetchNextPage } = $api.useInfiniteQuery(
    "get",
    "/api/v1/applications",
    { params: { query: { limit: PAGE } } },
    {
      pageParamName: "cursor",
      initialPageParam: null,
      getNextPageParam: (last: { cursor: string | null }) => last.cursor ?? undefined,
    },
  );
  useEffect(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage]);
  return useMemo(() => (data?.pages ?? []).flatMap((page) => page.items), [data]);
}

/** The servers of every application, by its id. */
export function useMembers(): ReadonlyMap<string, readonly string[]> {
  const applications = useApplications();
  return useMemo(() => new Map(applications.map((one) => [one.id, one.asset_ids])), [applications]);
}

/** An assessment as the client reads it: in its types a pair is a list. */
export type Assessment = NonNullable<ReturnType<typeof useAssessment>["found"]["data"]>;
