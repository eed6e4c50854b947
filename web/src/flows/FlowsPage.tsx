/** Every flow of every type, live; what the list shows is in the address. */
import { Skeleton } from "@mantine/core";
import { IconPlus, IconRoute2, IconSearchOff } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { $api } from "@/api/client";
import { Allowed, useMay, useMe } from "@/session/me";
import { DataTable } from "@/ui/DataTable";
import { Empty } from "@/ui/Empty";
import { ButtonLink } from "@/ui/links";
import { Page, Section } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { usePageSearch } from "@/ui/search";
import { BulkBar } from "./BulkBar";
import { flowColumns } from "./columns";
import { FlowsFilters } from "./FlowsFilters";
import { type FlowFilter, filterOf, isNarrowed, queryOf } from "./filters";
import { nameOf } from "./naming";
import { SavedViews } from "./SavedViews";
import { useChosen } from "./useChosen";
import { useFlowTypes } from "./useFlowTypes";

export function FlowsPage() {
  const [search, change] = usePageSearch();
  const filter = filterOf(search);
  return (
    <Page
      title="Flows"
      about="Every flow of this engagement, newest change first. What happens shows at once."
      actions={
        <>
          <SavedViews search={search} change={change} />
          <Allowed to="flows.run">
            <NewFlowButton />
          </Allowed>
        </>
      }
    >
      <FlowsFilters filter={filter} change={change} />
      <FlowList filter={filter} />
    </Page>
  );
}

function FlowList({ filter }: { filter: FlowFilter }) {
  const me = useMe();
  const types = useFlowTypes();
  const navigate = useNavigate();
  const list = $api.useInfiniteQuery(
    "get",
    "/api/v1/flows",
    { params: { query: queryOf(filter) } },
    {
      initialPageParam: null,
      getNextPageParam: (page: { cursor?: string | null }) => page.cursor ?? undefined,
      placeholderData: (before) => before,
    },
  );
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const mayRun = useMay("flows.run");
  const keys = useMemo(() => rows.map((flow) => flow.flow_id), [rows]);
  const chosen = useChosen(keys, queryOf(filter));
  const columns = useMemo(() => flowColumns(types, me), [types, me]);
  if (list.error && !list.data) return <ProblemNote error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return <Skeleton height={400} aria-label="Loading flows" />;
  return (
    <Section flush>
      {rows.length === 0 ? (
        <NoFlows isNarrowed={isNarrowed(filter)} />
      ) : (
        <>
          {chosen.ids.length > 0 && <BulkBar chosen={chosen} hasMore={list.hasNextPage} />}
          <DataTable
            label="Flows"
            selection={mayRun ? chosen.selection : undefined}
            columns={columns}
            rows={rows}
            rowKey={(flow) => flow.flow_id}
            rowLabel={(flow) => nameOf(flow, types)}
            onOpen={(flow) =>
              void navigate({
                to: "/e/$engagement/flows/$flowId",
                params: { engagement: me.engagement_id, flowId: flow.flow_id },
              })
            }
            height="calc(100dvh - 15rem)"
            more={{
              hasMore: list.hasNextPage,
              isLoading: list.isFetchingNextPage,
              load: () => void list.fetchNextPage(),
            }}
          />
        </>
      )}
    </Section>
  );
}

function NewFlowButton() {
  const me = useMe();
  return (
    <ButtonLink
      to="/e/$engagement/flows/new"
      params={{ engagement: me.engagement_id }}
      leftSection={<IconPlus size={16} aria-hidden />}
    >
      New flow
    </ButtonLink>
  );
}

function NoFlows({ isNarrowed }: { isNarrowed: boolean }) {
  const mayRun = useMay("flows.run");
  if (isNarrowed) {
    return (
      <Empty icon={IconSearchOff} title="No flow fits these filters">
        Take a filter away, or search for another part of the name.
      </Empty>
    );
  }
  return (
    <Empty icon={IconRoute2} title="No flows yet" action={mayRun && <NewFlowButton />}>
      A flow carries a piece of the programme from its inputs to an approved result: a discovery reads exports of the
      estate, an assessment recommends strategies, a planning orders the waves. Start with a discovery.
    </Empty>
  );
}
